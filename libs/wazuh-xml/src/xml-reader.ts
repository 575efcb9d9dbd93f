import { cutAtNul, equalsIgnoringCase, isSpace } from './byte-text.ts';

/**
 * Reads a rule file or ossec.conf as Wazuh's own OS_XML does (wazuh v4.14.7 src/os_xml/os_xml.c, _ReadElem, _getattributes, _oscomment).
 * It is not XML: no entities, no declaration, no CDATA, several roots; names may hold anything; `\<` is a plain character;
 * `<!` begins a comment anywhere, which ends at `-->` or `!>`; of text between child elements only the last piece is kept.
 */
export type XmlFile =
  | { readonly kind: 'read'; readonly items: readonly XmlItem[] }
  /** `line` is the one that Wazuh prints; `offset` is where to look. */
  | { readonly kind: 'broken'; readonly message: string; readonly line: number; readonly offset: number };

/** An element or attribute, in the order of the file. What is named `var`, in any case, is a variable, even an attribute. */
export interface XmlItem {
  readonly kind: 'element' | 'attribute' | 'variable';
  readonly name: string;
  /** Of an element: the text after its last child. Changed by variables. */
  content: string;
  /** Of an element: its nesting depth; of an attribute: that of its element. */
  readonly depth: number;
  readonly line: number;
  readonly offset: number;
  contentOffset: number;
  /** Of an element: where its closing tag begins and where it ends; the same place when it closes itself. */
  closingOffset: number;
  endOffset: number;
  /** Text other than white space stood before a child element, and is lost. */
  lostText: boolean;
  closed: boolean;
}

// wazuh v4.14.7 src/os_xml/os_xml.h: XML_MAXSIZE, XML_ERR_LENGTH; os_xml.c: "1024 levels should be enough"
export const MAX_CONTENT_BYTES = 20_480;
const MAX_MESSAGE_BYTES = 127;
const MAX_DEPTH = 1024;
// _getattributes recurses for each attribute with two buffers of XML_MAXSIZE on the stack: 8 MiB end at about 200.
const MAX_ATTRIBUTES = 200;

export function readXml(bytes: string): XmlFile {
  const reader: Reader = { bytes, position: 0, stash: [], line: 1, items: [] };
  try {
    readElement(reader, 0, 1);
    const open = reader.items.find((item) => !item.closed);
    if (open !== undefined) throw new Broken(`XMLERR: Element '${open.name}' not closed.`, reader.line, open.offset);
    return { kind: 'read', items: reader.items };
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { kind: 'broken', message: error.message.slice(0, MAX_MESSAGE_BYTES), line: error.line, offset: error.offset };
  }
}

interface Reader {
  readonly bytes: string;
  position: number;
  /** Characters put back, last one first. Wazuh puts one back twice after `--` in a comment, which lets `--->` end it. */
  readonly stash: number[];
  line: number;
  readonly items: XmlItem[];
}

class Broken extends Error {
  readonly line: number;
  readonly offset: number;
  constructor(message: string, line: number, offset: number) {
    super(message);
    this.line = line;
    this.offset = offset;
  }
}

const END = -1;
const NEWLINE = 0x0a;
const BANG = 0x21;
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;
const DASH = 0x2d;
const SLASH = 0x2f;
const LESS = 0x3c;
const EQUALS = 0x3d;
const GREATER = 0x3e;
const BACKSLASH = 0x5c;

function take(reader: Reader): number {
  const stashed = reader.stash.pop();
  const code = stashed ?? (reader.position < reader.bytes.length ? reader.bytes.charCodeAt(reader.position++) : END);
  if (code === NEWLINE) reader.line++;
  return code;
}

function putBack(reader: Reader, code: number): void {
  reader.stash.push(code);
  if (code === NEWLINE) reader.line--;
}

function broken(reader: Reader, message: string, offset: number = reader.position): Broken {
  return new Broken(message, reader.line, offset);
}

/** Depth 0 reads all roots up to the end of the file, any other depth one element. */
function readElement(reader: Reader, depth: number, level: number): void {
  if (level > MAX_DEPTH) throw broken(reader, 'XMLERR: Max recursion level reached');
  let state: 'outside' | 'name' | 'content' | 'closing' = 'outside';
  let isEscaped = false;
  let name = '';
  let text = '';
  let current: XmlItem | undefined;
  for (let code = take(reader); code !== END; code = take(reader)) {
    if (code === BACKSLASH) isEscaped = !isEscaped;
    else if (code !== LESS) isEscaped = false;
    if (text.length >= MAX_CONTENT_BYTES) throw broken(reader, 'XMLERR: String overflow.', current?.offset);
    if (code === LESS && skipComment(reader)) continue;

    if (state === 'outside' && !isEscaped) {
      if (code !== LESS) continue;
      const next = take(reader);
      if (next === SLASH) throw broken(reader, 'XMLERR: Element not opened.');
      putBack(reader, next);
      state = 'name';
    } else if (state === 'name' && (code === GREATER || isSpace(code))) {
      let isClosed = text.endsWith('/');
      name = isClosed ? text.slice(0, -1) : text;
      current = addItem(reader, 'element', name, depth, reader.position - text.length - 2);
      if (code !== GREATER) isClosed = readAttributes(reader, depth) || isClosed;
      current.contentOffset = reader.position;
      text = '';
      state = 'content';
      if (isClosed) {
        current.closed = true;
        current.closingOffset = current.endOffset = reader.position;
        if (depth > 0) return;
        state = 'outside';
        name = '';
      }
    } else if (state === 'closing' && code === GREATER) {
      if (cutAtNul(text) !== cutAtNul(name)) throw broken(reader, `XMLERR: Element '${cutAtNul(name)}' not closed.`, current?.offset);
      if (current !== undefined) {
        current.closed = true;
        current.endOffset = reader.position;
      }
      if (depth > 0) return;
      state = 'outside';
      name = '';
      text = '';
    } else if (state === 'content' && code === LESS && !isEscaped) {
      const next = take(reader);
      if (next === SLASH) {
        if (current !== undefined) {
          current.content = cutAtNul(text);
          current.closingOffset = reader.position - 2;
        }
        state = 'closing';
      } else {
        putBack(reader, next);
        putBack(reader, LESS);
        // The `>` of a child that closes itself after a space (`<same_id />`) is read as its parent's text.
        if (current !== undefined && /\S/.test(text.replace(/^>/, ''))) current.lostText = true;
        readElement(reader, depth + 1, level + 1);
        if (current !== undefined) current.contentOffset = reader.position;
      }
      text = '';
    } else {
      if (state !== 'outside') text += String.fromCharCode(code);
      if (code === LESS) isEscaped = false;
    }
  }
  if (state !== 'outside' || depth > 0)
    throw broken(reader, 'XMLERR: End of file and some elements were not closed.', current?.offset ?? reader.items.at(-1)?.offset);
}

