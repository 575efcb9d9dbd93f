import { type Event, emptyScalar, event } from './event.ts';
import { parseNode } from './parse-node.ts';
import { leave, type ParserState, peek, takeAndPeek, unexpected } from './parser-state.ts';
import type { Token } from './token.ts';

const FLOW_NODE = { block: false, indentless: false };

export function parseFlowSequenceFirstEntry(parser: ParserState): Event {
  return parseSequenceEntryAt(parser, takeAndPeek(parser));
}

export function parseFlowSequenceEntry(parser: ParserState): Event {
  return parseSequenceEntryAt(parser, takeComma(parser, 'flow-sequence-end', "did not find expected ',' or ']'"));
}

function parseSequenceEntryAt(parser: ParserState, token: Token): Event {
  if (token.type === 'flow-sequence-end') {
    leave(parser);
    parser.scanner.take();
    return event('sequence-end', token.start, token.end);
  }
  if (token.type === 'key') {
    // `[a: b]`: a mapping of one pair.
    parser.state = 'flow-sequence-entry-mapping-key';
    parser.scanner.take();
    return event('mapping-start', token.start);
  }
  parser.outer.push('flow-sequence-entry');
  return parseNode(parser, FLOW_NODE);
}

export function parseFlowSequenceEntryMappingKey(parser: ParserState): Event {
  const token = peek(parser);
  if (!['value', 'flow-entry', 'flow-sequence-end'].includes(token.type)) {
    parser.outer.push('flow-sequence-entry-mapping-value');
    return parseNode(parser, FLOW_NODE);
  }
  // libyaml takes the token although it is not its own; so do we.
  parser.scanner.take();
  parser.state = 'flow-sequence-entry-mapping-value';
  return emptyScalar(token.end);
}

export function parseFlowSequenceEntryMappingValue(parser: ParserState): Event {
  const token = peek(parser);
  if (token.type === 'value' && !['flow-entry', 'flow-sequence-end'].includes(takeAndPeek(parser).type)) {
    parser.outer.push('flow-sequence-entry-mapping-end');
    return parseNode(parser, FLOW_NODE);
  }
  parser.state = 'flow-sequence-entry-mapping-end';
  return emptyScalar(token.start);
}

export function parseFlowSequenceEntryMappingEnd(parser: ParserState): Event {
  parser.state = 'flow-sequence-entry';
  return event('mapping-end', peek(parser).start);
}

export function parseFlowMappingFirstKey(parser: ParserState): Event {
  return parseMappingKeyAt(parser, takeAndPeek(parser));
}

export function parseFlowMappingKey(parser: ParserState): Event {
  return parseMappingKeyAt(parser, takeComma(parser, 'flow-mapping-end', "did not find expected ',' or '}'"));
}

function parseMappingKeyAt(parser: ParserState, token: Token): Event {
  if (token.type === 'flow-mapping-end') {
    leave(parser);
    parser.scanner.take();
    return event('mapping-end', token.start, token.end);
  }
  if (token.type !== 'key') {
    parser.outer.push('flow-mapping-empty-value');
    return parseNode(parser, FLOW_NODE);
  }
  const next = takeAndPeek(parser);
  if (['value', 'flow-entry', 'flow-mapping-end'].includes(next.type)) {
    parser.state = 'flow-mapping-value';
    return emptyScalar(next.start);
  }
  parser.outer.push('flow-mapping-value');
  return parseNode(parser, FLOW_NODE);
}

export function parseFlowMappingValue(parser: ParserState): Event {
  let token = peek(parser);
  if (token.type === 'value') {
    token = takeAndPeek(parser);
    if (token.type !== 'flow-entry' && token.type !== 'flow-mapping-end') {
      parser.outer.push('flow-mapping-key');
      return parseNode(parser, FLOW_NODE);
    }
  }
  return parseFlowMappingEmptyValue(parser);
}

/** `{a}`: a key without a value. */
export function parseFlowMappingEmptyValue(parser: ParserState): Event {
  parser.state = 'flow-mapping-key';
  return emptyScalar(peek(parser).start);
}

/** Between two entries of a flow collection; the closing bracket may stand instead of the comma and after it. */
function takeComma(parser: ParserState, closing: 'flow-sequence-end' | 'flow-mapping-end', problem: string): Token {
  const token = peek(parser);
  if (token.type === closing) return token;
  if (token.type !== 'flow-entry') throw unexpected(problem, token);
  return takeAndPeek(parser);
}
