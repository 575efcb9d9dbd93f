import type { ByteString } from '../byte-string.ts';
import { languageOf } from '../pcre2/language.ts';
import type { ExpressionType } from './compile-expression.ts';
import { compileOsRegexProgram } from './osregex-program.ts';
import { literalOf, requiredTextsOfPart } from './osregex-text.ts';

/** What can be told of an expression's matches without running it; ASCII letters may differ in case. */
export interface ExpressionFacts {
  /** A match is one of these; undefined: too many, or not known. */
  readonly values?: readonly ByteString[];
  /** Every match contains one of each. */
  readonly texts: readonly (readonly ByteString[])[];
}

export function factsOf(type: ExpressionType, pattern: ByteString): ExpressionFacts {
  switch (type) {
    case 'string':
      return { values: [pattern], texts: [] };
    case 'pcre2':
      return languageOf(pattern);
    case 'osmatch':
      return osMatchFacts(pattern);
    case 'osregex':
      return osRegexFacts(pattern);
  }
}

const NOTHING: ExpressionFacts = { texts: [] };

function osMatchFacts(pattern: ByteString): ExpressionFacts {
  if (pattern.startsWith('!')) return NOTHING;
  const alternatives = pattern.split('|');
  if (alternatives.every((text) => text.length >= 2 && text.startsWith('^') && text.endsWith('$'))) {
    return { values: alternatives.map((text) => text.slice(1, -1)), texts: [] };
  }
  const texts = alternatives.map((text) => text.replace(/^\^/, '').replace(/\$$/, ''));
  return texts.some((text) => text === '') ? NOTHING : { texts: [texts] };
}

function osRegexFacts(pattern: ByteString): ExpressionFacts {
  const program = compileOsRegexProgram(pattern);
  if (program.kind === 'invalid') return NOTHING;
  const literals = program.parts.map(literalOf);
  if (program.parts.every((part, i) => part.fromStart && part.toEnd && (literals[i] ?? '') !== '')) {
    return { values: literals.filter((text) => text !== undefined), texts: [] };
  }
  const required = program.parts.map(requiredTextsOfPart);
  if (required.length === 1) return { texts: (required[0] ?? []).map((text) => [text]) };
  const longest = required.map((texts) => texts.toSorted((a, b) => b.length - a.length)[0]);
  return longest.every((text) => text !== undefined) ? { texts: [longest] } : NOTHING;
}
