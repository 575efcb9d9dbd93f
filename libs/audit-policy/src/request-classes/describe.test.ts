import { expect, it } from 'vitest';
import type { PolicyRule } from '../model.ts';
import { classifyRequests } from './classify.ts';
import { describeRequests } from './describe.ts';

/** What a rule decides that stands alone, in words. */
function wordsOf(rule: Partial<PolicyRule>, before: readonly PolicyRule[] = []): readonly string[] {
  const rules = [...before, { level: 'Metadata' as const, ...rule }];
  const classified = classifyRequests([{ rules }], ([index]) => (index === before.length ? 'this' : undefined), 100);
  if (classified.kind === 'too-large') throw new Error('too large');
  return classified.judged.map((judged) => {
    const { what, who } = describeRequests(judged, 3);
    return `${what} by ${who}`;
  });
}

it.each<[rule: Partial<PolicyRule>, words: string]>([
  [{ namespaces: ['prod', ''] }, 'any verb of any resource in no namespace, prod by anybody, and a failed authentication'],
  [
    { resources: [{ group: 'apps', resources: ['deployments', 'deployments/scale'] }], verbs: ['get'] },
    'get of deployments.apps, deployments.apps/scale by anybody, and a failed authentication',
  ],
  [{ resources: [{ group: 'apps' }], users: ['alice'] }, 'any verb of any resource and its subresources of apps by alice'],
  [
    { resources: [{ group: '*', resources: ['*/status'] }], users: ['alice'] },
    'any verb of any resource (subresource status) of any group by alice',
  ],
  [{ resources: [{ resources: ['pods/*'] }], users: ['alice'] }, 'any verb of pods and its subresources of the core group by alice'],
  [
    { resources: [{ resources: ['secrets'], resourceNames: ['x'] }], userGroups: ['dev'] },
    'get, list, watch and 6 more of secrets named x by anybody, in dev',
  ],
  [
    { nonResourceURLs: ['/healthz*', '/version'], verbs: ['get'], userGroups: ['dev', 'ops'] },
    'get of /healthz*, /version by anybody, in dev or ops',
  ],
  [{ nonResourceURLs: ['*'], users: ['a', 'b', 'c', 'd'] }, 'any verb of any path that is no resource by a, b, c and 1 more'],
  [{ nonResourceURLs: ['*'], userGroups: ['system:unauthenticated'] }, 'any verb of any path that is no resource by system:anonymous'],
])('%j: %s', (rule, words) => {
  expect(wordsOf(rule)).toEqual([words]);
});

it('says what earlier rules leave of it', () => {
  const before: readonly PolicyRule[] = [
    { level: 'None', nonResourceURLs: ['/healthz*'] },
    { level: 'None', userGroups: ['system:authenticated', 'system:unauthenticated'] },
  ];

  expect(wordsOf({ nonResourceURLs: ['*'] }, before)).toEqual([
    'any verb of any path that is no resource but /healthz* by a failed authentication',
  ]);
});
