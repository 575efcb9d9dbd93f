import { type Event, emptyScalar, event } from './event.ts';
import { parserError } from './mark.ts';
import { parseNode } from './parse-node.ts';
import { leave, type ParserState, peek, takeAndPeek, unexpected } from './parser-state.ts';

export function parseStreamStart(parser: ParserState): Event {
  const token = peek(parser);
  parser.scanner.take();
  parser.state = 'implicit-document-start';
  return event('stream-start', token.start);
}

/** The first document needs no `---`. */
export function parseImplicitDocumentStart(parser: ParserState): Event {
  const token = peek(parser);
  if (['version-directive', 'tag-directive', 'document-start', 'stream-end'].includes(token.type)) return parseDocumentStart(parser);
  parseDirectives(parser);
  parser.outer.push('document-end');
  parser.state = 'block-node';
  return event('document-start', token.start);
}

export function parseExplicitDocumentStart(parser: ParserState): Event {
  while (peek(parser).type === 'document-end') parser.scanner.take();
  return parseDocumentStart(parser);
}

function parseDocumentStart(parser: ParserState): Event {
  const first = peek(parser);
  if (first.type === 'stream-end') {
    parser.state = 'end';
    return event('stream-end', first.start);
  }
  parseDirectives(parser);
  const token = peek(parser);
  if (token.type !== 'document-start') throw unexpected('did not find expected <document start>', token);
  parser.outer.push('document-end');
  parser.state = 'document-content';
  parser.scanner.take();
  return event('document-start', first.start);
}

export function parseDocumentContent(parser: ParserState): Event {
  const token = peek(parser);
  if (!['version-directive', 'tag-directive', 'document-start', 'document-end', 'stream-end'].includes(token.type))
    return parseNode(parser, { block: true, indentless: false });
  leave(parser);
  return emptyScalar(token.start);
}

export function parseDocumentEnd(parser: ParserState): Event {
  const token = peek(parser);
  if (token.type === 'document-end') parser.scanner.take();
  parser.tagPrefixes.clear();
  parser.state = 'document-start';
  return event('document-end', token.start);
}

function parseDirectives(parser: ParserState): void {
  let hasVersion = false;
  let token = peek(parser);
  while (token.type === 'version-directive' || token.type === 'tag-directive') {
    if (token.type === 'version-directive') {
      if (hasVersion) throw parserError('found duplicate %YAML directive', token.start);
      if (token.value !== '1.1') throw parserError('found incompatible YAML document', token.start);
      hasVersion = true;
    } else {
      if (parser.tagPrefixes.has(token.value)) throw parserError('found duplicate %TAG directive', token.start);
      parser.tagPrefixes.set(token.value, token.suffix);
    }
    token = takeAndPeek(parser);
  }
  for (const [handle, prefix] of DEFAULT_TAG_PREFIXES) if (!parser.tagPrefixes.has(handle)) parser.tagPrefixes.set(handle, prefix);
}

const DEFAULT_TAG_PREFIXES = [
  ['!', '!'],
  ['!!', 'tag:yaml.org,2002:'],
] as const;
