import { existsSync, readFileSync } from 'node:fs';

/** A line of a recorded file; what it holds is up to the check that reads it. */
export type Row = { readonly [key: string]: unknown };

/** A row that does not agree, in a sentence. */
export interface Difference {
  readonly id: string;
  readonly sentence: string;
}

/** Rows of a JSON Lines file; undefined when there is no such file. */
export function readRows(file: string): readonly Row[] | undefined {
  if (!existsSync(file)) return undefined;
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Row);
}

/** The first part that differs, as a difference of the row; parts are compared as JSON, whatever the order of their keys. */
export function compare(row: Row, parts: readonly (readonly [name: string, expected: unknown, got: unknown])[]): Difference | undefined {
  const found = parts.find(([, expected, got]) => canonical(expected) !== canonical(got));
  if (found === undefined) return undefined;
  const [name, expected, got] = found;
  return {
    id: String(row['id'] ?? row['name'] ?? row['policyRef'] ?? '?'),
    sentence: `${name} is ${canonical(got)}, recorded was ${canonical(expected)}`,
  };
}

function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, part: unknown) =>
      typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    ) ?? 'absent'
  );
}
