import type { Mutant } from './mutant.ts';

/** Each promise of the product has a defect here that breaks it, and that the tests must notice. */
export const MUTANTS: readonly Mutant[] = [];
