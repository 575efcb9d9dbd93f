import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compileExpression } from '../expression/compile-expression.ts';

interface Recorded {
  readonly pattern: string;
  readonly string: string;
  readonly result: boolean | 'compile_error';
}

const rows = readFileSync(join(import.meta.dirname, '../../../../fixtures/pcre2/expressions.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

it('answers as the real PCRE2 10.42 on random patterns', () => {
  const different = rows.filter(({ pattern, string, result }) => answer(pattern, string) !== result);
  expect(different).toEqual([]);
  expect(rows.length).toBeGreaterThan(2_000);
  for (const result of [true, false, 'compile_error']) expect(rows.filter((row) => row.result === result).length).toBeGreaterThan(150);
});

it.each([
  ['(?R)', 'recursion (?R)'],
  ['(a)(?1)', 'subroutine call'],
  ['(a)?(?(1)b|c)', 'conditional group (?('],
  ['a(*ACCEPT)b', '(*ACCEPT)'],
  ['\\X', '\\X'],
  ['(*CRLF)a', '(*CRLF)'],
])('refuses what it cannot do by name: %s', (pattern, construct) => {
  expect(compileExpression('pcre2', pattern)).toMatchObject({ kind: 'unsupported', construct: expect.stringContaining(construct) });
});

function answer(pattern: string, text: string): boolean | string {
  const compiled = compileExpression('pcre2', pattern);
  if (compiled.kind !== 'compiled') return compiled.kind === 'invalid' ? 'compile_error' : compiled.construct;
  const outcome = compiled.expression.match(Buffer.from(text).toString('latin1'), { steps: 1_000_000 });
  return outcome === 'undecided' ? outcome : outcome === 'match';
}
