import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Policy, PolicyRule, RequestAttributes } from '../model.ts';
import { anyPolicy, anyRequest, request } from '../testing/arbitrary-policy.ts';
import { createEvaluator, evaluate } from './evaluator.ts';
import { type FailedCondition, failedCondition } from './rule-match.ts';

const decide = (policy: Policy, parts: Partial<RequestAttributes>): unknown => evaluate(policy, request(parts));

/** A rule's conditions, a request, and the first condition that fails; `undefined`: the rule matches. */
const CASES: readonly [rule: Partial<PolicyRule>, parts: Partial<RequestAttributes>, failed: FailedCondition | undefined][] = [
  [{ users: ['alice'] }, {}, undefined],
  [{ users: ['*'] }, {}, 'users'],
  [{ users: ['alice'] }, { user: null }, 'users'],
  [{ userGroups: ['dev'] }, {}, undefined],
  [{ userGroups: ['ops'] }, {}, 'userGroups'],
  [{ userGroups: ['system:unauthenticated'] }, { user: null }, 'userGroups'],
  [{ verbs: ['*'] }, {}, 'verbs'],
  [{ namespaces: ['prod'] }, {}, undefined],
  [{ namespaces: [''] }, { namespace: '' }, undefined],
  [{ namespaces: ['prod'] }, { resourceRequest: false, path: '/healthz' }, 'resource-request'],
  [{ resources: [{ resources: ['pods'] }] }, { resource: 'pods', subresource: 'log' }, 'resources'],
  [{ resources: [{ resources: ['pods/*'] }] }, { resource: 'pods' }, undefined],
  [{ resources: [{ resources: ['*/log'] }] }, { resource: 'pods', subresource: 'log' }, undefined],
  [{ resources: [{ resources: ['*/*'] }] }, { resource: 'pods', subresource: 'log' }, 'resources'],
  [{ resources: [{ group: 'apps' }] }, { apiGroup: 'apps', resource: 'deployments', subresource: 'scale' }, undefined],
  [{ resources: [{ group: '*', resources: ['pods'] }] }, { apiGroup: 'metrics.k8s.io', resource: 'pods' }, undefined],
  [{ resources: [{ group: 'core', resources: ['secrets'] }] }, {}, 'resources'],
  [{ resources: [{ resources: ['secrets'], resourceNames: ['x'] }] }, {}, undefined],
  [{ resources: [{ resources: ['secrets'], resourceNames: ['x'] }] }, { verb: 'create', name: '' }, 'resources'],
  [{ nonResourceURLs: ['/api*'] }, { resourceRequest: false, path: '/apis' }, undefined],
  [{ nonResourceURLs: ['/healthz'] }, { resourceRequest: false, path: '/healthz/ping' }, 'nonResourceURLs'],
  [{ nonResourceURLs: ['*'] }, {}, 'path-request'],
];

describe('evaluate', () => {
  it('takes the first rule that matches, and records nothing without one', () => {
    const policy: Policy = {
      rules: [
        { level: 'None', verbs: ['get'] },
        { level: 'Metadata', resources: [{ resources: ['secrets'] }] },
      ],
    };

    expect(decide(policy, { verb: 'get' })).toMatchObject({ level: 'None', matchedRule: 0 });
    expect(decide(policy, { verb: 'list' })).toMatchObject({ level: 'Metadata', matchedRule: 1 });
    expect(decide(policy, { verb: 'list', resource: 'pods' })).toMatchObject({ level: 'None', matchedRule: undefined });
  });

  it('adds a rule’s omitted stages to the policy’s, and lets the rule decide on managed fields', () => {
    const policy: Policy = {
      omitStages: ['RequestReceived'],
      omitManagedFields: true,
      rules: [
        { level: 'Request', verbs: ['get'], omitStages: ['Panic'], omitManagedFields: false },
        { level: 'Request', verbs: ['list'] },
      ],
    };

    expect(decide(policy, { verb: 'get' })).toMatchObject({ omitStages: ['RequestReceived', 'Panic'], omitManagedFields: false });
    expect(decide(policy, { verb: 'list' })).toMatchObject({ omitStages: ['RequestReceived'], omitManagedFields: true });
    expect(decide(policy, { verb: 'watch' })).toMatchObject({ level: 'None', omitStages: ['RequestReceived'], omitManagedFields: true });
  });

  it('hands the policy’s own list of stages on as it is written when no rule matches, as kube-apiserver does', () => {
    const policy: Policy = { omitStages: ['Panic', 'RequestReceived', 'Panic'], rules: [{ level: 'Request', verbs: ['list'] }] };

    expect(decide(policy, { verb: 'get' })).toMatchObject({ omitStages: ['Panic', 'RequestReceived', 'Panic'] });
    expect(decide(policy, { verb: 'list' })).toMatchObject({ omitStages: ['RequestReceived', 'Panic'] });
  });

  it.each(CASES)('%j on %j fails by %s', (rule, parts, failed) => {
    expect(failedCondition({ level: 'Metadata', ...rule }, request(parts))).toBe(failed);
  });

  it.each(CASES)('finds %j for %j through the index of a large policy too, unless it fails by %s', (rule, parts, failed) => {
    const evaluator = createEvaluator({ rules: [...NEVER, { level: 'Metadata', ...rule }] });

    expect(evaluator(request(parts)).matchedRule).toBe(failed === undefined ? NEVER.length : undefined);
  });

  it('decides by an index of many rules as by trying them in turn', () => {
    fc.assert(
      fc.property(anyPolicy(60), fc.array(anyRequest, { minLength: 1, maxLength: 30 }), (policy, requests) => {
        const evaluator = createEvaluator({ ...policy, rules: [...NEVER, ...policy.rules] });
        for (const one of requests) {
          const first = policy.rules.findIndex((rule) => failedCondition(rule, one) === undefined);
          expect(evaluator(one).matchedRule).toBe(first < 0 ? undefined : first + NEVER.length);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('does not fill memory with what clients choose', () => {
    const evaluator = createEvaluator({ rules: [...NEVER, { level: 'Metadata' }] });

    for (let index = 0; index < 20_000; index++)
      expect(evaluator(request({ resource: `r${index}`, verb: `v${index}` })).level).toBe('Metadata');
  });
});

/** Enough rules for the index to be made. */
const NEVER: readonly PolicyRule[] = Array.from({ length: 40 }, (_, index) => ({ level: 'None', users: [`nobody-${index}`] }));
