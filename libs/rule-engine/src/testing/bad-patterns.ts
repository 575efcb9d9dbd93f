import type { ExpressionType } from '../expression/compile-expression.ts';
import type { Outcome } from '../expression/outcome.ts';

/** A pattern that makes careless matchers slow, with a subject that brings it out. */
export interface BadPattern {
  readonly type: Exclude<ExpressionType, 'string'>;
  readonly pattern: string;
  /** Bytes, one unit each; as long as a field can be. */
  readonly subject: string;
  /** What the whole budget finds; `refused`: the pattern is not taken at load. */
  readonly outcome: Outcome | 'refused';
}

/** Nearly all that fits into one datagram. */
const LONG = 65_000;

const times = (text: string, length = LONG): string => text.repeat(Math.ceil(length / text.length)).slice(0, length);

/**
 * Known ways to stop a backtracking matcher (exponential, polynomial), to blow up an automaton, and to make a text search quadratic.
 * Subjects contain the texts that the patterns require, so that no short cut answers first.
 */
export const BAD_PATTERNS: readonly BadPattern[] = [
  // Exponential for backtrackers.
  { type: 'pcre2', pattern: '(a+)+$', subject: `${times('a')}!`, outcome: 'miss' },
  { type: 'pcre2', pattern: '^(a|a)*$', subject: `${times('a')}!`, outcome: 'miss' },
  { type: 'pcre2', pattern: '^(a|aa)+$', subject: `${times('a')}!`, outcome: 'miss' },
  { type: 'pcre2', pattern: '^(([a-z])+.)+[A-Z]([a-z])+$', subject: times('a'), outcome: 'miss' },
  { type: 'pcre2', pattern: '^((a*)*)*b$', subject: `${times('a')}bc`, outcome: 'miss' },
  { type: 'pcre2', pattern: '(x+x+)+y$', subject: `${times('x')}yz`, outcome: 'miss' },
  { type: 'pcre2', pattern: '^(\\w+\\s?)*$', subject: `${times('word ')}!`, outcome: 'miss' },
  { type: 'pcre2', pattern: '^([a-zA-Z0-9._-]+)*@example\\.com$', subject: `${times('a.b-c')}@example.com!`, outcome: 'miss' },
  // Polynomial for backtrackers.
  { type: 'pcre2', pattern: '(?s).*.*.*=.*x$', subject: `${times('=')}x!`, outcome: 'miss' },
  { type: 'pcre2', pattern: '(.*)(.*)(.*)(.*)(.*)(.*)z$', subject: `${times('ab')}z!`, outcome: 'miss' },
  { type: 'pcre2', pattern: '\\s+$', subject: `${times(' ')}x`, outcome: 'miss' },
  { type: 'pcre2', pattern: '(.*a){20}b$', subject: `${times('a')}bc`, outcome: 'miss' },
  // Large for automata.
  { type: 'pcre2', pattern: '[ab]*a[ab]{14}c$', subject: `${times('abbabaaab')}cb`, outcome: 'miss' },
  { type: 'pcre2', pattern: '(?:a?){300}a{300}!', subject: `${times('a')}b!`, outcome: 'miss' },
  { type: 'pcre2', pattern: '(?:[ab]{1,40}c?){1,40}!$', subject: `${times('abc')}!?`, outcome: 'miss' },
  // What no automaton can do: lookaround, atomic groups, backreferences.
  { type: 'pcre2', pattern: '^(?=(a+)+$)b', subject: `${times('a')}b`, outcome: 'miss' },
  { type: 'pcre2', pattern: '(?=.*a)(?=.*b)(?=.*c)(?=.*d)^.*!!', subject: `${times('abcd', 40_000)}!!`, outcome: 'match' },
  { type: 'pcre2', pattern: '(?!.*!)(a|b)*c', subject: `${times('ab')}c!`, outcome: 'undecided' },
  { type: 'pcre2', pattern: '(?>a+)+b$', subject: `${times('a')}bc`, outcome: 'undecided' },
  { type: 'pcre2', pattern: '(?:(?<=a{20})b|a)+c$', subject: `${times('a')}cb`, outcome: 'undecided' },
  { type: 'pcre2', pattern: '^(.*)(.*)(.*)\\1\\2\\3!$', subject: `${times('ab')}!!`, outcome: 'undecided' },
  { type: 'pcre2', pattern: '(a*)*\\1b$', subject: `${times('a')}bc`, outcome: 'undecided' },
  // Beyond the matcher: refused by name.
  { type: 'pcre2', pattern: '^(a(?1)?b)+$', subject: 'aabb', outcome: 'refused' },
  { type: 'pcre2', pattern: '(?:(?:(?:a{1,99}){1,99}){1,99}){1,99}b', subject: 'ab', outcome: 'refused' },
  // OSRegex backtracks four deep.
  { type: 'osregex', pattern: `${'\\.+'.repeat(60)}!`, subject: `${times('a')}!x`, outcome: 'match' },
  { type: 'osregex', pattern: '\\w+=\\w+=\\w+=\\w+=\\w+=\\d$', subject: times('a=b='), outcome: 'miss' },
  { type: 'osregex', pattern: `${'\\w*\\s*'.repeat(100)}!$`, subject: `${times('a b ')}!x`, outcome: 'miss' },
  { type: 'osregex', pattern: 'a\\.*a\\.*a\\.*a\\.*a\\.*b$', subject: `${times('a')}bc`, outcome: 'undecided' },
  // OSMatch and the search for plain texts.
  { type: 'osmatch', pattern: `b${times('a', 19_000)}`, subject: times('a'), outcome: 'miss' },
  { type: 'osmatch', pattern: `${times('ab', 2_000)}b|b${times('a', 2_000)}`, subject: times('ab'), outcome: 'miss' },
  { type: 'pcre2', pattern: `${'a'.repeat(500)}b${'a'.repeat(500)}`, subject: times('a'), outcome: 'miss' },
  { type: 'osmatch', pattern: `${times('aaab|', 10_000)}zzzz`, subject: times('aaa'), outcome: 'undecided' },
];
