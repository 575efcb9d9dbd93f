import { type ByteString, FOLD, foldCase } from './byte-string.ts';
import type { Budget } from './expression/outcome.ts';

/**
 * Looks for a fixed text without regard to ASCII case: Horspool's algorithm, which skips by the byte under the needle's end. It can
 * be made to compare |haystack| times |needle| bytes (2 s for "baaa…" in 65 KB of "a"); when it has compared more than twice the
 * haystack it gives the rest to Knuth, Morris and Pratt, who look at each byte once.
 */
export interface CaselessNeedle {
  readonly needle: ByteString;
  readonly skips: Uint16Array;
  /** Made when first needed. */
  borders?: Int32Array;
}

export function prepareNeedle(needle: ByteString): CaselessNeedle {
  const skips = new Uint16Array(256).fill(Math.min(needle.length, 0xffff));
  for (let i = 0; i < needle.length - 1; i++) {
    const byte = FOLD[needle.charCodeAt(i)] ?? 0;
    const skip = Math.min(needle.length - 1 - i, 0xffff);
    skips[byte] = skip;
    if (byte >= 97 && byte <= 122) skips[byte - 32] = skip;
  }
  return { needle, skips };
}

/** The offset of the first occurrence, or -1; an empty needle is found at once. The budget pays one step for eight bytes looked at. */
export function indexOfCaseless(haystack: ByteString, prepared: CaselessNeedle, budget?: Budget): number {
  const { needle, skips } = prepared;
  const granted = haystack.length * 2;
  let left = granted;
  const last = needle.length - 1;
  if (last < 0) return 0;
  const lastByte = FOLD[needle.charCodeAt(last)];
  let found = -1;
  for (let end = last; end < haystack.length; ) {
    const byte = haystack.charCodeAt(end);
    left--;
    if (FOLD[byte] === lastByte) {
      let i = last - 1;
      while (i >= 0 && FOLD[haystack.charCodeAt(end - last + i)] === FOLD[needle.charCodeAt(i)]) i--;
      if (i < 0) {
        found = end - last;
        break;
      }
      left -= last - i;
      if (left < 0) {
        left -= haystack.length - end + last;
        found = indexInOnePass(haystack, prepared, end - last);
        break;
      }
    }
    end += skips[byte] ?? 1;
  }
  if (budget !== undefined) budget.steps -= 1 + ((granted - left) >> 3);
  return found;
}

function indexInOnePass(haystack: ByteString, prepared: CaselessNeedle, from: number): number {
  const { needle } = prepared;
  prepared.borders ??= bordersOf(foldCase(needle));
  const { borders } = prepared;
  let matched = 0;
  for (let at = from; at < haystack.length; at++) {
    const byte = FOLD[haystack.charCodeAt(at)];
    while (matched > 0 && byte !== FOLD[needle.charCodeAt(matched)]) matched = borders[matched - 1] as number;
    if (byte === FOLD[needle.charCodeAt(matched)]) matched++;
    if (matched === needle.length) return at - matched + 1;
  }
  return -1;
}

/** For each beginning of the text: how long is its longest end that is also its beginning. */
function bordersOf(text: ByteString): Int32Array {
  const borders = new Int32Array(text.length);
  for (let end = 1, border = 0; end < text.length; end++) {
    while (border > 0 && text[end] !== text[border]) border = borders[border - 1] as number;
    if (text[end] === text[border]) border++;
    borders[end] = border;
  }
  return borders;
}
