import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubernetesVersion } from '../kubernetes-version.ts';
import { readPolicy } from '../reader/read-policy.ts';
import { renderPolicy } from '../render.ts';
import { anyPolicy } from '../testing/arbitrary-policy.ts';
import type { Finding } from './finding.ts';
import { lintPolicy } from './lint-policy.ts';
import { FINDING_KINDS } from './registry.ts';

const FIXTURES = resolve(import.meta.dirname, '../../../../fixtures');
const HEAD = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n';

const lint = (rules: string, kubernetesVersion?: KubernetesVersion): readonly Finding[] =>
  lintPolicy(rules.startsWith('apiVersion') ? rules : HEAD + rules, kubernetesVersion === undefined ? {} : { kubernetesVersion }).findings;

/** The findings of one kind as `line:column severity message`. */
const found = (id: string, rules: string, version?: KubernetesVersion): readonly string[] =>
  lint(rules, version)
    .filter((finding) => finding.id === id)
    .map(({ place, severity, message }) => `${place.line}:${place.column} ${severity} ${message}`);

describe('the registry', () => {
  it.each(FINDING_KINDS.map((kind) => [kind.id, kind] as const))('%s: its example has it, with its severity', (id, kind) => {
    expect(lint(kind.example, kind.exampleVersion).filter((finding) => finding.id === id)).toContainEqual(
      expect.objectContaining({ severity: kind.severity }),
    );
  });

  it('names each kind once', () => {
    expect(new Set(FINDING_KINDS.map(({ id }) => id)).size).toBe(FINDING_KINDS.length);
    for (const { id } of FINDING_KINDS) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });
});

describe('real policies', () => {
  it.each([
    ['the guide’s, as published', 'guide/audit-policy.yaml', 'guide'],
    ['GCE’s', 'policy/named-policies/gce.yaml', 'gce'],
    ['the Kubernetes documentation’s', 'policy/named-policies/docs.yaml', 'docs'],
    ['shapes that do not do what they say', 'policy/named-policies/traps.yaml', 'traps'],
  ])('%s', async (_, file, name) => {
    const { findings } = lintPolicy(readFileSync(resolve(FIXTURES, file)));

    await expect(`${findings.map(line).join('\n')}\n`).toMatchFileSnapshot(`../../golden/lint-${name}.txt`);
  });

  function line({ place, end, severity, id, message, advice, fix }: Finding): string {
    const mends = fix === undefined ? '' : ` [${fix.meaning}: ${fix.title}]`;
    return `${place.line}:${place.column}-${end.line}:${end.column} ${severity} ${id}: ${message}; ${advice}${mends}`;
  }
});

