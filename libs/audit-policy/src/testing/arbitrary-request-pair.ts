import fc from 'fast-check';
import type { Policy, PolicyRule, RequestAttributes } from '../model.ts';
import { withImpliedGroups } from '../request-info/groups.ts';

/** Few names, so that rules of two policies meet, and overlap in part. */
const USERS = ['alice', 'bob', 'system:anonymous', 'system:serviceaccount:prod:bot', 'system:node:n1', 'system:kube-scheduler'];
const GROUPS = ['dev', 'ops', 'system:nodes', 'system:serviceaccounts:prod'];
const VERBS = ['get', 'list', 'watch', 'create', 'patch', 'delete', 'deletecollection'];
const NAMESPACES = ['', 'prod', 'test'];
const API_GROUPS = ['', 'apps', 'batch'];
const RESOURCES = ['pods', 'secrets', 'deployments'];
const SUBRESOURCES = ['exec', 'status', 'log'];
const PATHS = ['/healthz', '/healthz/ping', '/healthzz', '/version', '/metrics', '/', '/logs/x'];

const some = (values: readonly string[]): fc.Arbitrary<string[]> =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 });
const rarely = <Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> => fc.option(values, { nil: undefined, freq: 1 });

const PATTERNS = [
  ...RESOURCES,
  ...RESOURCES.flatMap((resource) => SUBRESOURCES.map((subresource) => `${resource}/${subresource}`)),
  'pods/*',
  'secrets/*',
  '*/status',
  '*/exec',
  '*',
  '*/*',
  'a/b/c',
];

const groupResources = fc.record(
  { group: fc.constantFrom('', 'apps', '*'), resources: some(PATTERNS), resourceNames: some(['x', 'y', '']) },
  { requiredKeys: ['group', 'resources'] },
);

const common = {
  level: fc.constantFrom('None', 'Metadata', 'Request', 'RequestResponse'),
  users: rarely(some(USERS)),
  userGroups: rarely(some([...GROUPS, 'system:authenticated', 'system:unauthenticated', 'system:serviceaccounts'])),
  verbs: rarely(some([...VERBS, 'post', 'nonsense'])),
  omitStages: rarely(some(['RequestReceived', 'ResponseStarted'])),
  omitManagedFields: rarely(fc.boolean()),
} as const;

const rule: fc.Arbitrary<PolicyRule> = fc
  .oneof(
    fc.record({
      ...common,
      resources: rarely(fc.array(groupResources, { minLength: 1, maxLength: 3 })),
      namespaces: rarely(some(NAMESPACES)),
    }),
    fc.record({
      ...common,
      nonResourceURLs: rarely(some(['*', '/healthz*', '/healthz', '/healthz/*', '/version', '/logs*', '/api/v1/pods'])),
    }),
  )
  .map((conditions) => Object.fromEntries(Object.entries(conditions).filter(([, value]) => value !== undefined)) as unknown as PolicyRule);

const policy = fc.record(
  {
    rules: fc.array(rule, { minLength: 1, maxLength: 6 }),
    omitStages: some(['RequestReceived', 'Panic']),
    omitManagedFields: fc.constant(true),
  },
  { requiredKeys: ['rules'] },
) as fc.Arbitrary<Policy>;

/** Two policies that have much in common: the second is the first with a change, or any other. */
export const policyPair: fc.Arbitrary<readonly [Policy, Policy]> = fc.oneof(
  fc.tuple(policy, policy),
  fc.tuple(policy, rule, fc.nat(6)).map(([one, added, at]) => [one, { ...one, rules: one.rules.toSpliced(at, 0, added) }] as const),
  fc
    .tuple(policy, fc.nat(5))
    .map(([one, at]) => [one, { ...one, rules: one.rules.length > 1 ? one.rules.toSpliced(at, 1) : one.rules }] as const),
);

const user: fc.Arbitrary<RequestAttributes['user']> = fc
  .tuple(fc.option(fc.constantFrom(...USERS, 'carol')), fc.subarray(GROUPS))
  .map(([username, groups]) =>
    username === null ? null : { username, groups: withImpliedGroups(username, username === 'system:anonymous' ? [] : groups) },
  );

const resourceRequest = fc.record({
  user,
  verb: fc.constantFrom(...VERBS, 'update', 'proxy', ''),
  resourceRequest: fc.constant(true),
  path: fc.constant('/api/v1/x'),
  namespace: fc.constantFrom(...NAMESPACES, 'other'),
  apiGroup: fc.constantFrom(...API_GROUPS),
  apiVersion: fc.constant('v1'),
  resource: fc.constantFrom(...RESOURCES, 'widgets'),
  subresource: fc.constantFrom('', '', ...SUBRESOURCES, 'scale'),
  name: fc.constantFrom('', 'x', 'y', 'z'),
});

const pathRequest = fc.record({
  user,
  verb: fc.constantFrom('get', 'post', 'head'),
  resourceRequest: fc.constant(false),
  path: fc.constantFrom(...PATHS),
  ...Object.fromEntries(['namespace', 'apiGroup', 'apiVersion', 'resource', 'subresource', 'name'].map((key) => [key, fc.constant('')])),
}) as fc.Arbitrary<RequestAttributes>;

/** A get and a delete have a name, a deletecollection has none. */
function isPossible({ resourceRequest: isResource, verb, name }: RequestAttributes): boolean {
  if (!isResource) return true;
  if (verb === 'deletecollection') return name === '';
  return name !== '' || (verb !== 'get' && verb !== 'delete');
}

/** Requests that the policies of `policyPair` talk about, and others. */
export const possibleRequest: fc.Arbitrary<RequestAttributes> = fc
  .oneof({ weight: 3, arbitrary: resourceRequest }, { weight: 1, arbitrary: pathRequest })
  .filter(isPossible);
