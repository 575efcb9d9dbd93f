/** A planted defect: one textual change that some test must notice. */
export interface Mutant {
  /** What a user would suffer: `a 2xx no longer means on disk`. */
  readonly name: string;
  readonly file: string;
  /** Occurs exactly once in the file; when it no longer does, the mutant has to follow the code. */
  readonly find: string;
  readonly replace: string;
  /** Paths of the tests that should notice, as vitest filters. */
  readonly tests: readonly string[];
}

/** @throws when `find` does not occur exactly once */
export function applyMutant(text: string, { name, file, find, replace }: Mutant): string {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`mutant "${name}": its text occurs ${parts.length - 1} times in ${file}, it must occur once`);
  return parts.join(replace);
}
