import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failedCondition } from '../evaluation/rule-match.ts';
import type { PolicyRule, RequestAttributes } from '../model.ts';
import { candidatesOf, unnamedIn } from './candidates.ts';
import { type Cover, coverOf } from './cover.ts';

const cover = (rule: Partial<PolicyRule>, ...earlier: readonly Partial<PolicyRule>[]): Cover => {
  const [target, ...rules] = [rule, ...earlier].map((conditions) => ({ level: 'None' as const, ...conditions }));
  return coverOf(candidatesOf(target as PolicyRule, unnamedIn([target as PolicyRule, ...rules])), rules, { left: 1_000_000 });
};

describe('coverOf', () => {
  it.each<[name: string, rule: Partial<PolicyRule>, earlier: readonly Partial<PolicyRule>[], by: readonly number[]]>([
    ['a catch-all covers anything', { users: ['a'] }, [{}], [0]],
    ['two rules share the verbs', { verbs: ['get', 'list'] }, [{ verbs: ['list'] }, { users: ['x'] }, { verbs: ['get'] }], [0, 2]],
    [
      'a whole group covers its names',
      { resources: [{ group: 'apps', resources: ['deployments'], resourceNames: ['x'] }] },
      [{ resources: [{ group: 'apps' }] }],
      [0],
    ],
    [
      'pods/* covers pods and pods/log',
      { resources: [{ resources: ['pods', 'pods/log'] }] },
      [{ resources: [{ resources: ['pods/*'] }] }],
      [0],
    ],
    ['*/log covers pods/log', { resources: [{ resources: ['pods/log'] }] }, [{ resources: [{ resources: ['*/log'] }] }], [0]],
    ['resources and paths are everything', {}, [{ resources: [{ group: '*' }] }, { nonResourceURLs: ['*'] }], [0, 1]],
    ['a shorter prefix covers a longer', { nonResourceURLs: ['/healthz/ping', '/healthz/a*'] }, [{ nonResourceURLs: ['/healthz*'] }], [0]],
    ['every member of a group', { userGroups: ['ops'], verbs: ['get'] }, [{ userGroups: ['dev', 'ops'] }], [0]],
    [
      'rules by user and by verb',
      { users: ['a', 'b'], verbs: ['get', 'list'] },
      [{ users: ['a'] }, { users: ['b'], verbs: ['get'] }, { verbs: ['list'] }],
      [0, 1, 2],
    ],
  ])('proves that %s', (_, rule, earlier, by) => {
    expect(cover(rule, ...earlier)).toEqual({ kind: 'covered', by });
  });

  it.each<[name: string, rule: Partial<PolicyRule>, earlier: readonly Partial<PolicyRule>[], escapes: Partial<RequestAttributes>]>([
    ['another user', {}, [{ users: ['a'] }], { user: null }],
    ['the verb that is left', { verbs: ['get', 'list'] }, [{ verbs: ['get'] }], { verb: 'list' }],
    ['a path', {}, [{ resources: [{ group: '*' }] }], { resourceRequest: false }],
    [
      'a subresource',
      { resources: [{ resources: ['pods/*'] }] },
      [{ resources: [{ resources: ['pods', 'pods/log'] }] }],
      { resource: 'pods', subresource: 'any-other' },
    ],
    ['another namespace', { resources: [{ resources: ['pods'] }] }, [{ namespaces: ['a'] }], { resource: 'pods', namespace: 'any-other' }],
    ['a longer path', { nonResourceURLs: ['/a*'] }, [{ nonResourceURLs: ['/ab*', '/a'] }], { path: '/aany-other' }],
  ])('finds %s that escapes', (_, rule, earlier, escapes) => {
    expect(cover(rule, ...earlier)).toMatchObject({ kind: 'escapes', request: escapes });
  });

  it('knows conditions that nothing meets', () => {
    expect(cover({ resources: [{ resources: ['*/*', '*/', 'a/b/c', 'pods/'] }] })).toEqual({ kind: 'empty' });
  });

  it('gives up within its budget instead of guessing', () => {
    const rule = { level: 'None' as const, verbs: ['get'] };
    expect(coverOf(candidatesOf(rule, 'x'), [rule], { left: 0 })).toEqual({ kind: 'unknown' });
  });

  it('agrees with trying every request that the rules can tell apart', () => {
    fc.assert(
      fc.property(anyRule, fc.array(anyRule, { maxLength: 5 }), (rule, earlier) => {
        const matching = everyRequest.filter((request) => failedCondition(rule, request) === undefined);
        const escaping = matching.filter((request) => earlier.every((other) => failedCondition(other, request) !== undefined));
        const outcome = coverOf(candidatesOf(rule, 'other'), earlier, { left: 1_000_000 });

        expect(outcome.kind).toBe(matching.length === 0 ? 'empty' : escaping.length > 0 ? 'escapes' : 'covered');
        if (outcome.kind === 'escapes') {
          expect(failedCondition(rule, outcome.request)).toBeUndefined();
          for (const other of earlier) expect(failedCondition(other, outcome.request)).toBeDefined();
        }
        if (outcome.kind === 'covered') {
          const named = outcome.by.map((index) => earlier[index] as PolicyRule);
          expect(matching.every((request) => named.some((other) => failedCondition(other, request) === undefined))).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

const some = <Value>(...values: readonly Value[]): fc.Arbitrary<Value[]> => fc.subarray([...values], { minLength: 1 });
const maybe = <Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> => fc.option(values, { nil: undefined, freq: 1 });

const entry = fc.record(
  {
    group: fc.constantFrom('', 'apps', '*'),
    resources: some('pods', 'pods/*', 'pods/log', '*', '*/log', '*/*', '*/'),
    resourceNames: some('n', 'm'),
  },
  { requiredKeys: ['group'] },
);

const common = { users: maybe(some('a', 'b')), userGroups: maybe(some('g', 'h')), verbs: maybe(some('get', 'list')) };

const anyRule: fc.Arbitrary<PolicyRule> = fc
  .oneof(
    fc.record({ ...common, resources: maybe(fc.array(entry, { minLength: 1, maxLength: 2 })), namespaces: maybe(some('', 'x')) }),
    fc.record({ ...common, nonResourceURLs: maybe(some('*', '/a*', '/a', '/ab', '/')) }),
  )
  .map((conditions) => ({
    level: 'None',
    ...(Object.fromEntries(Object.entries(conditions).filter(([, value]) => value !== undefined)) as object),
  }));

/** Every combination of what the rules above can tell apart, and of one value more in each respect. */
const everyRequest: readonly RequestAttributes[] = (() => {
  const users = [
    null,
    ...['a', 'b', 'other'].flatMap((username) => [[], ['g'], ['h'], ['g', 'h']].map((groups) => ({ username, groups }))),
  ];
  const resources = ['', 'apps', 'other'].flatMap((apiGroup) =>
    ['pods', 'other'].flatMap((resource) =>
      ['', 'log', 'other'].flatMap((subresource) =>
        ['n', 'm', 'other'].flatMap((name) =>
          ['', 'x', 'other'].map((namespace) => ({ resourceRequest: true, path: '', apiGroup, resource, subresource, name, namespace })),
        ),
      ),
    ),
  );
  const paths = ['/', '/a', '/ab', '/a/other', '/other'].map((path) => ({
    resourceRequest: false,
    path,
    apiGroup: '',
    resource: '',
    subresource: '',
    name: '',
    namespace: '',
  }));
  return users.flatMap((user) =>
    ['get', 'list', 'other'].flatMap((verb) => [...resources, ...paths].map((object) => ({ ...object, user, verb, apiVersion: '' }))),
  );
})();
