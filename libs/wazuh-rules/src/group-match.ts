import { foldCase } from '@k8s-audit/wazuh-xml';

/**
 * The two matchers that the loader itself runs over group texts. Both know `|` and `^`, ignore the case of ASCII letters, and
 * search anywhere in the text otherwise.
 */

/** OS_WordMatch, for `<if_group>` (wazuh v4.14.7 src/os_regex/os_match.c). Despite its name it does not care about words. */
export function compileWordMatch(pattern: string): (folded: string) => boolean {
  const words = foldCase(pattern).split('|');
  if (pattern === '') return () => false;
  return (folded) => words.some((word) => word === '' || (word.startsWith('^') ? folded.startsWith(word.slice(1)) : folded.includes(word)));
}

/** OSMatch, for `<if_matched_group>` (wazuh v4.14.7 src/os_regex/os_match_compile.c and os_match_execute.c). */
export function compileGroupMatch(pattern: string): (folded: string) => boolean {
  const isNegated = pattern.startsWith('!');
  const parts = foldCase(isNegated ? pattern.slice(1) : pattern)
    .split('|')
    .map(compilePart);
  return (folded) => parts.some((matches) => matches(folded)) !== isNegated;
}

function compilePart(part: string): (text: string) => boolean {
  const begins = part.startsWith('^');
  const ends = part.endsWith('$');
  const literal = part.slice(begins ? 1 : 0, ends && part.length > (begins ? 1 : 0) ? -1 : undefined);
  if (begins && ends) return (text) => text === literal;
  if (ends) return (text) => text.endsWith(literal);
  if (begins) return (text) => text.startsWith(literal);
  // Bytes above 127 never match here: Wazuh compares signed with unsigned characters (x86-64).
  return NON_ASCII.test(literal) ? () => false : (text) => text.includes(literal);
}

const NON_ASCII = /[\u0080-\uffff]/;
