import type { ByteString } from '../byte-string.ts';
import { languageOf } from '../pcre2/language.ts';
import type { ExpressionType } from './compile-expression.ts';
import { compileOsRegexProgram, type OsRegexPart } from './osregex-program.ts';

/** What can be told of an expression's matches without running it; ASCII letters may differ in case. */
export interface ExpressionFacts {
  /** A match is one of these; undefined: too many, or not known. */
  readonly values?: readonly ByteString[];
  /** Every match contains this; '' says nothing. */
  readonly text: ByteString;
}

export function factsOf(type: ExpressionType, pattern: ByteString): ExpressionFacts {
  switch (type) {
    case 'string':
      return { values: [pattern], text: pattern };
    case 'pcre2':
      return languageOf(pattern);
    case 'osmatch':
      return osMatchFacts(pattern);
    case 'osregex':
      return osRegexFacts(pattern);
  }
}

const NOTHING: ExpressionFacts = { text: '' };

function osMatchFacts(pattern: ByteString): ExpressionFacts {
  if (pattern.startsWith('!')) return NOTHING;
  const alternatives = pattern.split('|');
  if (alternatives.every((text) => text.length >= 2 && text.startsWith('^') && text.endsWith('$'))) {
    return { values: alternatives.map((text) => text.slice(1, -1)), text: '' };
  }
  const [only = ''] = alternatives;
  return alternatives.length === 1 ? { text: only.replace(/^\^/, '').replace(/\$$/, '') } : NOTHING;
}

function osRegexFacts(pattern: ByteString): ExpressionFacts {
  const program = compileOsRegexProgram(pattern);
  if (program.kind === 'invalid') return NOTHING;
  const literals = program.parts.map(literalOf);
  if (program.parts.every((part, i) => part.fromStart && part.toEnd && (literals[i] ?? '') !== '')) {
    return { values: literals.filter((text) => text !== undefined), text: '' };
  }
  const [only] = program.parts;
  return program.parts.length === 1 && only !== undefined ? { text: requiredTextOfPart(only) } : NOTHING;
}

/** The text of a part that has nothing but plain ASCII letters; undefined otherwise. */
export function literalOf(part: OsRegexPart): ByteString | undefined {
  const codes = codesOf(part);
  return codes.every(isPlain) ? String.fromCharCode(...codes) : undefined;
}

/**
 * The longest run of plain bytes. A run of one byte behind a class may be skipped by OSRegex when it stands at the end, so single
 * bytes are left out.
 */
export function requiredTextOfPart(part: OsRegexPart): ByteString {
  let longest = '';
  let run = '';
  const codes = codesOf(part);
  for (let i = 0; i <= codes.length; i++) {
    const code = codes[i];
    if (code !== undefined && isPlain(code) && !(isRepeat(code) && isClassAt(codes, i - 2))) {
      run += String.fromCharCode(code);
      continue;
    }
    if (run.length > longest.length) longest = run;
    run = '';
    // The class number after a backslash is no text.
    if (code === 0x5c) i++;
  }
  return longest.length >= 2 ? longest : '';
}

function codesOf(part: OsRegexPart): readonly number[] {
  const codes = [...part.codes];
  return codes.slice(0, codes.length - 4);
}

function isPlain(code: number): boolean {
  return code > 0x1f && code < 0x7f && code !== 0x5c && code !== 0x28;
}

function isRepeat(code: number): boolean {
  return code === 0x2b || code === 0x2a;
}

function isClassAt(codes: readonly number[], at: number): boolean {
  return codes[at] === 0x5c;
}
