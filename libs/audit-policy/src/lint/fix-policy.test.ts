import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../evaluation/evaluator.ts';
import type { Policy } from '../model.ts';
import { readPolicy } from '../reader/read-policy.ts';
import { renderPolicy } from '../render.ts';
import { anyPolicy, anyRequest } from '../testing/arbitrary-policy.ts';
import { fixPolicy } from './fix-policy.ts';
import { lintPolicy } from './lint-policy.ts';

const FIXTURES = resolve(import.meta.dirname, '../../../../fixtures');
const HEAD = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n';

const policyOf = (text: string): Policy => {
  const reading = readPolicy(text);
  if (reading.kind !== 'policy') throw new Error(reading.message);
  return reading.policy;
};

/** Errors and warnings only: remarks would add options to the policy. */
const fixed = (rules: string, meaning: 'same' | 'stated' = 'stated'): string =>
  fixPolicy(rules.startsWith('apiVersion') ? rules : HEAD + rules, {
    meaning,
    least: meaning === 'same' ? 'info' : 'warning',
  }).text.replace(HEAD, '');

describe('fixPolicy', () => {
  it('makes of the guide’s policy what its author meant, and leaves the rest of the text alone', () => {
    const published = readFileSync(resolve(FIXTURES, 'guide/audit-policy.yaml'), 'utf8');
    const { text, applied } = fixPolicy(published, { meaning: 'stated', least: 'error' });

    expect(applied).toEqual([{ id: 'misplaced-field', line: 39, title: 'move verbs to the rule', meaning: 'stated' }]);
    expect(policyOf(text)).toEqual(policyOf(readFileSync(resolve(FIXTURES, 'policy/named-policies/seed.yaml'), 'utf8')));
    const [before, after] = [published.split('\n'), text.split('\n')];
    expect(after.filter((line, index) => line !== before[index])).toEqual(["      verbs: ['create', 'patch', 'update', 'delete']"]);
  });

  it.each<[name: string, before: string, after: string]>([
    ['a field name', '- level: None # why\n  namespace: [a]  # here\n', '- level: None # why\n  namespaces: [a]  # here\n'],
    ['the case of a field', '- {level: None, "userGROUPS": [a]}\n', '- {level: None, "userGroups": [a]}\n'],
    [
      'the core group, its quotes kept',
      "- level: None\n  resources: [{group: 'core'}, {group: core, resources: [pods]}]\n",
      "- level: None\n  resources: [{group: ''}, {group: '', resources: [pods]}]\n",
    ],
    [
      'resources',
      '- level: None\n  resources:\n  - resources:\n    - Pod # one\n    - po/exec\n',
      '- level: None\n  resources:\n  - resources:\n    - pods # one\n    - pods/exec\n',
    ],
    [
      'a group',
      '- level: None\n  resources:\n  - group: apps # old\n    resources: [jobs, cronjobs]\n',
      '- level: None\n  resources:\n  - group: batch # old\n    resources: [jobs, cronjobs]\n',
    ],
    ['verbs', '- level: None\n  verbs: [GET, "post"]\n  namespaces: [a]\n', '- level: None\n  verbs: [get, "create"]\n  namespaces: [a]\n'],
    ['a wildcard beside another condition', '- level: None\n  verbs: ["*"]\n  users: [a]\n', '- level: None\n  users: [a]\n'],
    ['levels and stages', '- level: metadata\n  omitStages: [requestReceived]\n', '- level: Metadata\n  omitStages: [RequestReceived]\n'],
    [
      'a group with a version',
      '- level: None\n  resources: [{group: apps/v1}]\n- level: Metadata\n',
      '- level: None\n  resources: [{group: apps}]\n- level: Metadata\n',
    ],
    [
      'a path',
      '- level: None\n  nonResourceURLs: [healthz, "/readyz?verbose"]\n',
      '- level: None\n  nonResourceURLs: [\'/healthz\', "/readyz"]\n',
    ],
    [
      'a stage',
      '- level: Metadata\n  omitStages:\n  - RequestReceived\n  - ResponseStarted # loud\n',
      '- level: Metadata\n  omitStages:\n  - RequestReceived\n',
    ],
    ['the only stage', '- level: Metadata\n  omitStages: [ResponseStarted]\n  users: []\n', '- level: Metadata\n'],
    [
      'verbs of a rule in brackets',
      '- {level: None, resources: [{group: "", resources: [pods], verbs: [get]}], users: [a]}\n',
      '- {level: None, resources: [{group: "", resources: [pods]}], verbs: [get], users: [a]}\n',
    ],
    [
      'verbs in several lines',
      '- level: None\n  resources:\n    - group: ""\n      verbs:\n        - get # a\n        - list\n      resources: [pods]\n- level: Metadata\n',
      '- level: None\n  resources:\n    - group: ""\n      resources: [pods]\n  verbs:\n    - get # a\n    - list\n- level: Metadata\n',
    ],
    [
      'a field that is first',
      '- namespace: [a]\n  level: None\n- users: []\n  level: Metadata\n',
      '- namespaces: [a]\n  level: None\n- level: Metadata\n',
    ],
    ['an old apiVersion', 'apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules:\n- level: Metadata\n', '- level: Metadata\n'],
  ])('mends %s', (_, before, after) => {
    expect(fixed(before)).toBe(after);
  });

  it.each<[name: string, before: string, after: string]>([
    [
      'repeated values',
      '- level: None\n  verbs: [get, list, get, get]\n  users:\n  - a\n  - a # again\n',
      '- level: None\n  verbs: [get, list]\n  users:\n  - a\n',
    ],
    [
      'resources that others include',
      '- level: None\n  resources: [{resources: [pods, "pods/*", "*/log", pods/log]}]\n',
      '- level: None\n  resources: [{resources: ["pods/*", "*/log"]}]\n',
    ],
    ['options without effect', '- level: None\n  omitStages: [Panic]\n  omitManagedFields: true\n', '- level: None\n'],
    [
      'a copy of a rule',
      '- level: None\n  users: [a]\n# a copy\n- level: None\n  users: [a]\n- level: Metadata\n',
      '- level: None\n  users: [a]\n# a copy\n- level: Metadata\n',
    ],
    [
      'keys that do not count',
      '- users: [a]\n  level: None\n  verbs: [get]\n  level: Metadata\n',
      '- users: [a]\n  verbs: [get]\n  level: Metadata\n',
    ],
  ])('takes out %s without a change of meaning', (_, before, after) => {
    expect(fixed(before, 'same')).toBe(after);
  });

  it.each([
    ['a slip whose mending would bring out a worse one', '- level: None\n  verbs: ["*"]\n- level: Metadata\n'],
    ['a value that stands in several places', '- level: None\n  users: &u ["*"]\n  verbs: [get]\n- level: Request\n  users: *u\n'],
    [
      'verbs of several entries',
      '- level: None\n  resources:\n  - resources: [pods]\n    verbs: [get]\n  - resources: [secrets]\n- level: Metadata\n',
    ],
    [
      'verbs where there are some already',
      '- level: None\n  verbs: [list]\n  resources:\n  - resources: [pods]\n    verbs: [get]\n- level: Metadata\n',
    ],
    ['a name that would be there twice', '- level: None\n  namespaces: [b]\n  namespace: [a]\n- level: Metadata\n'],
    ['what stands in a block scalar', '- level: None\n  resources:\n  - group: |-\n      core\n- level: Metadata\n'],
    ['a list with a comment inside its brackets', '- level: None\n  verbs: [get,\n    get, # why\n    list]\n'],
  ])('leaves alone %s', (_, rules) => {
    expect(fixed(rules)).toBe(rules);
    expect(fixed(rules, 'same')).toBe(rules);
  });

  it('keeps line breaks, byte order marks and missing last line breaks', () => {
    const text = `\ufeff${HEAD}- level: None\n  resources:\n  - resources: [pods]\n    verbs: [get]`.replaceAll('\n', '\r\n');
    expect(fixPolicy(text, { meaning: 'stated', least: 'error' }).text).toBe(
      `\ufeff${HEAD}- level: None\n  resources:\n  - resources: [pods]\n  verbs: [get]`.replaceAll('\n', '\r\n'),
    );
  });

  it('without a change of meaning decides every request as before, and is stable', () => {
    fc.assert(
      fc.property(anyPolicy(8), fc.array(anyRequest, { minLength: 20, maxLength: 20 }), (policy, requests) => {
        const once = fixPolicy(renderPolicy(policy), { meaning: 'same', kubernetesVersion: '1.36' });
        const after = policyOf(once.text);
        for (const request of requests) {
          const [was, is] = [evaluate(policy, request), evaluate(after, request)];
          expect([is.level, is.level === 'None' ? [] : is.omitStages]).toEqual([was.level, was.level === 'None' ? [] : was.omitStages]);
        }
        const again = fixPolicy(once.text, { meaning: 'same', kubernetesVersion: '1.36' });
        expect([again.text, again.applied]).toEqual([once.text, []]);
      }),
      { numRuns: 40 },
    );
  });

  it('of any slips leaves no finding behind that it said it had mended, and mended again is itself', () => {
    const slip = fc.constantFrom(
      '  namespace: [a]\n',
      '  verbs: [GET, get, post]\n',
      '  users: ["*"]\n',
      '  users: []\n',
      '  resources:\n  - group: core\n    resources: [Pod, "*/*"]\n',
      '  resources:\n  - resources: [deployments]\n    group: ""\n    verbs: [get, get]\n',
      '  omitStages: [ResponseStarted, ResponseStarted]\n',
      '  nonResourceURLs: ["/a?b", "/a?b"]\n',
      '  level: Metadata\n',
      '  groups: [g]\n',
    );
    const rule = fc.tuple(fc.constantFrom('None', 'Metadata', 'RequestResponse'), fc.array(slip, { maxLength: 3 }));
    fc.assert(
      fc.property(
        fc.array(rule, { minLength: 1, maxLength: 4 }),
        fc.constantFrom<'same' | 'stated'>('same', 'stated'),
        (rules, meaning) => {
          const text = HEAD + rules.map(([level, slips]) => `- level: ${level}\n${slips.join('')}`).join('');
          const { text: once, after } = fixPolicy(text, { meaning });
          const severe = (result: ReturnType<typeof lintPolicy>): number =>
            result.findings.filter(({ severity }) => severity === 'error').length;

          expect(severe(after)).toBeLessThanOrEqual(severe(lintPolicy(text)));
          expect(lintPolicy(once).findings).toEqual(after.findings);
          expect(fixPolicy(once, { meaning }).text).toBe(once);
        },
      ),
      { numRuns: 40 },
    );
  });
});
