/** A place in a policy file; line and column count from 1, as editors do. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/**
 * A document as a tree of JSON values that know where they are written: what both formats come down to before they
 * are read into types. An object keeps the order of its keys and both of a key that it has twice.
 */
export type Data = Span &
  (
    | { readonly kind: 'null' }
    | { readonly kind: 'bool'; readonly value: boolean }
    /** As the text has it: a number may be larger than JavaScript counts. */
    | { readonly kind: 'number'; readonly text: string }
    | { readonly kind: 'string'; readonly value: string }
    | { readonly kind: 'array'; readonly items: readonly Data[] }
    | { readonly kind: 'object'; readonly entries: readonly Entry[] }
  );

/** From its first character to behind its last; comments around it do not belong to it. */
export interface Span {
  readonly place: Place;
  readonly end: Place;
}

export interface Entry {
  readonly key: string;
  readonly keyPlace: Place;
  readonly keyEnd: Place;
  readonly value: Data;
}

/** A document that cannot be a JSON value, or that Go's decoder gives up on; the message is Go's. */
export class DataError extends Error {
  override readonly name = 'DataError';
  readonly place: Place | undefined;

  constructor(message: string, place?: Place) {
    super(message);
    this.place = place;
  }
}

/** encoding/json scanner.go maxNestingDepth. */
export const MAX_DEPTH = 10_000;
