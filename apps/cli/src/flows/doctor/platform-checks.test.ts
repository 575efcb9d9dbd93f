import { runChecks } from '@k8s-audit/checks';
import { expect, it } from 'vitest';
import { PLATFORM_CHECKS, type PlatformSight, platformChecks } from './platform-checks.ts';

const GOOD: PlatformSight = {
  platform: 'linux',
  arch: 'x64',
  glibc: '2.36',
  nodeVersion: 'v24.21.0',
  spoolFolder: '/var/lib',
  freeBytes: async () => 50 * 1024 ** 3,
  clockOffsetSeconds: async () => 0.002,
};

const CASES: readonly (readonly [id: string, sight: Partial<PlatformSight>, kind: string])[] = [
  ['platform-supported', { platform: 'darwin' }, 'failure'],
  ['platform-supported', { arch: 'arm' }, 'failure'],
  ['platform-supported', { glibc: undefined }, 'failure'],
  ['platform-supported', { glibc: '2.27' }, 'failure'],
  ['platform-node', { nodeVersion: 'v20.20.2' }, 'failure'],
  ['platform-disk', { freeBytes: async () => 1024 ** 3 }, 'warning'],
  ['platform-clock', { clockOffsetSeconds: async () => 3_600 }, 'failure'],
  ['platform-clock', { clockOffsetSeconds: async () => undefined }, 'warning'],
];

it.each(CASES)('%s complains about %j', async (id, parts, kind) => {
  const results = await runChecks(platformChecks({ ...GOOD, ...parts }));
  const complaints = results.filter(({ finding }) => finding.kind !== 'ok').map(({ check, finding }) => `${check.id} ${finding.kind}`);

  expect(complaints).toEqual([`${id} ${kind}`]);
});

it('has a case for each check, and none complains about a good machine', async () => {
  expect(new Set(CASES.map(([id]) => id))).toEqual(new Set(PLATFORM_CHECKS.map(({ id }) => id)));
  for (const { finding } of await runChecks(platformChecks(GOOD))) expect(finding.kind).toBe('ok');
});
