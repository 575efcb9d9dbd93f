import type { Event } from './event.ts';
import { parserError } from './mark.ts';
import type { Scanner } from './scanner.ts';
import type { Token } from './token.ts';

/** What the parser is in the middle of; parserc.go's states. */
export type State =
  | 'stream-start'
  | 'implicit-document-start'
  | 'document-start'
  | 'document-content'
  | 'document-end'
  | 'block-sequence-first-entry'
  | 'block-sequence-entry'
  | 'indentless-sequence-entry'
  | 'block-mapping-first-key'
  | 'block-mapping-key'
  | 'block-mapping-value'
  | 'block-node'
  | 'flow-sequence-first-entry'
  | 'flow-sequence-entry'
  | 'flow-sequence-entry-mapping-key'
  | 'flow-sequence-entry-mapping-value'
  | 'flow-sequence-entry-mapping-end'
  | 'flow-mapping-first-key'
  | 'flow-mapping-key'
  | 'flow-mapping-value'
  | 'flow-mapping-empty-value'
  | 'end';

/** A stack of states instead of recursion: 10,000 open brackets are a text like any other. */
export interface ParserState {
  readonly scanner: Scanner;
  state: State;
  /** Where to go on when the node that is being parsed has ended. */
  readonly outer: State[];
  /** Tag handle -> prefix, of the document at hand. */
  readonly tagPrefixes: Map<string, string>;
}

export type ParseStep = (parser: ParserState) => Event;

/** The next token. */
export function peek(parser: ParserState): Token {
  return parser.scanner.peek();
}

/** Takes a token and shows the one after it. */
export function takeAndPeek(parser: ParserState): Token {
  parser.scanner.take();
  return parser.scanner.peek();
}

/** The node at hand has ended. */
export function leave(parser: ParserState): void {
  parser.state = parser.outer.pop() ?? 'end';
}

export function unexpected(problem: string, token: Token): Error {
  return parserError(problem, token.start);
}
