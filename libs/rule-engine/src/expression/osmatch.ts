import { type ByteString, equalsCaseless, foldCase, regionEqualsCaseless } from '../byte-string.ts';
import { indexOfCaseless, prepareNeedle } from '../caseless-search.ts';
import type { Budget, CompileResult, Outcome } from './outcome.ts';

/**
 * OSMatch, the language of `<match>`, `<location>` and the static fields: alternatives of plain text, "^" and "$" at their ends,
 * a "!" in front of all that negates, no case. Source: wazuh v4.14.7 src/os_regex/os_match_compile.c, os_match_execute.c.
 */
export function compileOsMatch(pattern: ByteString): CompileResult {
  const negated = pattern.startsWith('!');
  const text = negated ? pattern.slice(1) : pattern;
  // C sets one flag for the whole pattern when it meets this byte, and then uses strstr for every unanchored alternative.
  const hasE3 = text.includes('\xe3');
  const tests = text.split('|').map((alternative) => compileAlternative(alternative, hasE3));
  const [yes, no]: readonly [Outcome, Outcome] = negated ? ['miss', 'match'] : ['match', 'miss'];
  return {
    kind: 'compiled',
    expression: {
      match(subject, budget) {
        for (const test of tests) {
          const isHit = test(subject, budget);
          if (--budget.steps < 0) return 'undecided';
          if (isHit) return yes;
        }
        return no;
      },
    },
  };
}

type Test = (subject: ByteString, budget: Budget) => boolean;

function compileAlternative(alternative: ByteString, hasE3: boolean): Test {
  const fromStart = alternative.startsWith('^');
  const toEnd = alternative.endsWith('$');
  const text = alternative.slice(fromStart ? 1 : 0, toEnd ? -1 : undefined);
  if (alternative === '') return () => true;
  if (fromStart && toEnd) return (subject) => equalsCaseless(subject, text);
  if (toEnd) return (subject) => regionEqualsCaseless(subject, subject.length - text.length, text);
  if (fromStart) return (subject) => regionEqualsCaseless(subject, 0, text);
  if (hasE3) {
    const folded = foldCase(text);
    return (subject, budget) => {
      budget.steps -= subject.length >> 4;
      return subject.includes(folded);
    };
  }
  // `char` is signed on x86-64: a byte above 0x7F of the pattern equals no byte of the subject.
  if (hasHighByte(text)) return () => false;
  const needle = prepareNeedle(text);
  return (subject, budget) => indexOfCaseless(subject, needle, budget) >= 0;
}

function hasHighByte(text: ByteString): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return true;
  return false;
}
