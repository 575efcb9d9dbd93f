import { type Event, emptyScalar, event } from './event.ts';
import { parseNode } from './parse-node.ts';
import { leave, type ParserState, peek, takeAndPeek, unexpected } from './parser-state.ts';

/** After the token that opens a block collection. */
export function parseBlockFirst(parse: (parser: ParserState) => Event): (parser: ParserState) => Event {
  return (parser) => {
    parser.scanner.take();
    return parse(parser);
  };
}

export function parseBlockSequenceEntry(parser: ParserState): Event {
  const token = peek(parser);
  if (token.type === 'block-entry') {
    const next = takeAndPeek(parser);
    if (next.type === 'block-entry' || next.type === 'block-end') {
      parser.state = 'block-sequence-entry';
      return emptyScalar(token.end);
    }
    parser.outer.push('block-sequence-entry');
    return parseNode(parser, { block: true, indentless: false });
  }
  if (token.type !== 'block-end') throw unexpected("did not find expected '-' indicator", token);
  leave(parser);
  parser.scanner.take();
  return event('sequence-end', token.start);
}

export function parseIndentlessSequenceEntry(parser: ParserState): Event {
  const token = peek(parser);
  if (token.type !== 'block-entry') {
    leave(parser);
    return event('sequence-end', token.start);
  }
  if (['block-entry', 'key', 'value', 'block-end'].includes(takeAndPeek(parser).type)) {
    parser.state = 'indentless-sequence-entry';
    return emptyScalar(token.end);
  }
  parser.outer.push('indentless-sequence-entry');
  return parseNode(parser, { block: true, indentless: false });
}

export function parseBlockMappingKey(parser: ParserState): Event {
  const token = peek(parser);
  if (token.type === 'key') {
    if (['key', 'value', 'block-end'].includes(takeAndPeek(parser).type)) {
      parser.state = 'block-mapping-value';
      return emptyScalar(token.end);
    }
    parser.outer.push('block-mapping-value');
    return parseNode(parser, { block: true, indentless: true });
  }
  if (token.type !== 'block-end') throw unexpected('did not find expected key', token);
  leave(parser);
  parser.scanner.take();
  return event('mapping-end', token.start);
}

export function parseBlockMappingValue(parser: ParserState): Event {
  const token = peek(parser);
  if (token.type !== 'value') {
    parser.state = 'block-mapping-key';
    return emptyScalar(token.start);
  }
  if (['key', 'value', 'block-end'].includes(takeAndPeek(parser).type)) {
    parser.state = 'block-mapping-key';
    return emptyScalar(token.end);
  }
  parser.outer.push('block-mapping-key');
  return parseNode(parser, { block: true, indentless: true });
}
