import type { ByteString } from '../byte-string.ts';

/** Where a pattern looks: a field's number, the message, or the location. */
export type LeadTarget = number | 'log' | 'location';

/**
 * Something simple that must be true of an event before a condition can hold. The index finds by it the few rules that are worth
 * trying; it never decides by itself. Texts are in lower case and compared without case, which finds too many rather than too few.
 */
export type Lead =
  /** The whole value is one of these. */
  | { readonly kind: 'equals'; readonly target: LeadTarget; readonly values: readonly ByteString[] }
  /** The value contains one of these. */
  | { readonly kind: 'contains'; readonly target: LeadTarget; readonly texts: readonly ByteString[] }
  /** The field is there. */
  | { readonly kind: 'exists'; readonly target: number };
