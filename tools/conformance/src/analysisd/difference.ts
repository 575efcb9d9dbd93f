/** A row that does not agree: what, and how. */
export interface Difference {
  readonly id: string;
  readonly sentences: readonly string[];
}

/** A part that differs, as a sentence; parts are compared as JSON, whatever the order of their keys. */
export function differing(name: string, expected: unknown, got: unknown): readonly string[] {
  const [left, right] = [canonical(expected), canonical(got)];
  if (left === right) return [];
  const at = firstDifference(left, right);
  return [`${name}: expected ${excerpt(left, at)}, got ${excerpt(right, at)}`];
}

function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, part: unknown) =>
      typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    ) ?? 'nothing'
  );
}

function firstDifference(left: string, right: string): number {
  let at = 0;
  while (at < left.length && left[at] === right[at]) at++;
  return at;
}

/** Enough around the place to see what is meant. */
function excerpt(text: string, at: number): string {
  const from = at < 80 ? 0 : at - 60;
  const to = from + 240;
  return `${from > 0 ? '…' : ''}${text.slice(from, to)}${to < text.length ? '…' : ''}`;
}
