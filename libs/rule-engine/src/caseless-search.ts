import { type ByteString, FOLD } from './byte-string.ts';

/**
 * Looks for a fixed text without regard to ASCII case: Horspool's algorithm, which skips by the byte under the needle's end.
 * In the worst case it compares |haystack| times |needle| bytes; needles are short.
 */
export interface CaselessNeedle {
  readonly needle: ByteString;
  readonly skips: Uint16Array;
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

/** The offset of the first occurrence from `from` on, or -1. An empty needle is found at once. */
export function indexOfCaseless(haystack: ByteString, { needle, skips }: CaselessNeedle, from = 0): number {
  const last = needle.length - 1;
  if (last < 0) return from <= haystack.length ? from : -1;
  const lastByte = FOLD[needle.charCodeAt(last)];
  for (let end = from + last; end < haystack.length; ) {
    const byte = haystack.charCodeAt(end);
    if (FOLD[byte] === lastByte) {
      let i = last - 1;
      while (i >= 0 && FOLD[haystack.charCodeAt(end - last + i)] === FOLD[needle.charCodeAt(i)]) i--;
      if (i < 0) return end - last;
    }
    end += skips[byte] ?? 1;
  }
  return -1;
}
