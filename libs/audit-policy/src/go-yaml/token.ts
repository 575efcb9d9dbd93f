import type { Mark } from './mark.ts';

export type TokenType =
  | 'stream-start'
  | 'stream-end'
  | 'version-directive'
  | 'tag-directive'
  | 'document-start'
  | 'document-end'
  | 'block-sequence-start'
  | 'block-mapping-start'
  | 'block-end'
  | 'flow-sequence-start'
  | 'flow-sequence-end'
  | 'flow-mapping-start'
  | 'flow-mapping-end'
  | 'block-entry'
  | 'flow-entry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar';

export interface Token {
  readonly type: TokenType;
  readonly start: Mark;
  readonly end: Mark;
  /** Scalar text, anchor or alias name, tag handle, `1.1` of a version directive, handle of a tag directive. */
  readonly value: string;
  /** Suffix of a tag, prefix of a tag directive. */
  readonly suffix: string;
  /** Of a scalar: written without quotes and not as a block. */
  readonly plain: boolean;
}

export function token(type: TokenType, start: Mark, end: Mark, value = '', suffix = '', plain = false): Token {
  return { type, start, end, value, suffix, plain };
}

/** The scanner collects bytes; a token carries text. */
export function textOf(bytes: readonly number[]): string {
  return Buffer.from(bytes as number[]).toString('utf8');
}
