import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditEvent } from '@k8s-audit/audit-events';
import { attributesOf, evaluate, makeProfile, PROFILES, readRequestInfo, withImpliedGroups } from '@k8s-audit/audit-policy';
import { expect, it } from 'vitest';
import { differenceOf, expectedOf, policyOf, recordedOf } from './comparison.ts';
import { ASKERS, QUESTIONS, type Question } from './questions.ts';

const event = (level: string, stage: string): AuditEvent => ({ level, stage }) as AuditEvent;
const exec: Question = { method: 'GET', url: '/api/v1/namespaces/prod/pods/x/exec', asker: 'alice' };
const published = policyOf(readFileSync(join(import.meta.dirname, '../../../../fixtures/guide/audit-policy.yaml'), 'utf8'), '1.35');

it('finds nothing where the events are those that were expected, in whatever order they were written', () => {
  const recorded = recordedOf([event('Metadata', 'ResponseComplete'), event('Metadata', 'ResponseStarted')]);

  expect(differenceOf(exec, expectedOf(published, exec), recorded, 404)).toBeUndefined();
});

it.each<[what: string, events: readonly AuditEvent[]]>([
  ['no event', []],
  ['a stage too few', [event('Metadata', 'ResponseComplete')]],
  ['a stage too many', ['RequestReceived', 'ResponseStarted', 'ResponseComplete'].map((stage) => event('Metadata', stage))],
  ['a stage twice', ['ResponseStarted', 'ResponseStarted', 'ResponseComplete'].map((stage) => event('Metadata', stage))],
  ['another level', ['ResponseStarted', 'ResponseComplete'].map((stage) => event('Request', stage))],
  ['one of two at another level', [event('Request', 'ResponseStarted'), event('Metadata', 'ResponseComplete')]],
])('finds %s', (_what, events) => {
  expect(differenceOf(exec, expectedOf(published, exec), recordedOf(events), 404)).toMatch(
    /^GET \/api.* by alice \(answer 404\): explain says Metadata at ResponseStarted, ResponseComplete, recorded is /,
  );
});

it('finds an event of what should leave none', () => {
  const probe: Question = { method: 'GET', url: '/healthz', asker: 'anonymous' };
  expect(differenceOf(probe, expectedOf(published, probe), recordedOf([event('Metadata', 'ResponseComplete')]), 200)).toMatch(
    /explain says None/,
  );
});

it.each(PROFILES.map((profile) => [profile.name, profile] as const))(
  'asks at least 200 things, and meets every rule of %s',
  (_name, profile) => {
    const { policy } = makeProfile(profile);
    const met = new Set(
      QUESTIONS.map(({ method, url, asker }) => {
        const reading = readRequestInfo(method, url);
        if (reading.kind === 'broken') throw new Error(reading.message);
        if (asker === 'nobody') return evaluate(policy, attributesOf(reading.info, null)).matchedRule;
        const { username, groups } = asker === 'anonymous' ? { username: 'system:anonymous', groups: [] } : ASKERS[asker];
        return evaluate(policy, attributesOf(reading.info, { username, groups: withImpliedGroups(username, groups) })).matchedRule;
      }),
    );

    expect(QUESTIONS.length).toBeGreaterThanOrEqual(200);
    expect([...policy.rules.keys()].filter((rule) => !met.has(rule))).toEqual([]);
  },
);
