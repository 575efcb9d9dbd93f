import { foldCase } from './byte-text.ts';

/**
 * The two matchers that the loader itself runs over group texts. Both know `|` and `^`, ignore the case of ASCII letters, and
 * search anywhere in the text otherwise.
 */

/** OS_WordMatch, for `<if_group>` (wazuh v4.14.7 src/os_regex/os_match.c). Despite its name it does not care about words. */
export function wordMatches(pattern: string, text: string): boolean {
  if (pattern === '') return false;
  const folded = foldCase(text);
  return foldCase(pattern)
    .split('|')
    .some((word) => {
      if (word === '') return true;
      if (word.startsWith('^')) return folded.startsWith(word.slice(1));
      return folded.includes(word);
    });
}

/** OSMatch, for `<if_matched_group>` (wazuh v4.14.7 src/os_regex/os_match_compile.c and os_match_execute.c). */
export function groupMatches(pattern: string, text: string): boolean {
  const isNegated = pattern.startsWith('!');
  const folded = foldCase(text);
  const matches = foldCase(isNegated ? pattern.slice(1) : pattern)
    .split('|')
    .some((part) => partMatches(part, folded));
  return matches !== isNegated;
}

function partMatches(part: string, text: string): boolean {
  const begins = part.startsWith('^');
  const ends = part.endsWith('$');
  const literal = part.slice(begins ? 1 : 0, ends && part.length > (begins ? 1 : 0) ? -1 : undefined);
  if (begins && ends) return text === literal;
  if (ends) return text.endsWith(literal);
  if (begins) return text.startsWith(literal);
  // Bytes above 127 never match here: Wazuh compares signed with unsigned characters (x86-64).
  return !/[\u0080-\uffff]/.test(literal) && text.includes(literal);
}
