import type { CharacterBuffer } from './character-buffer.ts';
import { width } from './character-buffer.ts';
import { scannerError } from './mark.ts';
import { hexValue } from './scan-flow-scalar.ts';
import { type Token, textOf, token } from './token.ts';

/** `&name` or `*name`. */
export function scanAnchor(text: CharacterBuffer, type: 'anchor' | 'alias'): Token {
  const start = text.mark();
  text.skip();
  const name: number[] = [];
  scanWord(text, name);
  const end = text.mark();
  if (name.length === 0 || !(text.isBlankOrEnd(0) || AFTER_ANCHOR.includes(text.at(0))))
    throw scannerError('did not find expected alphabetic or numeric character', end);
  return token(type, start, end, textOf(name));
}

/** `!<uri>`, `!suffix`, `!!suffix` or `!handle!suffix`. */
export function scanTag(text: CharacterBuffer): Token {
  const start = text.mark();
  let handle = '';
  let suffix = '';
  text.ensure(2);
  if (text.at(1) === LESS) {
    text.skip();
    text.skip();
    suffix = scanTagUri(text, '');
    if (text.at(0) !== GREATER) throw scannerError("did not find the expected '>'", text.mark());
    text.skip();
  } else {
    handle = scanTagHandle(text, false);
    if (handle.length > 1 && handle.endsWith('!')) suffix = scanTagUri(text, '');
    else {
      suffix = scanTagUri(text, handle);
      // `!` alone is the non-specific tag: no handle, suffix `!`.
      handle = suffix === '' ? '' : '!';
      if (suffix === '') suffix = '!';
    }
  }
  text.ensure(1);
  if (!text.isBlankOrEnd(0)) throw scannerError('did not find expected whitespace or line break', text.mark());
  return token('tag', start, text.mark(), handle, suffix);
}

export function scanTagHandle(text: CharacterBuffer, directive: boolean): string {
  text.ensure(1);
  if (text.at(0) !== EXCLAMATION) throw scannerError("did not find expected '!'", text.mark());
  const handle: number[] = [];
  text.read(handle);
  scanWord(text, handle);
  if (text.at(0) === EXCLAMATION) text.read(handle);
  else if (directive && handle.length > 1) throw scannerError("did not find expected '!'", text.mark());
  return textOf(handle);
}

/** `head` is a handle that turned out to be the start of the suffix. */
export function scanTagUri(text: CharacterBuffer, head: string): string {
  const uri: number[] = [...Buffer.from(head.slice(1))];
  let found = head !== '';
  text.ensure(1);
  while (isWordCharacter(text.at(0)) || URI_CHARACTERS.includes(text.at(0))) {
    if (text.at(0) === PERCENT) scanUriEscape(text, uri);
    else text.read(uri);
    text.ensure(1);
    found = true;
  }
  if (!found) throw scannerError('did not find expected tag URI', text.mark());
  return textOf(uri);
}

/** One character as `%XX` octets. */
function scanUriEscape(text: CharacterBuffer, uri: number[]): void {
  let left: number | undefined;
  do {
    text.ensure(3);
    const high = text.at(0) === PERCENT ? hexValue(text.at(1)) : undefined;
    const low = hexValue(text.at(2));
    if (high === undefined || low === undefined) throw scannerError('did not find URI escaped octet', text.mark());
    const octet = high * 16 + low;
    if (left === undefined) {
      left = width(octet);
      if (left === 0) throw scannerError('found an incorrect leading UTF-8 octet', text.mark());
    } else if ((octet & 0xc0) !== 0x80) throw scannerError('found an incorrect trailing UTF-8 octet', text.mark());
    uri.push(octet);
    for (let count = 0; count < 3; count++) text.skip();
    left--;
  } while (left > 0);
}

export function scanWord(text: CharacterBuffer, word: number[]): void {
  text.ensure(1);
  while (isWordCharacter(text.at(0))) {
    text.read(word);
    text.ensure(1);
  }
}

function isWordCharacter(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x5f || byte === 0x2d
  );
}

const LESS = 0x3c;
const GREATER = 0x3e;
const EXCLAMATION = 0x21;
const PERCENT = 0x25;
const AFTER_ANCHOR: readonly number[] = [...Buffer.from('?:,]}%@`')];
const URI_CHARACTERS: readonly number[] = [...Buffer.from(";/?:@&=+$,.!~*'()[]%")];
