/** A copy of the sources in which a defect can be planted, for tools that run the product with one. */
export { applyMutant, type Mutant } from './mutant.ts';
export { copyWorkspace, type WorkspaceCopy } from './workspace-copy.ts';
