/**
 * A set of code points (of bytes, in the byte mode that Wazuh uses): [first, last, first, last, …], ascending, ranges neither
 * touching nor overlapping. Only for compiling; matchers use what is made of it.
 */
export type CodeSet = readonly number[];

export function codeSetOf(...ranges: readonly (readonly [number, number])[]): CodeSet {
  const ordered = [...ranges].sort((a, b) => a[0] - b[0]);
  const set: number[] = [];
  for (const [first, last] of ordered) {
    const end = set.at(-1);
    if (end !== undefined && first <= end + 1) set[set.length - 1] = Math.max(end, last);
    else set.push(first, last);
  }
  return set;
}

export function singleCode(code: number): CodeSet {
  return [code, code];
}

export function rangesOf(set: CodeSet): readonly (readonly [number, number])[] {
  const ranges: (readonly [number, number])[] = [];
  for (let i = 0; i < set.length; i += 2) ranges.push([set[i] ?? 0, set[i + 1] ?? 0]);
  return ranges;
}

export function unionOf(...sets: readonly CodeSet[]): CodeSet {
  return codeSetOf(...sets.flatMap(rangesOf));
}

export function complementOf(set: CodeSet, maxCode: number): CodeSet {
  const out: number[] = [];
  let next = 0;
  for (const [first, last] of rangesOf(set)) {
    if (first > next) out.push(next, first - 1);
    next = last + 1;
  }
  if (next <= maxCode) out.push(next, maxCode);
  return out;
}

export function holdsCode(set: CodeSet, code: number): boolean {
  for (let i = 0; i < set.length; i += 2) if (code >= (set[i] ?? 0)) if (code <= (set[i + 1] ?? 0)) return true;
  return false;
}

export function clipTo(set: CodeSet, maxCode: number): CodeSet {
  return codeSetOf(
    ...rangesOf(set)
      .filter(([first]) => first <= maxCode)
      .map(([first, last]) => [first, Math.min(last, maxCode)] as const),
  );
}

/** All codes that `test` accepts. */
export function codesWhere(maxCode: number, test: (code: number) => boolean): CodeSet {
  const out: number[] = [];
  for (let code = 0; code <= maxCode; code++) {
    if (!test(code)) continue;
    if (out.at(-1) === code - 1) out[out.length - 1] = code;
    else out.push(code, code);
  }
  return out;
}

/** The only code of a set, or undefined. */
export function onlyCode(set: CodeSet): number | undefined {
  return set.length === 2 && set[0] === set[1] ? set[0] : undefined;
}