/** Called after a `<`; false leaves the reader where it was. */
function skipComment(reader: Reader): boolean {
  const first = take(reader);
  if (first !== BANG) {
    putBack(reader, first);
    return false;
  }
  const start = reader.position;
  for (let code = take(reader); code !== END; code = take(reader)) {
    if (code === BANG) {
      const next = take(reader);
      if (next === GREATER) return true;
      putBack(reader, next);
    } else if (code === DASH) {
      let next = take(reader);
      if (next === DASH) {
        next = take(reader);
        if (next === GREATER) return true;
        putBack(reader, next);
      }
      putBack(reader, next);
    }
  }
  throw broken(reader, 'XMLERR: Comment not closed.', start - 2);
}

/** Reads up to the end of the tag; true when it ends in a slash. */
function readAttributes(reader: Reader, depth: number): boolean {
  for (let count = 0; count < MAX_ATTRIBUTES; count++) {
    const outcome = readAttribute(reader, depth);
    if (outcome !== 'more') return outcome === 'closed';
  }
  throw broken(reader, `more than ${MAX_ATTRIBUTES} attributes: wazuh-analysisd crashes here`);
}

function readAttribute(reader: Reader, depth: number): 'more' | 'open' | 'closed' {
  let name = '';
  let value = '';
  let quote: number | undefined;
  let offset = reader.position;
  for (let code = take(reader); code !== END; code = take(reader)) {
    if ((quote === undefined ? name : value).length >= MAX_CONTENT_BYTES)
      throw broken(reader, `XMLERR: Overflow attempt at attribute '${cutAtNul(name).slice(0, 20)}'.`, offset);
    if (code === GREATER || (quote === undefined && code === SLASH)) {
      if (quote !== undefined) throw broken(reader, `XMLERR: Attribute '${cutAtNul(name)}' not closed.`, offset);
      if (name !== '') throw broken(reader, `XMLERR: Attribute '${cutAtNul(name)}' has no value.`, offset);
      return code === SLASH ? 'closed' : 'open';
    }
    if (quote === undefined && code === EQUALS) {
      name = cutAtNul(name);
      if (isDefined(reader.items, name, depth)) throw broken(reader, `XMLERR: Attribute '${name}' already defined.`, offset);
      quote = takeQuote(reader);
      if (quote === undefined) throw broken(reader, `XMLERR: Attribute '${name}' not followed by a " or '.`, offset);
    } else if (quote === undefined && isSpace(code)) {
      if (name !== '') throw broken(reader, `XMLERR: Attribute '${cutAtNul(name)}' has no value.`, offset);
      offset = reader.position;
    } else if (code === quote) {
      const item = addItem(reader, 'attribute', name, depth, offset);
      item.content = cutAtNul(value);
      item.contentOffset = reader.position - value.length - 1;
      const next = take(reader);
      if (isSpace(next)) return 'more';
      if (next === GREATER) return 'open';
      if (next === SLASH) return 'closed';
      throw broken(reader, `XMLERR: Bad attribute closing for '${name}'='${cutAtNul(value)}'.`, offset);
    } else if (quote === undefined) name += String.fromCharCode(code);
    else value += String.fromCharCode(code);
  }
  throw broken(reader, 'XMLERR: End of file while reading an attribute.', offset);
}

function takeQuote(reader: Reader): number | undefined {
  let code = take(reader);
  while (isSpace(code)) code = take(reader);
  return code === DOUBLE_QUOTE || code === SINGLE_QUOTE ? code : undefined;
}

/** Looks back over the attributes that directly precede, as Wazuh does. */
function isDefined(items: readonly XmlItem[], name: string, depth: number): boolean {
  for (let index = items.length - 1; index >= 0; index--) {
    const item = items[index];
    if (item?.kind !== 'attribute' || item.depth !== depth) return false;
    if (item.name === name) return true;
  }
  return false;
}

function addItem(reader: Reader, kind: 'element' | 'attribute', name: string, depth: number, offset: number): XmlItem {
  const item: XmlItem = {
    kind: equalsIgnoringCase(cutAtNul(name), 'var') ? 'variable' : kind,
    name: cutAtNul(name),
    content: '',
    depth,
    line: reader.line,
    offset,
    contentOffset: reader.position,
    closingOffset: reader.position,
    endOffset: reader.position,
    lostText: false,
    closed: kind === 'attribute',
  };
  reader.items.push(item);
  return item;
}
