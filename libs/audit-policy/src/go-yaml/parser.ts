import { CharacterBuffer } from './character-buffer.ts';
import type { Event } from './event.ts';
import {
  parseBlockFirst,
  parseBlockMappingKey,
  parseBlockMappingValue,
  parseBlockSequenceEntry,
  parseIndentlessSequenceEntry,
} from './parse-block.ts';
import {
  parseDocumentContent,
  parseDocumentEnd,
  parseExplicitDocumentStart,
  parseImplicitDocumentStart,
  parseStreamStart,
} from './parse-document.ts';
import * as flow from './parse-flow.ts';
import { parseNode } from './parse-node.ts';
import type { ParserState, ParseStep, State } from './parser-state.ts';
import { Scanner } from './scanner.ts';

/** Events of a YAML 1.1 text, one a call: a port of go.yaml.in/yaml/v2 v2.4.3 parserc.go. Undefined after the last. */
export function createParser(text: Uint8Array): () => Event | undefined {
  const parser: ParserState = {
    scanner: new Scanner(new CharacterBuffer(text)),
    state: 'stream-start',
    outer: [],
    tagPrefixes: new Map(),
  };
  return () => (parser.state === 'end' ? undefined : STEPS[parser.state](parser));
}

const STEPS: Readonly<Record<Exclude<State, 'end'>, ParseStep>> = {
  'stream-start': parseStreamStart,
  'implicit-document-start': parseImplicitDocumentStart,
  'document-start': parseExplicitDocumentStart,
  'document-content': parseDocumentContent,
  'document-end': parseDocumentEnd,
  'block-node': (parser) => parseNode(parser, { block: true, indentless: false }),
  'block-sequence-first-entry': parseBlockFirst(parseBlockSequenceEntry),
  'block-sequence-entry': parseBlockSequenceEntry,
  'indentless-sequence-entry': parseIndentlessSequenceEntry,
  'block-mapping-first-key': parseBlockFirst(parseBlockMappingKey),
  'block-mapping-key': parseBlockMappingKey,
  'block-mapping-value': parseBlockMappingValue,
  'flow-sequence-first-entry': flow.parseFlowSequenceFirstEntry,
  'flow-sequence-entry': flow.parseFlowSequenceEntry,
  'flow-sequence-entry-mapping-key': flow.parseFlowSequenceEntryMappingKey,
  'flow-sequence-entry-mapping-value': flow.parseFlowSequenceEntryMappingValue,
  'flow-sequence-entry-mapping-end': flow.parseFlowSequenceEntryMappingEnd,
  'flow-mapping-first-key': flow.parseFlowMappingFirstKey,
  'flow-mapping-key': flow.parseFlowMappingKey,
  'flow-mapping-value': flow.parseFlowMappingValue,
  'flow-mapping-empty-value': flow.parseFlowMappingEmptyValue,
};
