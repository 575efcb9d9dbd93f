import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../evaluation/evaluator.ts';
import { failedCondition } from '../evaluation/rule-match.ts';
import type { Policy, PolicyRule, RequestAttributes } from '../model.ts';
import { readPolicy } from '../reader/read-policy.ts';
import { anyPolicy, anyRequest, request } from '../testing/arbitrary-policy.ts';
import { explainDecision } from './explain-decision.ts';

const reasonOf = (rule: Partial<PolicyRule>, parts: Partial<RequestAttributes> = {}): string | undefined =>
  explainDecision({ rules: [{ level: 'None', ...rule }] }, request(parts)).passedOver[0]?.reason;

describe('explainDecision', () => {
  it('names the rule that decides with its line, and each before it with what it lacks', () => {
    const text = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  nonResourceURLs: ['/healthz*']
- level: Request
  verbs: [create]
  resources: [{resources: [secrets]}]
- level: Metadata
`;
    const reading = readPolicy(text);
    if (reading.kind !== 'policy') throw new Error(reading.message);

    expect(explainDecision(reading.policy, request(), reading.source)).toMatchObject({
      decision: { level: 'Metadata', matchedRule: 2 },
      stages: { recorded: ['ResponseComplete'], omitted: ['RequestReceived'] },
      rule: { index: 2, place: { line: 10, column: 3 } },
      passedOver: [
        { index: 0, place: { line: 5 }, condition: 'path-request', reason: 'secrets is a resource, the rule is for paths that are none' },
        { index: 1, place: { line: 7 }, condition: 'verbs', reason: 'verb get is not create' },
      ],
    });
  });

  it.each<[rule: Partial<PolicyRule>, parts: Partial<RequestAttributes>, reason: string]>([
    [{ users: ['bob'] }, {}, 'user alice is not bob'],
    [{ users: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'] }, {}, 'user alice is not one of a, b, c, d, e, f, g, h and 1 more'],
    [{ userGroups: ['ops', 'system:nodes'] }, {}, 'the user is in none of the groups ops, system:nodes'],
    [{ userGroups: ['ops'] }, { user: null }, 'nobody is authenticated, the rule is for members of ops'],
    [{ verbs: ['get'] }, { verb: '' }, 'verb (none) is not get'],
    [{ namespaces: ['kube-system'] }, {}, 'namespace prod is not kube-system'],
    [{ namespaces: ['kube-system'] }, { namespace: '' }, 'the request is in no namespace or in all, the rule is for kube-system'],
    [{ namespaces: ['a'] }, { resourceRequest: false, path: '/version' }, '/version is no resource, the rule is for resources'],
    [{ resources: [{ resources: ['pods'] }, { group: 'apps' }] }, {}, 'secrets is not one of pods, anything of apps'],
    [
      { resources: [{ group: 'apps', resources: ['deployments'] }] },
      { apiGroup: 'apps', resource: 'deployments', subresource: 'scale' },
      'deployments.apps/scale is not deployments of apps',
    ],
    [{ resources: [{ resources: ['secrets'], resourceNames: ['y'] }] }, {}, 'name x is not y'],
    [
      { resources: [{ resources: ['secrets'], resourceNames: ['y'] }] },
      { verb: 'create', name: '' },
      'the URL of a create has no name, the rule is for y',
    ],
    [{ nonResourceURLs: ['/metrics'] }, { resourceRequest: false, path: '/version' }, 'path /version is not /metrics'],
  ])('%j: %s', (rule, parts, reason) => {
    expect(reasonOf(rule, parts)).toBe(reason);
  });

  it('knows the stages of sessions and of failed authentication', () => {
    const policy: Policy = { omitStages: ['ResponseStarted'], rules: [{ level: 'Metadata' }] };

    expect(explainDecision(policy, request({ subresource: 'exec' })).stages).toEqual({
      recorded: ['RequestReceived', 'ResponseComplete'],
      omitted: ['ResponseStarted'],
    });
    expect(explainDecision(policy, request({ user: null })).stages).toEqual({ recorded: [], omitted: ['ResponseStarted'] });
  });

  it('agrees with the decision, and passes over exactly the rules before it', () => {
    fc.assert(
      fc.property(anyPolicy(10), anyRequest, (policy, one) => {
        const { decision, passedOver, rule } = explainDecision(policy, one);

        expect(decision).toEqual(evaluate(policy, one));
        expect(passedOver.map(({ index }) => index)).toEqual(
          [...policy.rules.keys()].slice(0, decision.matchedRule ?? policy.rules.length),
        );
        for (const { index, condition } of passedOver) expect(failedCondition(policy.rules[index] as PolicyRule, one)).toBe(condition);
        expect(rule?.index).toBe(decision.matchedRule);
      }),
      { numRuns: 300 },
    );
  });
});
