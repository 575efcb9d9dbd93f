import { Failure } from '@k8s-audit/failure';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Condition, Pattern, StaticField } from './condition.ts';
import { loadRules } from './load-rules.ts';
import { type RuleFileModel, renderRuleFile } from './render-rule-file.ts';
import type { Correlation, Rule, RuleDefinition } from './rule.ts';

const BASE: RuleDefinition = {
  id: 118_000,
  level: 0,
  noalert: true,
  description: 'Kubernetes audit event',
  parents: { kind: 'category', category: 'syslog' },
  conditions: [
    { kind: 'location', pattern: { type: 'pcre2', text: '^(\\([A-Za-z0-9._-]+\\) audit->)?k8s$', negate: false } },
    { kind: 'field', name: 'k8s.schema', pattern: { type: 'pcre2', text: '^1$', negate: false } },
  ],
};

const file = (...rules: readonly RuleDefinition[]): RuleFileModel => ({ groups: [{ name: 'k8s_audit,', rules }] });

/** What a rule file says about a rule: without what loading adds. */
function definitionOf(rule: Rule): RuleDefinition {
  const { place: _1, groupText: _2, groups: _3, sortLevel: _4, alert: _5, search: _6, infoText: _7, cveText: _8, ...definition } = rule;
  return definition;
}

it('writes a rule file as a person would', () => {
  const model: RuleFileModel = {
    comment: ['Written by k8s-audit.', 'Edits are lost.'],
    groups: [
      {
        name: 'k8s_audit,',
        rules: [
          BASE,
          {
            id: 118_101,
            level: 12,
            description: 'Kubernetes: $(k8s.user.username) opened a shell',
            group: 'pci_dss_10.2.7,tsc_CC6.8,',
            parents: { kind: 'sid', ids: [118_000] },
            conditions: [
              { kind: 'field', name: 'k8s.action', pattern: { type: 'osregex', text: '^exec pods$', negate: false } },
              { kind: 'field', name: 'k8s.excepted', pattern: { type: 'pcre2', text: '(^|,)exec(,|$)', negate: true } },
            ],
            options: ['no_ar', 'no_full_log'],
            mitre: { ids: ['T1609'], pairs: [] },
          },
          {
            id: 118_102,
            level: 13,
            description: 'Often',
            parents: { kind: 'sid', ids: [118_101] },
            conditions: [],
            correlation: {
              ifMatchedSid: 118_101,
              frequency: 5,
              timeframeSeconds: 60,
              same: ['srcip'],
              different: [],
              sameFields: ['k8s.cluster'],
              differentFields: [],
              globalFrequency: true,
            },
          },
        ],
      },
    ],
  };
  expect(renderRuleFile(model)).toMatchInlineSnapshot(`
    "<!-- Written by k8s-audit.
         Edits are lost. -->
    <group name="k8s_audit,">
      <rule id="118000" level="0" noalert="1">
        <location type="pcre2">^(\\([A-Za-z0-9._-]+\\) audit->)?k8s$</location>
        <field name="k8s.schema" type="pcre2">^1$</field>
        <description>Kubernetes audit event</description>
      </rule>

      <rule id="118101" level="12">
        <if_sid>118000</if_sid>
        <field name="k8s.action">^exec pods$</field>
        <field name="k8s.excepted" type="pcre2" negate="yes">(^|,)exec(,|$)</field>
        <options>no_ar</options>
        <options>no_full_log</options>
        <mitre><id>T1609</id></mitre>
        <group>pci_dss_10.2.7,tsc_CC6.8,</group>
        <description>Kubernetes: $(k8s.user.username) opened a shell</description>
      </rule>

      <rule id="118102" level="13" frequency="5" timeframe="60">
        <if_matched_sid>118101</if_matched_sid>
        <same_srcip />
        <same_field>k8s.cluster</same_field>
        <global_frequency />
        <description>Often</description>
      </rule>
    </group>
    "
  `);
});