describe('what kube-apiserver ignores or accepts', () => {
  it.each<[id: string, rules: string, expected: readonly string[]]>([
    [
      'misplaced-field',
      '- level: None\n  group: apps\n',
      ['5:3 error group is no field of a rule: kube-apiserver ignores it, and the rule (level None) is not narrowed by it'],
    ],
    [
      'unknown-field',
      '- level: None\n  namespace: [a]\n',
      ['5:3 error there is no field namespace: kube-apiserver ignores it, and the rule (level None) is not narrowed by it'],
    ],
    ['unknown-field', '- level: None\n  foo: 1\n', ['5:3 error there is no field foo in a rule: kube-apiserver ignores it']],
    [
      'unknown-field',
      `apiVersion: audit.k8s.io/v1\nkind: Policy\nmetadata: {nme: x}\nrules:\n- level: Metadata\n`,
      ['3:12 warning metadata.nme: kube-apiserver ignores it'],
    ],
    ['field-case', '- Level: None\n  level: Metadata\n', ['4:3 error there is no field Level in this case: kube-apiserver ignores it']],
    [
      'duplicate-key',
      '- level: None\n  level: Metadata\n',
      ['5:3 error level is there twice: this one counts, the one of line 4 is ignored'],
    ],
    ['second-document', '- level: Metadata\n---\nx', ['5:1 error kube-apiserver reads only the first document: what follows is ignored']],
    ['second-document', '- level: Metadata\n---\n', ['5:1 error kube-apiserver reads only the first document: what follows is ignored']],
    ['second-document', '- level: Metadata\n...\n', []],
    ['core-group', '- level: None\n  resources: [{group: core}]\n', ['5:23 error there is no group core: the entry matches nothing']],
    [
      'unknown-group',
      '- level: None\n  resources: [{group: metrics.k8s.io}, {group: app}, {group: rbac.authorisation.k8s.io}]\n',
      [
        '5:48 error there is no group app: the entry matches nothing',
        '5:62 error there is no group rbac.authorisation.k8s.io: the entry matches nothing',
      ],
    ],
    [
      'resource-spelling',
      '- level: None\n  resources: [{resources: [Pod, po, podz, pods/log]}]\n',
      [
        '5:28 error there is no resource Pod in the core group',
        '5:33 error there is no resource po in the core group',
        '5:37 error there is no resource podz in the core group',
      ],
    ],
    ['wrong-group', '- level: None\n  resources: [{group: apps, resources: [jobs]}]\n', ['5:41 error jobs are not in apps but in batch']],
    [
      'unknown-resource',
      '- level: None\n  resources: [{group: policy, resources: [podsecuritypolicies]}]\n',
      ['5:43 info podsecuritypolicies are gone from policy since Kubernetes 1.25'],
    ],
    ['unknown-resource', '- level: None\n  resources: [{group: example.com, resources: [gizmos]}]\n', []],
    [
      'unknown-subresource',
      '- level: None\n  resources: [{resources: [pods/exe, nodes/metrics, "pods/*", services/proxy]}]\n',
      [
        '5:28 error pods have no subresource exe',
        '5:38 error nodes/metrics is a name of the kubelet’s own authorization: requests through the API server are nodes/proxy',
      ],
    ],
    [
      'impossible-resource',
      '- level: None\n  resources: [{resources: ["*/*", "*/", pods/, "", "a/b/c", "*", "*/log"]}]\n',
      [
        '5:28 error */* matches no request',
        '5:35 error */ matches no request',
        '5:41 error pods/ matches no request',
        '5:48 error "" matches no request',
        '5:52 error a/b/c matches no request',
      ],
    ],
    [
      'cluster-scoped-resource',
      '- level: None\n  namespaces: [a]\n  resources: [{resources: [nodes, namespaces, pods]}]\n',
      ['6:28 error nodes are in no namespace: a rule for a never matches them'],
    ],
    ['cluster-scoped-resource', '- level: None\n  namespaces: [a, ""]\n  resources: [{resources: [nodes]}]\n', []],
    ['resource-names-on-create', '- level: None\n  verbs: [create]\n  resources: [{resources: [pods/exec], resourceNames: [x]}]\n', []],
    [
      'resource-names-on-create',
      '- level: None\n  verbs: [get, create]\n  resources: [{resources: [pods], resourceNames: [x]}]\n',
      ['5:16 warning the URL of a create has no name: with resourceNames the rule never matches it'],
    ],
    [
      'literal-wildcard',
      '- level: None\n  users: ["*"]\n  namespaces: ["kube-*"]\n  resources: [{resources: ["pod*"], resourceNames: ["*"]}]\n',
      [
        '5:11 error * is compared letter by letter: users know no wildcards',
        '6:16 error kube-* is compared letter by letter: namespaces know no wildcards',
        '7:28 error pod* is compared letter by letter: resources know only *, NAME/* and */NAME',
        '7:53 error * is compared letter by letter: names know no wildcards',
      ],
    ],
    [
      'unknown-verb',
      '- level: None\n  verbs: [get, Get, post, use]\n  nonResourceURLs: [/a]\n',
      [
        '5:16 error no request for a path that is no resource has the verb Get',
        '5:27 error no request for a path that is no resource has the verb use',
      ],
    ],
    [
      'unknown-verb',
      '- level: None\n  verbs: [connect, deletecollection]\n  namespaces: [a]\n',
      ['5:11 error no request for a resource has the verb connect'],
    ],
    [
      'url-never-matches',
      '- level: None\n  nonResourceURLs: ["/a?b", "/a%20b", "/%zz", "/a b"]\n',
      [
        '5:21 error no path is /a?b: it is compared decoded, without the query string',
        '5:29 error no path is /a%20b: it is compared decoded, without the query string',
        '5:39 error no path is /%zz: it is compared decoded, without the query string',
      ],
    ],
    [
      'url-is-resource',
      '- level: None\n  nonResourceURLs: [/api/v1/pods, "/apis/apps/v1/*", /api/v1, "/api/*", /apis/apps]\n',
      [
        '5:21 error requests below /api/v1/pods are for resources: nonResourceURLs never match them',
        '5:35 error requests below /apis/apps/v1/* are for resources: nonResourceURLs never match them',
      ],
    ],
    [
      'empty-condition',
      '- level: None\n  users:\n  verbs: [get]\n- level: Metadata\n  resources: []\n',
      [
        '5:3 error an empty users is no condition: the rule matches everybody',
        '8:3 warning an empty resources is no condition: the rule matches everything',
      ],
    ],
    ['catch-all-none', '- level: None\n', []],
    [
      'catch-all-none',
      '- level: None\n- level: Metadata\n',
      ['4:3 error this rule matches everything: nothing is recorded from here on, and the rule after it never decides'],
    ],
    [
      'no-catch-all',
      '- level: Metadata\n  nonResourceURLs: ["*"]\n- level: Metadata\n  namespaces: [a]\n- level: None\n  resources: [{group: "*"}]\n',
      [],
    ],
    ['lost-failed-logins', '- level: Metadata\n  users: [a]\n  omitStages: [ResponseStarted]\n', []],
    ['lost-failed-logins', '- level: None\n- level: Metadata\n  omitStages: [ResponseStarted]\n', []],
    [
      'lost-failed-logins',
      'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [ResponseStarted]\nrules:\n- level: Metadata\n',
      ['3:14 warning requests that fail to authenticate (401) have the stage ResponseStarted only: omitting it loses them all'],
    ],
    [
      'lost-outcome',
      '- level: Metadata\n  omitStages: [RequestReceived, ResponseComplete]\n',
      ['5:33 error without ResponseComplete ordinary requests are not recorded at all'],
    ],
    [
      'secrets-recorded',
      '- level: Metadata\n  resources: [{resources: [secrets, configmaps, serviceaccounts/token]}, {group: authentication.k8s.io}]\n- level: RequestResponse\n',
      [],
    ],
    ['secrets-recorded', '- level: Request\n  verbs: [get, list]\n- level: Metadata\n', []],
    [
      'secrets-recorded',
      '- level: Request\n  resources: [{group: authentication.k8s.io}]\n- level: Metadata\n',
      ['4:10 error level Request records the bodies of tokenreviews (create)'],
    ],
    [
      'secrets-recorded',
      '- level: Metadata\n  users: [alice]\n  resources: [{resources: [secrets]}]\n- level: RequestResponse\n  resources: [{resources: [secrets]}]\n  verbs: [list]\n',
      ['7:10 error level RequestResponse records the bodies of secrets (list)'],
    ],
    ['whole-lists-recorded', '- level: RequestResponse\n  verbs: [create, patch]\n- level: Metadata\n', []],
    [
      'whole-lists-recorded',
      '- level: RequestResponse\n  resources: [{group: authorization.k8s.io, resources: [subjectaccessreviews]}, {resources: [pods/log]}]\n',
      [],
    ],
    [
      'redundant-resource',
      '- level: None\n  resources: [{resources: [pods, "pods/*", secrets, pods/log]}]\n',
      ['5:28 info pods/* includes pods', '5:53 info pods/* includes pods/log'],
    ],
    [
      'wildcard-group-version',
      '- level: None\n  resources: [{group: "*"}]\n- level: Metadata\n',
      ['5:23 info Kubernetes up to 1.35 refuses group "*", and its API server does not start'],
    ],
    [
      'refused',
      '- level: {}\n',
      ['4:10 error failed decoding: json: cannot unmarshal object into Go struct field PolicyRule.rules.level of type v1.Level'],
    ],
    ['refused', '- level: None\n\tx', ['5:1 error failed decoding: yaml: line 5: found a tab character that violates indentation']],
    ['refused', 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: []\n', ['1:1 error loaded illegal policy with 0 rules']],
    [
      'invalid-value',
      '- level: metadata\n  omitStages: [panic]\n',
      [
        '4:10 error rules[0].level: "metadata" is refused: supported values: "None", "Metadata", "Request", "RequestResponse"',
        '5:16 error rules[0].omitStages[0]: "panic" is refused: allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic',
      ],
    ],
    [
      'invalid-value',
      '- level: None\n  resources: [{group: apps}, {group: apps/v1}]\n',
      [expect.stringMatching(/^5:38 error rules\[0\]\.resources\.group: "apps\/v1" is refused/) as unknown as string],
    ],
  ])('%s: %j', (id, rules, expected) => {
    expect(found(id, rules)).toEqual(expected);
  });

  it('says nothing of a group "*" where it is known to be allowed, and refuses it where it is not', () => {
    const rules = '- level: Metadata\n- level: None\n  resources: [{group: "*"}]\n';
    expect(found('wildcard-group-version', rules, '1.36')).toEqual([]);
    expect(found('wildcard-group-version', rules, '1.35')).toEqual([
      expect.stringContaining('6:23 error Kubernetes 1.35 refuses group "*"'),
    ]);
  });

  it('points into JSON as well', () => {
    const text = '{"apiVersion":"audit.k8s.io/v1","kind":"Policy",\n "rules":[{"level":"Metadata","verb":["get"]}]}';
    expect(lintPolicy(text).findings.find(({ id }) => id === 'unknown-field')).toMatchObject({
      place: { line: 2, column: 31 },
      end: { line: 2, column: 37 },
    });
  });

  it('points at what a column counts in characters', () => {
    const [finding] = lint('- level: Metadata\n  users: [💥, "*", é*]\n').filter(({ id }) => id === 'literal-wildcard');
    expect(finding).toMatchObject({ place: { line: 5, column: 14 }, end: { line: 5, column: 17 } });
  });
});

describe('rules that decide nothing', () => {
  it('names every rule that takes the requests', () => {
    const rules =
      '- level: None\n  verbs: [get]\n- level: Request\n  users: [x]\n- level: None\n  verbs: [list]\n- level: Metadata\n  verbs: [list, get]\n- level: None\n';
    expect(lint(rules).filter(({ id }) => id === 'unreachable-rule')).toMatchObject([
      {
        path: 'rules[3]',
        severity: 'error',
        message: 'no request comes to this rule: rules[0] (line 4) and rules[2] (line 8) together match all that it names',
        related: [{ place: { line: 4 } }, { place: { line: 8 } }],
      },
    ]);
  });

  it('is mild about a rule that would record the same, and about a copy', () => {
    expect(found('unreachable-rule', '- level: None\n  verbs: [get, list]\n- level: None\n  verbs: [get]\n- level: Metadata\n')).toEqual([
      '6:3 warning no request comes to this rule: rules[0] (line 4) matches all that it names, and record the same',
    ]);
    expect(
      found('duplicate-rule', '- level: None\n  verbs: [get, list]\n- level: None\n  verbs: [list, get]\n- level: Metadata\n'),
    ).toHaveLength(1);
  });

  it('sees that a rule is a pin only', () => {
    const pin = '- level: Metadata\n  resources: [{resources: [secrets]}]\n';
    expect(found('no-effect-rule', `${pin}- level: Request\n  resources: [{resources: [pods]}]\n- level: Metadata\n`)).toHaveLength(1);
    expect(found('no-effect-rule', `${pin}- level: Request\n  resources: [{group: ""}]\n- level: Metadata\n`)).toEqual([]);
    expect(found('no-effect-rule', `${pin}- level: Metadata\n  omitStages: [RequestReceived]\n`)).toEqual([]);
  });
});

describe('comments that ask not to be told', () => {
  const rules = (above: string, behind: string): string =>
    `${above}- level: None\n  verbs: [GET]${behind}\n  users: ["*"]\n- level: Metadata\n  verbs: [GET]\n`;

  it.each([
    ['nothing', rules('', ''), 2, 1],
    ['a line', rules('', ' # k8s-audit: ignore unknown-verb: legacy'), 1, 1],
    ['a rule', rules('# k8s-audit: ignore unknown-verb, literal-wildcard\n\n# note\n', ''), 1, 0],
    ['a file', rules('# k8s-audit: ignore-file unknown-verb\n', ''), 0, 1],
    ['another kind', rules('# k8s-audit: ignore noisy-leases\n', ''), 2, 1],
  ])('%s', (_, text, verbs, wildcards) => {
    const result = lintPolicy(HEAD + text);
    const count = (id: string): number => result.findings.filter((finding) => finding.id === id).length;

    expect([count('unknown-verb'), count('literal-wildcard')]).toEqual([verbs, wildcards]);
    expect(result.suppressed).toBe(3 - verbs - wildcards);
  });
});

describe('any text', () => {
  it('has findings with places in it', () => {
    const part = fc.constantFrom(
      ': ',
      '- ',
      '? ',
      '[',
      ']',
      '{',
      '}',
      ', ',
      ' #',
      '&a ',
      '*a',
      '!!str ',
      '|\n ',
      "'",
      '"',
      '\n',
      '  ',
      '---\n',
      '<<: ',
      'level: None',
      'verbs',
      'resources',
      'group: core',
      'rules:\n- ',
      '\ufeff',
      '\u2028',
      '\r\n',
      '💥',
      HEAD,
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(part, { maxLength: 30 }).map((parts) => parts.join('')),
          fc.string({ unit: 'binary' }),
        ),
        (text) => {
          const { findings, reading } = lintPolicy(text);
          expect(findings.length > 0 || reading.kind === 'policy').toBe(true);
          for (const { place, end } of findings) {
            expect(place.line >= 1 && place.column >= 1).toBe(true);
            expect(end.line > place.line || (end.line === place.line && end.column >= place.column)).toBe(true);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('in bytes that are no text has an answer too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(lintPolicy(bytes).findings.length).toBeGreaterThan(0);
      }),
    );
  });

  it('reports everything that kube-apiserver’s strict reading does', () => {
    const key = fc.constantFrom('level', 'Level', 'verbs', 'verb', 'group', 'resources', 'x', 'omitStages');
    const rule = fc.dictionary(key, fc.constantFrom('None', 'Metadata')).map((fields) =>
      JSON.stringify({
        ...fields,
        level: 'None',
        verbs: ['get'],
        resources: [{ ...fields, resources: ['pods'], group: '' }],
        omitStages: [],
      }),
    );
    fc.assert(
      fc.property(rule, (text) => {
        const { reading, findings } = lintPolicy(`${HEAD}- ${text}\n`);
        const paths = new Set(findings.map(({ path }) => path));
        for (const error of reading.strictErrors) if (error.kind === 'unknown-field') expect(paths).toContain(error.path);
      }),
    );
  });

  it('is linted the same when it is rendered from a policy, and read as it is linted', () => {
    fc.assert(
      fc.property(anyPolicy(), (policy) => {
        const text = renderPolicy(policy);
        const { findings } = lintPolicy(text, { kubernetesVersion: '1.36' });
        expect(readPolicy(text).kind).toBe('policy');
        expect(
          findings.filter(({ id }) => ['refused', 'invalid-value', 'unknown-field', 'misplaced-field', 'duplicate-key'].includes(id)),
        ).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('of 2,000 rules that all differ is decided about within the budget', () => {
    const rules = Array.from(
      { length: 2_000 },
      (_, index) => `- {level: None, users: [u${index}], verbs: [get, list], resources: [{resources: [pods, secrets]}]}`,
    );
    const { isIncomplete, findings } = lintPolicy(
      `${HEAD}${rules.join('\n')}\n- level: None\n  users: [u7]\n  resources: [{resources: [pods]}]\n  verbs: [list]\n- level: Metadata\n`,
    );

    expect(isIncomplete).toBe(false);
    expect(findings.filter(({ id }) => id === 'unreachable-rule')).toMatchObject([{ path: 'rules[2000]' }]);
  });
});
