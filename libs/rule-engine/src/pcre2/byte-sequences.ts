import { type CodeSet, rangesOf } from './code-set.ts';
import { encodeUtf8 } from './utf8.ts';

/** One range of bytes for each byte of a character, in order. */
export type ByteSequence = readonly (readonly [number, number])[];

/**
 * The UTF-8 spellings of a set of code points, as sequences of byte ranges that do not overlap; so matching code points becomes
 * matching bytes. A set of bytes (`utf` false) is one sequence of one byte for each range.
 */
export function byteSequencesOf(set: CodeSet, utf: boolean): readonly ByteSequence[] {
  if (!utf) return rangesOf(set).map((range) => [range]);
  return rangesOf(set).flatMap(([first, last]) =>
    splitByLength(first, last).flatMap(([from, to]) => splitByBytes(encodeUtf8(from), encodeUtf8(to))),
  );
}

/** Cuts a range where the number of bytes changes, and takes the surrogates out. */
function splitByLength(first: number, last: number): readonly (readonly [number, number])[] {
  const limits = [0x7f, 0x7ff, 0xd7ff, 0xdfff, 0xffff, 0x10ffff];
  const pieces: (readonly [number, number])[] = [];
  let from = first;
  for (const limit of limits) {
    if (from > last) break;
    if (from > limit) continue;
    const to = Math.min(limit, last);
    if (limit !== 0xdfff) pieces.push([from, to]);
    from = to + 1;
  }
  return pieces;
}

/** Cuts a range of spellings of one length so that every byte varies on its own. */
function splitByBytes(from: readonly number[], to: readonly number[]): readonly ByteSequence[] {
  const [first = 0, ...fromRest] = from;
  const [last = 0, ...toRest] = to;
  if (fromRest.length === 0) return [[[first, last]]];
  const lowest = fromRest.map(() => 0x80);
  const highest = fromRest.map(() => 0xbf);
  if (first === last) return prefixed(first, first, splitByBytes(fromRest, toRest));
  const out: ByteSequence[] = [];
  let middleFrom = first;
  let middleTo = last;
  if (fromRest.some((byte) => byte !== 0x80)) {
    out.push(...prefixed(first, first, splitByBytes(fromRest, highest)));
    middleFrom++;
  }
  const cutEnd = toRest.some((byte) => byte !== 0xbf);
  if (cutEnd) middleTo--;
  if (middleFrom <= middleTo) out.push(...prefixed(middleFrom, middleTo, splitByBytes(lowest, highest)));
  if (cutEnd) out.push(...prefixed(last, last, splitByBytes(lowest, toRest)));
  return out;
}

function prefixed(first: number, last: number, rest: readonly ByteSequence[]): readonly ByteSequence[] {
  return rest.map((sequence) => [[first, last], ...sequence]);
}