describe('refuses what Wazuh would read as something else', () => {
  const field = (text: string, type: Pattern['type'] = 'pcre2'): RuleDefinition => ({
    ...BASE,
    conditions: [{ kind: 'field', name: 'x', pattern: { type, text, negate: false } }],
  });
  const log = (text: string): Condition => ({ kind: 'log', element: 'match', pattern: { type: 'osmatch', text, negate: false } });
  const list: Condition = { kind: 'list', field: { kind: 'dynamic', name: 'x' }, lookup: 'match_key', list: 'etc/lists/l' };

  it.each<readonly [string, RuleDefinition]>([
    ['a less-than', field('(?<n>x)')],
    ['a less-than before a bang, even escaped', field('\\<!x', 'osregex')],
    ['a backslash at the end', field('x\\')],
    ['a line break', field('a\nb')],
    ['a tab', field('a\tb')],
    ['an entity', field('a &amp; b')],
    ['a NUL', field('a\0')],
    ['half a character', field('\ud800')],
    ['20,480 bytes in a field', field('ä'.repeat(10_240))],
    ['2,048 bytes in a description', { ...BASE, description: 'ä'.repeat(1024) }],
    ['2,048 bytes in a match', { ...BASE, conditions: [log('x'.repeat(2048))] }],
    ['two matches', { ...BASE, conditions: [log('a'), log('b')] }],
    ['three lists', { ...BASE, conditions: [list, list, list] }],
    ['257 fields', { ...BASE, conditions: Array.from({ length: 257 }, () => field('x').conditions[0] as Condition) }],
    [
      'both quotes in an attribute',
      { ...BASE, conditions: [{ kind: 'field', name: `'"`, pattern: { type: 'pcre2', text: 'x', negate: false } }] },
    ],
    [
      'a greater-than in an attribute',
      { ...BASE, conditions: [{ kind: 'field', name: 'a>b', pattern: { type: 'pcre2', text: 'x', negate: false } }] },
    ],
    [
      'a whole-string comparison that is no action',
      { ...BASE, conditions: [{ kind: 'static', field: 'user', pattern: { type: 'string', text: 'x', negate: false } }] },
    ],
    [
      'a field with the name of a static one',
      { ...BASE, conditions: [{ kind: 'field', name: 'Status', pattern: { type: 'pcre2', text: 'x', negate: false } }] },
    ],
    [
      'a dynamic list field with the name of a static one',
      { ...BASE, conditions: [{ kind: 'list', field: { kind: 'dynamic', name: 'User' }, lookup: 'match_key', list: 'l' }] },
    ],
    ['a network that is none', { ...BASE, conditions: [{ kind: 'address', field: 'srcip', networks: ['10.0.'], negate: false }] }],
    ['level 17', { ...BASE, level: 17 }],
    ['a level between two', { ...BASE, level: 2.5 }],
    ['an id of seven digits', { ...BASE, id: 1_180_000 }],
    ['a template that is no template', { ...BASE, id: 7 }],
    ['white space in a group', { ...BASE, group: 'a, b,' }],
    ['a rule that counts and hangs elsewhere', { ...BASE, correlation: counting({ ifMatchedSid: 118_001 }) }],
    ['a rule that compares and counts nothing', { ...BASE, correlation: counting({}) }],
    ['frequency 1', { ...BASE, parents: { kind: 'sid', ids: [1002] }, correlation: { ...counting({ ifMatchedSid: 1002 }), frequency: 1 } }],
    ['ATT&CK in both forms', { ...BASE, mitre: { ids: ['T1609'], pairs: [{ tacticId: 'TA0001', techniqueId: 'T1609' }] } }],
    ['a parent behind it', { ...BASE, parents: { kind: 'sid', ids: [118_001] } }],
    ['its own id again', { ...BASE, id: 118_001 }],
  ])('%s', (_name, rule) => {
    const behind: RuleDefinition = { ...BASE, id: 118_001 };
    const error = catchFailure(() => renderRuleFile(file(rule, behind)));
    expect(error.code).toBe('RULE_NOT_EXPRESSIBLE');
    expect(error.hint).not.toBe('');
  });

  it.each<readonly [string, RuleFileModel]>([
    ['a file without groups', { groups: [] }],
    ['a group without rules', { groups: [{ name: 'a,', rules: [] }] }],
    ['a group name that would be glued', { groups: [{ name: 'a', rules: [{ ...BASE, group: 'b,' }] }] }],
    ['a comment that ends early', { ...file(BASE), comment: ['a -- b'] }],
  ])('%s', (_name, model) => {
    expect(catchFailure(() => renderRuleFile(model)).code).toBe('RULE_NOT_EXPRESSIBLE');
  });

  it('names rule, value and reason', () => {
    expect(catchFailure(() => renderRuleFile(file(field('a<b')))).message).toBe("Rule 118000: field 'x': it holds a `<`.");
  });
});

