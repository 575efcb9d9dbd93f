import fc from 'fast-check';
import type { GroupResources, Policy, PolicyRule, RequestAttributes } from '../model.ts';

/** Names that meet each other often enough for rules to match, and that YAML could take for something else. */
const NAMES = [
  'alice',
  'system:nodes',
  'yes',
  'null',
  '1',
  '010',
  'a: b',
  ' x',
  "it's",
  '"',
  '#',
  'é',
  '😀',
  '\u0085',
  '\u2028',
  '',
  '*',
  '- a',
  '<<',
  '=',
  '~',
  '2001-01-01',
  '\n',
  '\t',
  '{',
  '&a',
  '!x',
];
const COMMON = ['alice', 'system:nodes', 'bob'];

const name = (): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...COMMON) },
    { weight: 3, arbitrary: fc.constantFrom(...NAMES) },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
  );

const list = <Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> => fc.array(values, { minLength: 1, maxLength: 4 });

const stages = list(fc.constantFrom('RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'));

const groupResources: fc.Arbitrary<GroupResources> = fc.record(
  {
    group: fc.constantFrom('', 'apps', 'batch', '*', 'core', 'yes'),
    resources: list(fc.constantFrom('pods', 'pods/*', 'pods/exec', '*', '*/status', '*/*', 'secrets', 'a/b')),
    resourceNames: list(name()),
  },
  { requiredKeys: ['group', 'resources'] },
);

/** A condition that is absent more often than not: rules with all of them never match. */
const rarely = <Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> => fc.option(values, { nil: undefined, freq: 2 });

const common = {
  level: fc.constantFrom('None', 'Metadata', 'Request', 'RequestResponse'),
  users: rarely(list(name())),
  userGroups: rarely(list(name())),
  verbs: rarely(list(fc.constantFrom('get', 'list', 'watch', 'create', 'delete'))),
  omitStages: rarely(stages),
  omitManagedFields: rarely(fc.boolean()),
} as const;

const rule: fc.Arbitrary<PolicyRule> = fc
  .oneof(
    fc.record({ ...common, resources: rarely(list(groupResources)), namespaces: rarely(list(fc.constantFrom('', 'default', 'prod'))) }),
    fc.record({ ...common, nonResourceURLs: rarely(list(fc.constantFrom('*', '/healthz*', '/version', '/'))) }),
  )
  .map((conditions) => Object.fromEntries(Object.entries(conditions).filter(([, value]) => value !== undefined)) as unknown as PolicyRule);

/** Policies that kube-apiserver 1.36 loads. */
export const anyPolicy = (maxRules = 6): fc.Arbitrary<Policy> =>
  fc.record(
    { rules: fc.array(rule, { minLength: 1, maxLength: maxRules }), omitStages: stages, omitManagedFields: fc.constant(true) },
    { requiredKeys: ['rules'] },
  ) as fc.Arbitrary<Policy>;

/** Requests that rules of `anyPolicy` talk about. */
export const anyRequest: fc.Arbitrary<RequestAttributes> = fc.record({
  user: fc.option(fc.record({ username: name(), groups: fc.array(name(), { maxLength: 3 }) })),
  verb: fc.constantFrom('get', 'list', 'watch', 'create', 'delete', 'post', ''),
  resourceRequest: fc.boolean(),
  path: fc.constantFrom('/healthz', '/healthz/ping', '/version', '/', '/api/v1/pods', '/a'),
  namespace: fc.constantFrom('', 'default', 'prod', 'other'),
  apiGroup: fc.constantFrom('', 'apps', 'batch', 'example.com'),
  apiVersion: fc.constant('v1'),
  resource: fc.constantFrom('pods', 'secrets', 'deployments', 'a', 'a/b'),
  subresource: fc.constantFrom('', 'exec', 'status', 'log', 'b'),
  name: name(),
});

/** A request, the parts that matter given. */
export function request(parts: Partial<RequestAttributes> = {}): RequestAttributes {
  return {
    user: { username: 'alice', groups: ['dev', 'system:authenticated'] },
    verb: 'get',
    resourceRequest: true,
    path: '/api/v1/namespaces/prod/secrets/x',
    namespace: 'prod',
    apiGroup: '',
    apiVersion: 'v1',
    resource: 'secrets',
    subresource: '',
    name: 'x',
    ...parts,
  };
}
