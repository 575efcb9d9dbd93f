import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../evaluation/evaluator.ts';
import type { Policy, PolicyRule } from '../model.ts';
import { isInClass } from '../request-classes/request-class.ts';
import { attributesOf, readRequestInfo } from '../request-info/request-info.ts';
import { policyPair, possibleRequest } from '../testing/arbitrary-request-pair.ts';
import { type ChangedRequests, comparePolicies, recordedOf } from './policy-difference.ts';

const METADATA: PolicyRule = { level: 'Metadata' };

function changesOf(before: readonly PolicyRule[], after: readonly PolicyRule[]): readonly ChangedRequests[] {
  const difference = comparePolicies({ rules: before }, { rules: after }, Number.POSITIVE_INFINITY);
  if (difference.kind === 'too-large') throw new Error('too large');
  for (const { partCount, parts } of difference.changes) expect(partCount).toBe(parts.length);
  return difference.changes;
}

describe('comparePolicies', () => {
  it('puts every request that changes into one class with its change, and no other into any', () => {
    fc.assert(
      fc.property(policyPair, fc.array(possibleRequest, { minLength: 40, maxLength: 40 }), ([before, after], requests) => {
        const difference = comparePolicies(before, after, Number.POSITIVE_INFINITY);
        if (difference.kind === 'too-large') throw new Error('too large');
        for (const request of requests) {
          const [a, b] = [recordedOf(evaluate(before, request)), recordedOf(evaluate(after, request))];
          const own = difference.changes.flatMap((change) => change.parts.filter((part) => isInClass(part, request)).map(() => change));
          const around = difference.changes.filter(({ requests: one }) => isInClass(one, request));
          expect(own.map((change) => [change.before, change.after])).toEqual(JSON.stringify(a) === JSON.stringify(b) ? [] : [[a, b]]);
          expect(own.every((change) => around.includes(change))).toBe(true);
          expect(around.filter(({ isExact }) => isExact).every((change) => own.includes(change))).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('names for each class a request that is in it, and whose URL says what it is', () => {
    fc.assert(
      fc.property(policyPair, ([before, after]) => {
        const difference = comparePolicies(before, after, 50);
        if (difference.kind === 'too-large') throw new Error('too large');
        for (const change of difference.changes) {
          const { request, url } = change.witness;
          expect(isInClass(change.requests, request)).toBe(true);
          const decided = [evaluate(before, request), evaluate(after, request)] as const;
          expect(decided.map(recordedOf)).toEqual([change.before, change.after]);
          expect(decided.map(({ matchedRule }) => matchedRule)).toEqual([change.rules.before, change.rules.after]);
          if (url === undefined) continue;
          const reading = readRequestInfo(url.split(' ')[0] ?? '', url.split(' ')[1] ?? '');
          expect(reading.kind === 'request' && attributesOf(reading.info, request.user)).toEqual(request);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('finds no difference between rules that say the same', () => {
    expect(
      changesOf(
        [{ level: 'None', users: ['a', 'b'] }, METADATA],
        [{ level: 'None', users: ['b'] }, { level: 'None', users: ['a'] }, METADATA],
      ),
    ).toEqual([]);
    expect(changesOf([METADATA], [{ level: 'Metadata', verbs: ['get'] }, METADATA, { level: 'None' }])).toEqual([]);
    expect(changesOf([{ level: 'None', omitStages: ['Panic'] }], [{ level: 'None' }])).toEqual([]);
    expect(changesOf([METADATA], [{ level: 'Metadata', omitManagedFields: true }])).toEqual([]);
  });

  it('leaves out what no request can be: a list by POST, a name in a deletecollection, a resource as a path', () => {
    const impossible: readonly PolicyRule[] = [
      { level: 'None', verbs: ['frobnicate'], resources: [{ resources: ['pods'] }] },
      { level: 'None', verbs: ['deletecollection'], resources: [{ resources: ['secrets'], resourceNames: ['x'] }] },
      { level: 'None', nonResourceURLs: ['/api/v1/pods'] },
      { level: 'None', users: ['system:anonymous'], userGroups: ['system:authenticated'] },
      { level: 'None', resources: [{ resources: ['*/*', 'pods/exec/x'] }] },
    ];

    expect(changesOf([METADATA], [...impossible.slice(0, 4), METADATA])).toEqual([]);
    // `*/*` is not nothing to kube-apiserver: it is the subresource and the resource that are called `*`.
    expect(changesOf([METADATA], [...impossible.slice(4), METADATA]).flatMap(({ parts }) => parts)).toMatchObject([
      { kind: 'resource', resources: { is: ['*'] } },
      { kind: 'resource', resources: { isNot: ['*'] }, subresources: { is: ['*'] } },
    ]);
  });

  it('merges what changes alike, and says it by what is named', () => {
    const [change, ...more] = changesOf(
      [METADATA],
      [
        {
          level: 'None',
          verbs: ['get', 'list', 'watch'],
          userGroups: ['system:nodes'],
          resources: [{ group: 'apps', resources: ['deployments'] }],
        },
        METADATA,
      ],
    );

    expect(more).toEqual([]);
    expect(change).toMatchObject({
      requests: {
        kind: 'resource',
        apiGroups: { is: ['apps'] },
        resources: { is: ['deployments'] },
        subresources: { is: [''] },
        verbs: { is: ['get', 'list', 'watch'] },
        namespaces: { any: true },
        names: { any: true },
        who: { users: { isNot: ['system:anonymous'] }, unauthenticated: false, inGroups: ['system:nodes'], notInGroups: [] },
      },
      before: { level: 'Metadata' },
      after: { level: 'None' },
      witness: { url: 'GET /apis/apps/v1/namespaces/default/deployments/x', request: { user: { username: 'system:node:any-other' } } },
      rules: { before: 0, after: 0 },
    });
  });

  it('knows that a failed authentication is nobody, in no group', () => {
    const [change, ...more] = changesOf(
      [{ level: 'None', userGroups: ['system:authenticated', 'system:unauthenticated'] }, METADATA],
      [{ level: 'None' }],
    );

    expect(more).toHaveLength(1); // resources and paths
    expect(change).toMatchObject({ requests: { who: { users: { is: [] }, unauthenticated: true } }, witness: { request: { user: null } } });
  });

  it('takes of nested paths the one that says most', () => {
    const changes = changesOf(
      [METADATA],
      [{ level: 'Metadata', nonResourceURLs: ['/healthz/ping'] }, { level: 'None', nonResourceURLs: ['/healthz*'] }, METADATA],
    );

    expect(changes).toMatchObject([
      { requests: { kind: 'path', paths: { is: ['/healthz*'], isNot: ['/healthz/ping'] } }, witness: { url: 'GET /healthz' } },
    ]);
  });

  it('puts together what the same two rules decide, around which a class says what it is at least and at most', () => {
    const changes = changesOf(
      [METADATA],
      [{ level: 'Metadata', users: ['bob'], namespaces: ['prod'] }, { level: 'None', verbs: ['list'] }, METADATA],
    );

    expect(changes).toMatchObject([
      {
        rules: { before: 0, after: 1 },
        isExact: false,
        partCount: 2,
        requests: { kind: 'resource', verbs: { is: ['list'] }, namespaces: { any: true } },
      },
      { rules: { before: 0, after: 1 }, isExact: true, partCount: 1, requests: { kind: 'path', verbs: { is: ['list'] } } },
    ]);
  });

  it('names what loses most first, and lists as many parts as are asked for, counting all', () => {
    const before: Policy = { rules: [{ level: 'None', users: ['a'] }, { level: 'RequestResponse' }] };
    const after: Policy = {
      rules: [{ level: 'Request', users: ['a'] }, { level: 'Metadata', users: ['b'], namespaces: ['b'] }, { level: 'None' }],
    };

    const difference = comparePolicies(before, after, 1);
    if (difference.kind === 'too-large') throw new Error('too large');
    expect(difference.changes.map((change) => [change.before.level, change.after.level])).toEqual([
      ['RequestResponse', 'None'],
      ['RequestResponse', 'None'],
      ['RequestResponse', 'Metadata'],
      ['None', 'Request'],
      ['None', 'Request'],
    ]);
    expect(difference.changes[0]).toMatchObject({ parts: { length: 1 }, partCount: 2 });
  });

  it('bears 5,000 rules, and says so where everything is tangled with everything', () => {
    const plain: Policy = {
      rules: [
        ...Array.from(
          { length: 5_000 },
          (_, index): PolicyRule => ({ level: 'None', users: [`u${index}`], resources: [{ resources: [`r${index % 50}`] }] }),
        ),
        METADATA,
      ],
    };
    expect(comparePolicies(plain, { rules: plain.rules.toSpliced(17, 1) })).toMatchObject({
      kind: 'compared',
      changes: [{ rules: { before: 17 } }],
    });

    const tangled: Policy = {
      rules: Array.from({ length: 600 }, (_, index): PolicyRule => {
        const levels = ['None', 'Metadata', 'Request'] as const;
        const conditions = [
          { users: [`u${index}`] },
          { namespaces: [`n${index}`] },
          { userGroups: [`g${index}`] },
          { resources: [{ resources: [`r${index}`] }] },
        ];
        return { level: levels[index % 3] ?? 'None', ...conditions[index % 4] };
      }),
    };
    expect(comparePolicies(tangled, { rules: [METADATA] })).toEqual({ kind: 'too-large' });
  });
});