it('writes nothing that the loader reads back otherwise', () => {
  let written = 0;
  fc.assert(
    fc.property(modelArbitrary(), (model) => {
      let text: string;
      try {
        text = renderRuleFile(model);
      } catch (error) {
        if (error instanceof Failure && error.code === 'RULE_NOT_EXPRESSIBLE') return;
        throw error;
      }
      written++;
      const rules = model.groups.flatMap((group) => group.rules);
      const ids = new Set(rules.map((rule) => rule.id));
      // Rules and groups that the model only refers to, loaded before.
      const seed = [...PARENT_IDS]
        .filter((id) => !ids.has(id))
        .map((id) => `<rule id="${id}" level="5"><description>d</description></rule>`);
      const seeds = { name: '0011-seed.xml', text: `<group name="seed,k8s_base,">${seed.join('')}</group>` };
      const ruleset = loadRules([seeds, { name: 'k8s.xml', text }]);
      expect(ruleset.log, text).toEqual([]);
      expect(
        rules.map((rule) => ruleset.rules.get(rule.id)).map((rule) => rule && definitionOf(rule)),
        text,
      ).toEqual(rules);
    }),
    { numRuns: 1500 },
  );
  // Most models are written, or the property would say little.
  expect(written).toBeGreaterThan(750);
});

function counting(what: Partial<Correlation>): Correlation {
  return {
    frequency: 3,
    timeframeSeconds: 60,
    same: [],
    different: [],
    sameFields: [],
    differentFields: [],
    globalFrequency: false,
    ...what,
  };
}

function catchFailure(action: () => unknown): Failure {
  try {
    action();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const PARENT_IDS = new Set([5001, 5002, 5003]);

/** Texts near every edge of the dialect: mostly inside, now and then beyond. */
function textArbitrary(maxLength = 12): fc.Arbitrary<string> {
  const inside = fc.oneof(
    { weight: 6, arbitrary: fc.stringMatching(/^[a-z0-9 ^$.*|()[\]{}?+:,;_/-]{1,6}$/) },
    {
      weight: 2,
      arbitrary: fc.constantFrom('\\\\', '\\<', '\\d', '>', '"', "'", '&', '&amp', '-->', '!>', '$X', '$(a)', ']]>', 'ß', '💥'),
    },
  );
  const beyond = fc.constantFrom('\\', '\\<!', '<', '&amp;', '<!--', '\n', '\t', '\r', '\0', '\ud800');
  const piece = fc.oneof({ weight: 300, arbitrary: inside }, { weight: 1, arbitrary: beyond });
  return fc.array(piece, { minLength: 0, maxLength }).map((pieces) => pieces.join(''));
}

function patternArbitrary(types: readonly Pattern['type'][] = ['osregex', 'osmatch', 'pcre2']): fc.Arbitrary<Pattern> {
  return fc.record({ type: fc.constantFrom(...types), text: textArbitrary(), negate: fc.boolean() });
}

/** In the order in which the loader gives them back, each at most once but fields. */
function conditionsArbitrary(): fc.Arbitrary<readonly Condition[]> {
  const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<readonly Value[]> =>
    fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: value.map((one) => [one]) });
  const statics = (...names: readonly StaticField[]): fc.Arbitrary<readonly Condition[]> =>
    fc
      .tuple(
        ...names.map((field) =>
          maybe(
            (field === 'action' ? patternArbitrary(['string', 'osregex', 'osmatch', 'pcre2']) : patternArbitrary()).map(
              (pattern): Condition => ({ kind: 'static', field, pattern }),
            ),
          ),
        ),
      )
      .map((all) => all.flat());
  const log = (element: 'match' | 'regex'): fc.Arbitrary<readonly Condition[]> =>
    maybe(patternArbitrary().map((pattern): Condition => ({ kind: 'log', element, pattern })));
  const fieldName = fc.oneof(
    { weight: 20, arbitrary: fc.stringMatching(/^k8s\.[a-z]{1,8}$/) },
    { weight: 10, arbitrary: textArbitrary(2) },
    { weight: 1, arbitrary: fc.constantFrom('user', 'Status', 'hostname', 'srcuser') },
  );
  return fc
    .tuple(
      maybe(fc.constant<Condition>({ kind: 'decoder', name: 'json' })),
      statics('program_name', 'id', 'system_name', 'protocol'),
      log('match'),
      log('regex'),
      statics('action', 'url'),
      maybe(patternArbitrary().map((pattern): Condition => ({ kind: 'location', pattern }))),
      fc.array(
        fc
          .record({ name: fieldName, pattern: patternArbitrary() })
          .map(({ name, pattern }): Condition => ({ kind: 'field', name, pattern })),
        { maxLength: 3 },
      ),
      maybe(fc.constant<Condition>({ kind: 'address', field: 'srcip', networks: ['10.0.0.0/8', '2001:db8::/32'], negate: true })),
      statics('srcport', 'dstport'),
      statics('user', 'srcgeoip'),
      maybe(fc.integer({ min: 1, max: 9999 }).map((minBytes): Condition => ({ kind: 'size', minBytes }))),
      maybe(fc.constantFrom<Condition>({ kind: 'time', text: '8:00-18:00' }, { kind: 'time', text: '!8 am - 6 pm' })),
      maybe(fc.constantFrom<Condition>({ kind: 'weekday', text: 'monday,tue' }, { kind: 'weekday', text: 'weekends' })),
      statics('data', 'extra_data', 'hostname', 'status'),
      fc.array(
        fc
          .record({
            name: fc.constantFrom('k8s.user', 'srcip2'),
            lookup: fc.constantFrom('match_key', 'address_match_key_value'),
            list: textArbitrary(2),
          })
          .map(
            ({ name, lookup, list }): Condition => ({
              kind: 'list',
              field: { kind: 'dynamic', name },
              lookup: lookup as 'match_key',
              list,
            }),
          ),
        { maxLength: 2 },
      ),
    )
    .map((all) => all.flat());
}

