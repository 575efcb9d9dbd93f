import type { CharacterBuffer } from './character-buffer.ts';
import { type Mark, scannerError } from './mark.ts';
import { skipComment } from './scan-context.ts';
import { scanTagHandle, scanTagUri, scanWord } from './scan-tag.ts';
import { type Token, textOf, token } from './token.ts';

/** `%YAML 1.1` or `%TAG !handle! prefix`. */
export function scanDirective(text: CharacterBuffer): Token {
  const start = text.mark();
  text.skip();
  const directive = scanDirectiveBody(text, start);
  text.ensure(1);
  skipBlanks(text);
  skipComment(text);
  if (!text.isBreakOrEnd(0)) throw scannerError('did not find expected comment or line break', text.mark());
  if (text.isBreak(0)) {
    text.ensure(2);
    text.skipLine();
  }
  return directive;
}

function scanDirectiveBody(text: CharacterBuffer, start: Mark): Token {
  const name = scanDirectiveName(text);
  if (name === 'YAML') {
    const version = scanVersion(text);
    return token('version-directive', start, text.mark(), version);
  }
  if (name !== 'TAG') throw scannerError('found unknown directive name', text.mark());
  text.ensure(1);
  skipBlanks(text);
  const handle = scanTagHandle(text, true);
  text.ensure(1);
  if (!text.isBlank(0)) throw scannerError('did not find expected whitespace', text.mark());
  skipBlanks(text);
  const prefix = scanTagUri(text, '');
  text.ensure(1);
  if (!text.isBlankOrEnd(0)) throw scannerError('did not find expected whitespace or line break', text.mark());
  return token('tag-directive', start, text.mark(), handle, prefix);
}

function scanDirectiveName(text: CharacterBuffer): string {
  const name: number[] = [];
  scanWord(text, name);
  if (name.length === 0) throw scannerError('could not find expected directive name', text.mark());
  if (!text.isBlankOrEnd(0)) throw scannerError('found unexpected non-alphabetical character', text.mark());
  return textOf(name);
}

function scanVersion(text: CharacterBuffer): string {
  text.ensure(1);
  skipBlanks(text);
  const major = scanVersionNumber(text);
  if (text.at(0) !== DOT) throw scannerError("did not find expected digit or '.' character", text.mark());
  text.skip();
  return `${major}.${scanVersionNumber(text)}`;
}

function scanVersionNumber(text: CharacterBuffer): number {
  text.ensure(1);
  let value = 0;
  let length = 0;
  for (let digit = text.at(0) - ZERO; digit >= 0 && digit <= 9; digit = text.at(0) - ZERO) {
    length++;
    if (length > 2) throw scannerError('found extremely long version number', text.mark());
    value = value * 10 + digit;
    text.skip();
    text.ensure(1);
  }
  if (length === 0) throw scannerError('did not find expected version number', text.mark());
  return value;
}

function skipBlanks(text: CharacterBuffer): void {
  while (text.isBlank(0)) {
    text.skip();
    text.ensure(1);
  }
}

const DOT = 0x2e;
const ZERO = 0x30;
