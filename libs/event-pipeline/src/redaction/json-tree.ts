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
  let key = '';
  let keyExpected = false;
  let at = 0;
  for (;;) {
    at = behind(text, at, IS_FILLER);
    const character = text[at];
    if (character === undefined) return undefined;
    const parent = open.at(-1);
    if (character === ',') {
      keyExpected = parent?.kind === 'object';
      at += 1;
      continue;
    }
    if (character === '}' || character === ']') {
      const closed = open.pop();
      at += 1;
      if (closed === undefined) return undefined;
      closed.end = at;
      if (open.length === 0) return closed;
      continue;
    }
    if (keyExpected) {
      const end = stringEnd(text, at);
      key = unquoted(text, at, end);
      keyExpected = false;
      at = end;
      continue;
    }
    const node = beginNode(text, at, character);
    if (parent?.kind === 'object') parent.members.push({ key, value: node });
    else parent?.items.push(node);
    if (node.kind === 'object' || node.kind === 'array') {
      open.push(node);
      keyExpected = node.kind === 'object';
      at += 1;
    } else {
      if (parent === undefined) return node;
      at = node.end;
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

function beginNode(text: string, at: number, character: string): JsonNode {
  if (character === '{') return { kind: 'object', start: at, end: at, members: [] };
  if (character === '[') return { kind: 'array', start: at, end: at, items: [] };
  if (character === '"') return { kind: 'string', start: at, end: stringEnd(text, at) };
  return { kind: 'scalar', start: at, end: behind(text, at, IS_SCALAR) };
}

function stringEnd(text: string, quote: number): number {
  for (let at = quote + 1; ; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) at += 1;
  }
}

function behind(text: string, from: number, set: ReadonlySet<string>): number {
  let at = from;
  while (set.has(text[at] ?? '')) at += 1;
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

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const IS_FILLER: ReadonlySet<string> = new Set(' \t\r\n:');
const IS_SCALAR: ReadonlySet<string> = new Set('+-.0123456789truefalsnE');