function ruleArbitrary(): fc.Arbitrary<RuleDefinition> {
  const optional = <Value>(key: string, value: fc.Arbitrary<Value>): fc.Arbitrary<object> =>
    fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: value.map((one) => ({ [key]: one })) });
  const correlated = fc.constantFrom<Partial<RuleDefinition>>(
    {
      parents: { kind: 'sid', ids: [5001] },
      correlation: counting({ ifMatchedSid: 5001, same: ['srcip', 'user'], globalFrequency: true }),
    },
    { parents: { kind: 'sid', ids: [5002] }, correlation: counting({ ifMatchedSid: 5001, sameFields: ['k8s.cluster'] }) },
    { parents: { kind: 'group', text: 'k8s_base' }, correlation: counting({ ifMatchedGroup: 'k8s_base', differentFields: ['a', 'b'] }) },
    { parents: { kind: 'sid', ids: [5003] }, correlation: counting({ ifMatchedGroup: 'k8s_base', different: ['url', 'location'] }) },
    { parents: { kind: 'level', level: 5 }, correlation: counting({ ifMatchedGroup: 'seed' }) },
    { parents: { kind: 'category', category: 'ids' }, correlation: counting({ ifMatchedRegex: 'x' }) },
  );
  const parents = fc.constantFrom<Partial<RuleDefinition>>(
    { parents: { kind: 'category', category: 'syslog' } },
    { parents: { kind: 'category', category: 'web-log' } },
    { parents: { kind: 'sid', ids: [5001, 5003] } },
    { parents: { kind: 'group', text: 'seed|other' } },
    { parents: { kind: 'level', level: 3 } },
  );
  return fc
    .tuple(
      fc.record({ id: fc.integer({ min: 100_000, max: 100_200 }), level: fc.integer({ min: 0, max: 16 }), description: textArbitrary() }),
      fc.oneof({ weight: 3, arbitrary: parents }, { weight: 1, arbitrary: correlated }),
      conditionsArbitrary(),
      fc.tuple(
        optional('group', fc.oneof(fc.constantFrom('pci_dss_10.2.7,', 'a,b,', ''), textArbitrary(3))),
        optional('noalert', fc.constant(true)),
        optional('inaccurate', fc.constant(true)),
        optional('ignoreSeconds', fc.integer({ min: 1, max: 999_999 })),
        optional('options', fc.constantFrom(['no_ar'], ['no_full_log', 'no_counter'])),
        optional(
          'mitre',
          fc.constantFrom({ ids: ['T1609', 'T1552.007'], pairs: [] }, { ids: [], pairs: [{ tacticId: 'TA0004', techniqueId: 'T1611' }] }),
        ),
        optional(
          'info',
          fc.array(fc.record({ element: fc.constant('info'), type: fc.constantFrom('text', 'link'), text: textArbitrary(3) }), {
            minLength: 1,
            maxLength: 2,
          }),
        ),
        optional('ignoreFields', fc.constantFrom(['user'], ['srcip', 'k8s.name'])),
        optional('checkIfIgnoredFields', fc.constantFrom(['user'], ['a', 'b'])),
      ),
    )
    .map(([base, hung, conditions, extras]) => Object.assign({ ...base, ...hung, conditions }, ...extras) as RuleDefinition);
}

function modelArbitrary(): fc.Arbitrary<RuleFileModel> {
  const group = fc.record({
    name: fc.constantFrom('k8s_audit,', 'a,b,', "o'neill,"),
    rules: fc.array(ruleArbitrary(), { minLength: 1, maxLength: 2 }),
  });
  return fc.record({ comment: fc.constantFrom(['Written by k8s-audit.'], []), groups: fc.array(group, { minLength: 1, maxLength: 2 }) });
}
