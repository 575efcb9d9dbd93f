import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BREAKS } from '../../testing/event-way.ts';
import { ALL_CHECKS } from './doctor-checks.ts';

/** What doctor-canary.test.ts breaks, a hop at a time; last of all it lets the API server end. */
const BROKEN_HOPS: ReadonlySet<string> = new Set(['canary-api-server', ...BREAKS.map(({ hop }) => `canary-${hop}`)]);

/** Every test that stands beside checks, or asks the whole doctor. */
const WORKSPACE = join(import.meta.dirname, '../../../../..');
const TESTS = globSync(['apps/cli/src/**/*.test.ts', 'libs/*/src/**/*checks.test.ts'], { cwd: WORKSPACE })
  .filter((file) => !file.endsWith('every-check.test.ts'))
  .map((file) => readFileSync(join(WORKSPACE, file), 'utf8'));

/** What cases expect: `'ID failure'`, or a row that begins with `'ID'` and names `'failure'` or `'warning'` before the next row. */
function hasCase(id: string): boolean {
  if (BROKEN_HOPS.has(id)) return true;
  const name = id.replaceAll('.', '\\.');
  const expectation = new RegExp(`'${name} (failure|warning)'`);
  const row = new RegExp(`\\[\\s*'${name}',(?:(?!\\n  \\[|\\];).)*'(failure|warning)'`, 's');
  return TESTS.some((text) => expectation.test(text) || row.test(text));
}

it.each(ALL_CHECKS)('$id has a case that makes it complain', ({ id }) => {
  expect(hasCase(id), `no test names '${id} failure' or '${id} warning': add a case beside the check`).toBe(true);
});

it('notices a check that no case names', () => {
  expect(hasCase('nobody-has-written-a-case-for-this')).toBe(false);
});

it('has no id twice, and needs only what is asked before', () => {
  const before = new Set<string>();
  for (const { id, needs = [] } of ALL_CHECKS) {
    expect(before).not.toContain(id);
    for (const need of needs) expect(before).toContain(need);
    before.add(id);
  }
});
