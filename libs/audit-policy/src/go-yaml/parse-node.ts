import { type Event, event } from './event.ts';
import { parserError } from './mark.ts';
import { leave, type ParserState, peek, type State, takeAndPeek } from './parser-state.ts';
import type { Token } from './token.ts';

/** Where a node stands: `block` outside of brackets, `indentless` where `- ` may stand as far out as its key. */
export interface NodePlace {
  readonly block: boolean;
  readonly indentless: boolean;
}

/** An alias, a scalar, or the start of a collection, with its anchor and tag. */
export function parseNode(parser: ParserState, place: NodePlace): Event {
  const first = peek(parser);
  if (first.type === 'alias') {
    leave(parser);
    parser.scanner.take();
    return { ...event('alias', first.start, first.end), anchor: first.value };
  }
  const { anchor, tag } = parseProperties(parser);
  const token = peek(parser);
  const start = first.start;
  if (token.type === 'scalar') {
    leave(parser);
    parser.scanner.take();
    return { type: 'scalar', start, end: token.end, anchor, tag, value: token.value, implicit: (tag === '' && token.plain) || tag === '!' };
  }
  const collection = collectionAt(token, place);
  if (collection !== undefined) {
    parser.state = collection.state;
    return { ...event(collection.type, start), anchor, tag };
  }
  if (anchor !== undefined || tag !== '') {
    leave(parser);
    return { type: 'scalar', start, end: start, anchor, tag, value: '', implicit: tag === '' };
  }
  throw parserError('did not find expected node content', token.start);
}

interface Properties {
  readonly anchor: string | undefined;
  readonly tag: string;
}

/** At most one anchor and one tag, in either order. */
function parseProperties(parser: ParserState): Properties {
  let anchor: string | undefined;
  let tag: Token | undefined;
  let token = peek(parser);
  while ((token.type === 'anchor' && anchor === undefined) || (token.type === 'tag' && tag === undefined)) {
    if (token.type === 'anchor') anchor = token.value;
    else tag = token;
    token = takeAndPeek(parser);
  }
  return { anchor, tag: tag === undefined ? '' : resolveTag(parser, tag) };
}

function resolveTag(parser: ParserState, tag: Token): string {
  if (tag.value === '') return tag.suffix;
  const prefix = parser.tagPrefixes.get(tag.value);
  const resolved = prefix === undefined ? '' : prefix + tag.suffix;
  if (resolved === '') throw parserError('found undefined tag handle', tag.start);
  return resolved;
}

function collectionAt(
  token: Token,
  place: NodePlace,
): { readonly type: 'sequence-start' | 'mapping-start'; readonly state: State } | undefined {
  if (place.indentless && token.type === 'block-entry') return { type: 'sequence-start', state: 'indentless-sequence-entry' };
  if (token.type === 'flow-sequence-start') return { type: 'sequence-start', state: 'flow-sequence-first-entry' };
  if (token.type === 'flow-mapping-start') return { type: 'mapping-start', state: 'flow-mapping-first-key' };
  if (place.block && token.type === 'block-sequence-start') return { type: 'sequence-start', state: 'block-sequence-first-entry' };
  if (place.block && token.type === 'block-mapping-start') return { type: 'mapping-start', state: 'block-mapping-first-key' };
  return undefined;
}
