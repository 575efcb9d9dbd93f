/**
 * JSON as places in its bytes: redaction replaces ranges and leaves every other byte as it came. Reading and writing
 * the whole would change numbers above 2^53, and the order and the escapes that a hash or a person compares.
 * Neither the reader nor its callers recurse: the depth is the sender's choice.
 */
export type JsonNode = JsonObjectNode | JsonArrayNode | JsonLeafNode;

export interface JsonObjectNode {
  readonly kind: 'object';
  readonly start: number;
  end: number;
  /** Duplicates included, in order. */
  readonly members: JsonMember[];
}

export interface JsonMember {
  readonly key: string;
  readonly value: JsonNode;
}

export interface JsonArrayNode {
  readonly kind: 'array';
  readonly start: number;
  end: number;
  readonly items: JsonNode[];
}

/** A string with its quotes, or a number or word. */
export interface JsonLeafNode {
  readonly kind: 'string' | 'scalar';
  readonly start: number;
  readonly end: number;
}

/** Undefined for what is no JSON. The text is the one that the offsets belong to. */
export function readJsonTree(text: string): JsonNode | undefined {
  // Whatever JSON.parse refuses has no tree; below, only well-formed text is walked.
  if (!isJson(text)) return undefined;
  const open: (JsonObjectNode | JsonArrayNode)[] = [];
  let parent: JsonObjectNode | JsonArrayNode | undefined;
  let key = '';
  let keyExpected = false;
  for (let at = 0; ; ) {
    const code = text.charCodeAt(at);
    if (code <= BLANK || code === COLON) {
      at += 1;
    } else if (code === COMMA) {
      keyExpected = parent?.kind === 'object';
      at += 1;
    } else if (code === CLOSING_BRACE || code === CLOSING_BRACKET) {
      at += 1;
      const closed = open.pop() as JsonObjectNode | JsonArrayNode;
      closed.end = at;
      parent = open.at(-1);
      if (parent === undefined) return closed;
      // An empty object leaves no key behind it.
      keyExpected = false;
    } else if (keyExpected) {
      const end = stringEnd(text, at);
      key = unquoted(text, at, end);
      keyExpected = false;
      at = end;
    } else {
      const node = nodeAt(text, at, code);
      if (parent?.kind === 'object') parent.members.push({ key, value: node });
      else parent?.items.push(node);
      if (node.kind === 'object' || node.kind === 'array') {
        open.push(node);
        parent = node;
        keyExpected = node.kind === 'object';
        at += 1;
      } else {
        if (parent === undefined) return node;
        at = node.end;
      }
    }
  }
}

/** The last member of that name, as JSON.parse reads it. */
export function memberOf(node: JsonNode | undefined, key: string): JsonNode | undefined {
  return node?.kind === 'object' ? node.members.findLast((member) => member.key === key)?.value : undefined;
}

export function stringOf(text: string, node: JsonNode | undefined): string | undefined {
  return node?.kind === 'string' ? unquoted(text, node.start, node.end) : undefined;
}

function unquoted(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end - 1);
  return raw.includes('\\') ? (JSON.parse(text.slice(start, end)) as string) : raw;
}

function nodeAt(text: string, at: number, code: number): JsonNode {
  if (code === OPENING_BRACE) return { kind: 'object', start: at, end: at, members: [] };
  if (code === OPENING_BRACKET) return { kind: 'array', start: at, end: at, items: [] };
  if (code === QUOTE) return { kind: 'string', start: at, end: stringEnd(text, at) };
  return { kind: 'scalar', start: at, end: scalarEnd(text, at) };
}

function stringEnd(text: string, quote: number): number {
  for (let at = quote + 1; ; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) at += 1;
  }
}

/** A number or a word is followed by a comma, a bracket, white space, or nothing. */
function scalarEnd(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === CLOSING_BRACE || code === CLOSING_BRACKET || code <= BLANK) break;
    at += 1;
  }
  return at;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

const BLANK = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
