import { LEVELS } from '@k8s-audit/audit-events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../evaluation/evaluator.ts';
import { groupResourcesMatch } from '../evaluation/rule-match.ts';
import type { Policy, RequestAttributes } from '../model.ts';
import { isInClass } from '../request-classes/request-class.ts';
import { policyPair, possibleRequest } from '../testing/arbitrary-request-pair.ts';
import { type AuditNeeds, coverageOf } from './coverage.ts';

const needs: fc.Arbitrary<AuditNeeds> = fc.record(
  {
    level: fc.constantFrom('Metadata', 'Request', 'RequestResponse'),
    resources: fc.oneof(
      fc.constant('*' as const),
      fc.uniqueArray(
        fc.record({
          group: fc.constantFrom('', 'apps'),
          resources: fc.subarray(['pods', 'pods/exec', 'secrets', 'deployments'], { minLength: 1 }),
        }),
        { minLength: 1, maxLength: 2 },
      ),
    ),
    verbs: fc.oneof(fc.constant('*' as const), fc.subarray(['get', 'list', 'create', 'patch'], { minLength: 1 })),
    stages: fc.subarray(['RequestReceived', 'ResponseStarted', 'ResponseComplete'], { minLength: 1 }),
    users: fc.oneof(
      fc.constantFrom('authenticated' as const, 'unauthenticated' as const),
      fc.record({ names: fc.subarray(['alice', 'bob'], { minLength: 1 }) }),
      fc.record({ except: fc.subarray(['alice', 'system:node:n1', 'system:anonymous']) }),
    ),
  },
  { requiredKeys: ['level', 'resources', 'verbs', 'stages'] },
);

/** Said once more, plainly: is the request one that is needed? */
function isNeeded({ resources, verbs, users = 'authenticated' }: AuditNeeds, request: RequestAttributes): boolean {
  if (resources !== '*' && !(request.resourceRequest && resources.some((entry) => groupResourcesMatch(entry, request)))) return false;
  if (verbs !== '*' && !verbs.includes(request.verb)) return false;
  if (users === 'unauthenticated') return request.user === null;
  if (request.user === null) return false;
  if (users === 'authenticated') return true;
  return 'names' in users ? users.names.includes(request.user.username) : !users.except.includes(request.user.username);
}

function isSeen(policy: Policy, { level, stages }: AuditNeeds, request: RequestAttributes): boolean {
  const decision = evaluate(policy, request);
  return LEVELS.indexOf(decision.level) >= LEVELS.indexOf(level) && !stages.some((stage) => decision.omitStages.includes(stage));
}

const EXEC: AuditNeeds = {
  level: 'Metadata',
  resources: [{ group: '', resources: ['pods/exec'] }],
  verbs: ['create', 'get'],
  stages: ['ResponseStarted'],
};

describe('coverageOf', () => {
  it('agrees with each request tried by itself', () => {
    fc.assert(
      fc.property(policyPair, needs, fc.array(possibleRequest, { minLength: 60, maxLength: 60 }), ([policy], need, requests) => {
        const coverage = coverageOf(policy, need, Number.POSITIVE_INFINITY);
        if (coverage.kind === 'too-large') throw new Error('too large');
        const gaps = coverage.kind === 'full' ? [] : coverage.gaps;
        for (const request of requests.filter((one) => isNeeded(need, one))) {
          const seen = isSeen(policy, need, request);
          const rule = evaluate(policy, request).matchedRule;
          expect(gaps.filter(({ parts }) => parts.some((part) => isInClass(part, request))).map((gap) => gap.rule ?? -1)).toEqual(
            seen ? [] : [rule ?? -1],
          );
          if (seen) expect(coverage.kind !== 'blind' && coverage.rules).toContain(rule);
          else expect(coverage.kind).not.toBe('full');
        }
        for (const { witness } of gaps) expect(isNeeded(need, witness.request) && !isSeen(policy, need, witness.request)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('is full, with the rules that record', () => {
    expect(coverageOf({ rules: [{ level: 'None', nonResourceURLs: ['*'] }, { level: 'Metadata' }] }, EXEC)).toEqual({
      kind: 'full',
      rules: [1],
    });
  });

  it('is partial: for whom, and by which rule', () => {
    const policy: Policy = {
      rules: [
        { level: 'None', userGroups: ['system:nodes'] },
        { level: 'None', users: ['root'], namespaces: ['ops'] },
        { level: 'Metadata' },
      ],
    };

    expect(coverageOf(policy, EXEC)).toMatchObject({
      kind: 'partial',
      rules: [2],
      gaps: expect.arrayContaining([
        expect.objectContaining({
          lacks: 'level',
          level: 'None',
          rule: 1,
          requests: expect.objectContaining({ namespaces: { is: ['ops'] } }),
        }),
      ]),
    });
  });

  it('is blind where a stage is left out, though the level is there', () => {
    expect(coverageOf({ omitStages: ['ResponseStarted'], rules: [{ level: 'RequestResponse' }] }, EXEC)).toMatchObject({
      kind: 'blind',
      gaps: [{ lacks: 'stage', level: 'RequestResponse', missingStages: ['ResponseStarted'], rule: 0 }],
    });
  });

  it('is blind where no rule matches', () => {
    expect(coverageOf({ rules: [{ level: 'Metadata', namespaces: ['a'], verbs: ['list'] }] }, EXEC)).toMatchObject({
      kind: 'blind',
      gaps: [{ rule: undefined, level: 'None' }],
    });
  });

  it('tells failed authentication from the anonymous user', () => {
    const onlyKnown: Policy = { rules: [{ level: 'Metadata', userGroups: ['system:authenticated', 'system:unauthenticated'] }] };
    const all: AuditNeeds = { level: 'Metadata', resources: '*', verbs: '*', stages: ['ResponseStarted'] };

    expect(coverageOf(onlyKnown, all).kind).toBe('full');
    expect(coverageOf(onlyKnown, { ...all, users: 'unauthenticated' }).kind).toBe('blind');
    expect(coverageOf(onlyKnown, { ...all, users: { names: ['system:anonymous'] } }).kind).toBe('full');
  });
});
