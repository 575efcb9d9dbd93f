import { expect, it } from 'vitest';
import type { Check, Finding } from './check.ts';
import { renderResults, summarise } from './render-results.ts';
import { runChecks } from './run-checks.ts';

const FAILURE: Finding = { kind: 'failure', seen: 'nobody answers on 8080', next: 'open the port' };

function check(id: string, run: Check['run'], parts: Partial<Check> = {}): Check {
  return { id, category: 'receiver', statement: `${id} is well`, why: '', run, ...parts };
}
const ok = async (): Promise<Finding> => ({ kind: 'ok' });
const failing = async (): Promise<Finding> => FAILURE;

async function kindsOf(...checks: readonly Check[]): Promise<string[]> {
  return (await runChecks(checks)).map((result) => `${result.check.id} ${result.finding.kind}`);
}

it('skips what depends on a check that failed or was skipped, and goes on', async () => {
  expect(
    await kindsOf(check('port', failing), check('tls', ok, { needs: ['port'] }), check('books', ok, { needs: ['tls'] }), check('disk', ok)),
  ).toEqual(['port failure', 'tls skipped', 'books skipped', 'disk ok']);
});

it('asks what depends on a check that only warned', async () => {
  const warning = async (): Promise<Finding> => ({ kind: 'warning', seen: 'soon', next: 'renew' });
  expect(await kindsOf(check('certificate', warning), check('tls', ok, { needs: ['certificate'] }))).toEqual([
    'certificate warning',
    'tls ok',
  ]);
});

it('takes a check that throws or does not answer in time for a failure', async () => {
  const late = new Promise<never>((_resolve, reject) => setTimeout(() => reject(new Error('no answer within 5 ms')), 5));
  const checks = [check('a', () => Promise.reject(new Error('boom'))), check('b', () => new Promise(() => {}))];
  const [thrown, hung] = await runChecks(checks, { bounded: (answer) => Promise.race([answer, late]) });

  expect(thrown?.finding).toMatchObject({ kind: 'failure', seen: 'boom' });
  expect(hung?.finding).toMatchObject({ kind: 'failure', seen: 'no answer within 5 ms' });
});

it('mends on request, and only believes what it sees afterwards', async () => {
  let isMended = false;
  const run = async (): Promise<Finding> => (isMended ? { kind: 'ok' } : FAILURE);
  const fix = async (): Promise<string> => {
    isMended = true;
    return 'opened the port';
  };
  const mended = check('a', run, { fix });
  const useless = check('b', failing, { fix: async () => 'tried' });
  const broken = check('c', failing, { fix: () => Promise.reject(new Error('not permitted')) });

  expect((await runChecks([mended]))[0]).toMatchObject({ finding: FAILURE });
  expect(await runChecks([mended, useless, broken], { fix: true })).toMatchObject([
    { finding: { kind: 'ok' }, fixed: 'opened the port' },
    { finding: FAILURE, fixed: 'tried' },
    { finding: FAILURE, fixed: 'could not be mended: not permitted' },
  ]);
});

it('leaves out what is to be ignored, and says so', async () => {
  expect((await runChecks([check('a', failing)], { ignore: ['a'] }))[0]?.finding).toEqual({ kind: 'skipped', seen: 'ignored on request' });
});

it('reports by category, with what to do next', async () => {
  const results = await runChecks([
    check('port', failing),
    check('disk', ok, { category: 'platform' }),
    check('tls', ok, { needs: ['port'] }),
  ]);

  expect(renderResults(results, { page: 'docs/reference/doctor.md' })).toBe(`Platform
  √ disk is well

Receiver
  × port is well
      seen: nobody answers on 8080
      next: open the port
      page: docs/reference/doctor.md#port
  - tls is well: needs port

1 ok, 0 warnings, 1 failures, 1 skipped
`);
  expect(summarise(results)).toEqual({ ok: 1, warnings: 0, failures: 1, skipped: 1 });
});

it('says in one line that none of a part was looked at', async () => {
  const absent = async (): Promise<Finding> => ({ kind: 'skipped', seen: 'no receiver here' });
  const results = await runChecks([check('port', absent), check('ready', absent)]);

  expect(renderResults(results, { page: 'p' })).toBe(`Receiver
  - not looked at: no receiver here

0 ok, 0 warnings, 0 failures, 2 skipped
`);
});
