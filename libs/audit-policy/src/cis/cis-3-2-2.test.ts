import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Policy, PolicyRule } from '../model.ts';
import { readPolicy } from '../reader/read-policy.ts';
import { checkCis322 } from './cis-3-2-2.ts';

const NAMED = resolve(import.meta.dirname, '../../../../fixtures/policy/named-policies');

const statuses = (policy: Policy): Record<string, string> => Object.fromEntries(checkCis322(policy).map(({ id, status }) => [id, status]));
const rules = (...list: readonly Partial<PolicyRule>[]): Policy => ({ rules: list.map((rule) => ({ level: 'Metadata', ...rule })) });

describe('checkCis322', () => {
  it.each([
    [
      'minimal',
      { secrets: 'met', 'configmaps-tokenreviews': 'met', 'pod-deployment-changes': 'met', sessions: 'met', 'most-requests': 'met' },
    ],
    // The namespace controller’s deletions of secrets are recorded with what was sent.
    [
      'gce',
      { secrets: 'partly', 'configmaps-tokenreviews': 'met', 'pod-deployment-changes': 'met', sessions: 'met', 'most-requests': 'met' },
    ],
    // Config maps of kube-system are recorded with their bodies.
    [
      'docs',
      { secrets: 'met', 'configmaps-tokenreviews': 'partly', 'pod-deployment-changes': 'met', sessions: 'met', 'most-requests': 'met' },
    ],
  ])('%s', (name, expected) => {
    const reading = readPolicy(readFileSync(resolve(NAMED, `${name}.yaml`)));
    expect(statuses((reading as Extract<typeof reading, { kind: 'policy' }>).policy)).toEqual(expected);
  });

  it('gives evidence: a request, and the rule that decides it', () => {
    const policy = rules({ level: 'None', namespaces: ['dev'], resources: [{ resources: ['pods/exec'] }] }, {});
    const sessions = checkCis322(policy).find(({ id }) => id === 'sessions');

    expect(sessions?.status).toBe('partly');
    expect(sessions?.failing[0]).toMatchObject({
      request: { verb: 'get', resource: 'pods', subresource: 'exec', namespace: 'dev', user: { groups: ['system:authenticated'] } },
      decision: { level: 'None', matchedRule: 0 },
    });
    expect(sessions?.meeting[0]).toMatchObject({ decision: { level: 'Metadata', matchedRule: 1 } });
  });

  it('is not met where one kind of request is never as it should be', () => {
    expect(statuses(rules({ level: 'None', verbs: ['list'], resources: [{ resources: ['secrets'] }] }, {}))['secrets']).toBe('not-met');
    expect(statuses(rules({ level: 'Request' }))['secrets']).toBe('not-met');
    expect(statuses(rules({ omitStages: ['ResponseComplete'] }))['sessions']).toBe('not-met');
    expect(statuses(rules({ verbs: ['get'] }))['most-requests']).toBe('not-met');
  });

  it('knows the groups that everybody is in', () => {
    expect(statuses(rules({ userGroups: ['system:authenticated'] }))['secrets']).toBe('met');
    expect(statuses(rules({ level: 'None', userGroups: ['system:unauthenticated'] }, {}))['secrets']).toBe('met');
  });
});
