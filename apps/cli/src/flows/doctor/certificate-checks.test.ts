import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChecks } from '@k8s-audit/checks';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCertificates } from '../create-certificates.ts';
import { inspectCertificates } from '../inspect-certificates.ts';
import { CERTIFICATE_CHECKS, certificateChecks } from './certificate-checks.ts';

const NOW_MS = Date.UTC(2026, 5, 1);
const DAY_MS = 86_400_000;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'certificate-checks-'));
  for (const name of ['good', 'other'])
    await createCertificates({
      folder: join(folder, name),
      issue: { nowMs: NOW_MS, days: 90 },
      hosts: ['10.0.0.7'],
      defaultHosts: [],
      clusters: ['prod-eu'],
      replace: false,
      dryRun: false,
    });
});
afterAll(() => rmSync(folder, { recursive: true }));

async function complaints(name: string, nowMs: number): Promise<readonly string[]> {
  const at = join(folder, name);
  const look = async (): ReturnType<Parameters<typeof certificateChecks>[0]> => ({
    folder: at,
    ...(await inspectCertificates([at], [], nowMs)),
  });
  const results = await runChecks(certificateChecks(look));
  return results.filter(({ finding }) => finding.kind !== 'ok').map(({ check, finding }) => `${check.id} ${finding.kind}`);
}

/** A copy of the good folder with one thing broken. */
function broken(name: string, breakIt: (at: (path: string) => string) => void): string {
  cpSync(join(folder, 'good'), join(folder, name), { recursive: true });
  breakIt((path) => join(folder, name, path));
  return name;
}
const fromOther = (path: string): string => join(folder, 'other', path);

const CASES: readonly (readonly [when: string, make: () => string, nowMs: number, expected: readonly string[]])[] = [
  [
    'the receiver’s is of another authority',
    () => broken('a', (at) => cpSync(fromOther('receiver/server.crt'), at('receiver/server.crt'))),
    NOW_MS,
    ['certificate-receiver failure'],
  ],
  [
    'there is none for a cluster',
    () => broken('b', (at) => rmSync(at('clusters'), { recursive: true })),
    NOW_MS,
    ['certificate-clusters failure'],
  ],
  [
    'a cluster’s is of another authority',
    () => broken('c', (at) => cpSync(fromOther('clusters/prod-eu/audit-client.cert'), at('clusters/prod-eu/audit-client.cert'))),
    NOW_MS,
    ['certificate-clusters failure'],
  ],
  ['a key is open', () => broken('d', (at) => chmodSync(at('receiver/server.key'), 0o640)), NOW_MS, ['certificate-keys failure']],
  [
    'those of receiver and clusters end soon',
    () => 'good',
    NOW_MS + 70 * DAY_MS,
    ['certificate-receiver warning', 'certificate-clusters warning'],
  ],
  [
    'the authority has ended',
    () => 'good',
    NOW_MS + 11 * 366 * DAY_MS,
    ['certificate-receiver failure', 'certificate-authority failure', 'certificate-clusters failure'],
  ],
  ['all is well', () => 'good', NOW_MS, []],
];

it.each(CASES)('complains when %s', async (_when, make, nowMs, expected) => {
  expect(await complaints(make(), nowMs)).toEqual(expected);
});

it('has a case that complains for each check', () => {
  const complained = CASES.flatMap(([, , , expected]) => expected.map((each) => each.split(' ')[0]));
  expect(new Set(complained)).toEqual(new Set(CERTIFICATE_CHECKS.map(({ id }) => id)));
});
