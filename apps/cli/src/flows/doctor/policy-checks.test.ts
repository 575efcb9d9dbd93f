import { makeProfile, PROFILES, renderPolicy } from '@k8s-audit/audit-policy';
import { type Finding, runChecks } from '@k8s-audit/checks';
import { expect, it } from 'vitest';
import { setupChecksum } from '../cluster/setup-checksum.ts';
import { POLICY_CHECKS, type PolicySight, policyChecks } from './policy-checks.ts';

const FLAG = '/etc/kubernetes/audit/policy.yaml';
const CIS = profile('cis');
const [EARLIER, LATER] = [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 2)];
const GOOD: PolicySight = { flag: FLAG, runningFlag: FLAG, file: fileOf(CIS), startedAtMs: LATER };

function profile(name: string): string {
  const found = PROFILES.find((each) => each.name === name);
  if (found === undefined) throw new Error(name);
  const { policy, comments } = makeProfile(found);
  return renderPolicy(policy, comments);
}

function fileOf(text: string, changedAtMs = EARLIER): NonNullable<PolicySight['file']> {
  return { path: FLAG, text, changedAtMs };
}

const policy = (...rules: readonly string[]): string =>
  `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n${rules.map((rule) => `- ${rule}\n`).join('')}`;
const { file: _file, ...withoutFile } = GOOD;
const { startedAtMs: _start, runningFlag: _running, ...nobodyTells } = GOOD;
const checksum = (text: string): string => setupChecksum({ policy: text });

const CASES: readonly (readonly [id: string, when: string, sight: PolicySight, kind: Finding['kind'], seen: RegExp])[] = [
  ['api-server-policy-loaded', 'the file is newer than the start', { ...GOOD, file: fileOf(CIS, LATER + 1) }, 'failure', /was changed at/],
  ['api-server-policy-loaded', 'the checksum is another', { ...GOOD, checksumAtStart: checksum('old') }, 'failure', /at the start it had/],
  ['api-server-policy-loaded', 'the process has another file', { ...GOOD, runningFlag: '/etc/p' }, 'failure', /runs with .*=\/etc\/p,/],
  ['api-server-policy-loaded', 'there is no such file', withoutFile, 'failure', /is not on this machine/],
  ['api-server-policy-loaded', 'it would not load', { ...GOOD, file: fileOf('rules: [') }, 'failure', /will not start/],
  [
    'api-server-policy-loaded',
    'a field is unknown',
    { ...GOOD, file: fileOf(policy('{level: Metadata, verb: [get]}')) },
    'warning',
    /unknown field/,
  ],
  ['api-server-policy-loaded', 'the checksum holds', { ...GOOD, checksumAtStart: checksum(CIS), startedAtMs: 0 }, 'ok', /as at its start/],
  ['api-server-policy-loaded', 'nobody can tell', nobodyTells, 'skipped', /no checksum/],
  ['cis-3.2.1', 'no policy is set', { flag: undefined }, 'failure', /is not set/],
  ['cis-3.2.1', 'the file is away', withoutFile, 'failure', /is not on this machine/],
  ['cis-3.2.1', 'it records nothing', { ...GOOD, file: fileOf(policy('level: None')) }, 'failure', /1 rules, 0 of them record/],
  [
    'cis-3.2.2',
    'secrets are recorded with bodies',
    { ...GOOD, file: fileOf(policy('level: Request')) },
    'failure',
    /secrets.* is Request by rule 1/,
  ],
  [
    'cis-3.2.2',
    'one namespace is left out',
    { ...GOOD, file: fileOf(policy('{level: None, namespaces: [dev], resources: [{resources: [pods/exec]}]}', 'level: Metadata')) },
    'warning',
    /pods\/exec in dev.* is None by rule 1/,
  ],
  ['cis-3.2.2', 'the profile cis is loaded', GOOD, 'ok', /secrets.*: met: .* is Metadata by rule \d+/],
];

it.each(CASES)('%s when %s', async (id, _when, sight, kind, seen) => {
  const result = (await runChecks(policyChecks(async () => sight))).find(({ check }) => check.id === id);
  expect(result?.finding).toMatchObject({ kind, seen: expect.stringMatching(seen) });
});

it('has a case that complains for each check, and none complains about the profile cis', async () => {
  const complained = CASES.filter(([, , , kind]) => kind === 'failure' || kind === 'warning').map(([id]) => id);
  expect(new Set(complained)).toEqual(new Set(POLICY_CHECKS.map(({ id }) => id)));
  for (const { finding } of await runChecks(policyChecks(async () => GOOD))) expect(finding.kind).toBe('ok');
});
