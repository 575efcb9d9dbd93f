/** Runs for so long and gives a line of what it did; throws at the first broken promise. */
export type Target = (options: { readonly milliseconds: number; readonly seed: number }) => Promise<string>;
