import type { Place } from './rule.ts';

/** Tells line and column of an offset in one file, in constant or logarithmic time. */
export interface FilePlaces {
  readonly file: string;
  /** `offset` counts bytes. */
  readonly at: (offset: number) => Place;
}

export function createFilePlaces(file: string, bytes: string): FilePlaces {
  const lineStarts = [0];
  for (let next = bytes.indexOf('\n'); next >= 0; next = bytes.indexOf('\n', next + 1)) lineStarts.push(next + 1);
  const extraBytes = countContinuationBytes(bytes);
  return {
    file,
    at: (offset) => {
      const clamped = Math.max(0, Math.min(offset, bytes.length));
      const line = lineOf(lineStarts, clamped);
      const start = lineStarts[line] ?? 0;
      const extra = extraBytes === undefined ? 0 : (extraBytes[clamped] ?? 0) - (extraBytes[start] ?? 0);
      return { file, line: line + 1, column: clamped - start - extra + 1 };
    },
  };
}

/** For every offset the UTF-8 continuation bytes before it: they are no characters of their own. Undefined for plain ASCII. */
function countContinuationBytes(bytes: string): Uint32Array | undefined {
  if (!/[\u0080-\u00bf]/.test(bytes)) return undefined;
  const before = new Uint32Array(bytes.length + 1);
  for (let index = 0; index < bytes.length; index++) {
    const code = bytes.charCodeAt(index);
    before[index + 1] = (before[index] ?? 0) + (code >= 0x80 && code <= 0xbf ? 1 : 0);
  }
  return before;
}

/** The last line that starts at or before the offset. */
function lineOf(lineStarts: readonly number[], offset: number): number {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
