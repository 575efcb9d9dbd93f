import type { ByteString } from '../byte-string.ts';
import { fixedLengthOf } from './fixed-length.ts';
import { parseBranches } from './parse.ts';
import { DEFAULT_OPTIONS, isAtEnd, noteUnsupported, type PatternReader, peek } from './pattern-reader.ts';
import { invalid, PatternRefusal } from './pattern-refusal.ts';
import { alternativesOf, childrenOf, type Node } from './syntax-tree.ts';
import { decodeUtf8 } from './utf8.ts';

export interface ParsedPattern {
  readonly root: Node;
  /** The pattern works on code points and a subject that is not UTF-8 never matches. */
  readonly utf: boolean;
  /** Word boundaries by Unicode properties. */
  readonly ucp: boolean;
  readonly maxCode: number;
  readonly groups: number;
}

/** PCRE2 10.42 with no options, the way wazuh-analysisd compiles. Throws `PatternRefusal`. */
export function parsePattern(pattern: ByteString): ParsedPattern {
  const settings = readSettings(pattern);
  const body = pattern.slice(settings.length);
  const units = settings.utf ? decodeUtf8(body) : Array.from(body, (byte) => byte.charCodeAt(0));
  if (units === undefined) return invalid('UTF-8 error in the pattern', settings.length);
  const reader: PatternReader = {
    units,
    at: 0,
    options: DEFAULT_OPTIONS,
    utf: settings.utf,
    ucp: settings.ucp,
    maxCode: settings.utf ? 0x10ffff : 0xff,
    groups: 0,
    highestGroup: 0,
    names: new Map(),
    namesByGroup: new Map(),
    groupBodies: new Map(),
    references: [],
    depth: 0,
    lookDepth: 0,
    unsupported: undefined,
    parseBranches,
  };
  for (const construct of settings.unsupported) noteUnsupported(reader, construct);
  const root = alternativesOf(parseBranches(reader));
  if (!isAtEnd(reader)) invalid(peek(reader) === ')' ? 'unmatched closing parenthesis' : 'internal error', reader.at);
  checkReferences(reader);
  // Behind (*ACCEPT) too the length of a lookbehind is not measured.
  if (reader.unsupported?.construct !== '(*ACCEPT)') checkLookbehinds(root, reader);
  if (reader.unsupported !== undefined) {
    throw new PatternRefusal('unsupported', reader.unsupported.construct, reader.unsupported.offset);
  }
  const { utf, ucp, maxCode, highestGroup: groups } = reader;
  return { root, utf, ucp, maxCode, groups };
}

interface Settings {
  readonly utf: boolean;
  readonly ucp: boolean;
  readonly length: number;
  readonly unsupported: readonly string[];
}

/** `(*UTF)` and its relatives, which stand at the very start. Source: pcre2_compile.c, pso_list. */
function readSettings(pattern: ByteString): Settings {
  let utf = false;
  let ucp = false;
  let length = 0;
  const unsupported: string[] = [];
  for (;;) {
    const name = /^\(\*([A-Z_0-9]+)(=\d+)?\)/.exec(pattern.slice(length));
    const setting = name?.[1] ?? '';
    if (setting === 'UTF' || setting === 'UTF8') utf = true;
    else if (setting === 'UCP') ucp = true;
    else if (/^(NOTEMPTY|NOTEMPTY_ATSTART|CR|CRLF|ANY|NUL|ANYCRLF|BSR_ANYCRLF|LIMIT_(MATCH|DEPTH|HEAP|RECURSION))$/.test(setting))
      unsupported.push(`(*${setting})`);
    // How fast it is, or what is the default anyway.
    else if (!/^(LF|BSR_UNICODE|NO_AUTO_POSSESS|NO_DOTSTAR_ANCHOR|NO_JIT|NO_START_OPT)$/.test(setting))
      return { utf, ucp, length, unsupported };
    length += name?.[0].length ?? 0;
  }
}

function checkReferences(reader: PatternReader): void {
  for (const { group, offset } of reader.references) {
    const exists = typeof group === 'number' ? group >= 1 && group <= reader.highestGroup : (reader.names.get(group)?.length ?? 0) > 0;
    if (!exists) invalid('reference to non-existent subpattern', offset);
  }
}

function checkLookbehinds(node: Node, reader: PatternReader): void {
  if (node.kind === 'look' && node.behind) {
    for (const branch of node.branches) {
      if (fixedLengthOf(branch, reader.groupBodies) === undefined) invalid('lookbehind assertion is not fixed length', node.offset);
    }
  }
  for (const child of childrenOf(node)) checkLookbehinds(child, reader);
}
