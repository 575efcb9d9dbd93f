import { loadRules } from '@k8s-audit/wazuh-rules';
import { describe, expect, it } from 'vitest';
import { createEngine } from './engine.ts';
import { decide, engineFor, messageOf, rule, ruleOf } from './testing/engine.ts';

const field = (name: string, pattern: string, attributes = ''): string => `<field name="${name}"${attributes}>${pattern}</field>`;

describe('the order in which rules are tried', () => {
  it('is level 0 first, then from high to low, then that of the file', () => {
    const engine = engineFor(
      [rule(100_001, 3, '<match>a</match>'), rule(100_002, 12, '<match>a</match>'), rule(100_003, 12, '<match>a</match>')].join(''),
    );
    expect(ruleOf(engine, 'xax')).toBe(100_002);
    const silenced = engineFor([rule(100_001, 15, '<match>a</match>'), rule(100_002, 0, '<match>ab</match>')].join(''));
    expect([ruleOf(silenced, 'ab'), ruleOf(silenced, 'a')]).toEqual([100_002, 100_001]);
  });

  it('puts accuracy 0 last', () => {
    const engine = engineFor([rule(100_001, 14, '<match>a</match>', 'accuracy="0"'), rule(100_002, 3, '<match>a</match>')].join(''));
    expect(ruleOf(engine, 'a')).toBe(100_002);
  });

  it('is depth first: the first child that matches wins, whatever its level', () => {
    const engine = engineFor(
      [
        rule(100_001, 10, '<match>a</match>'),
        rule(100_002, 3, '<if_sid>100001</if_sid><match>b</match>'),
        rule(100_003, 4, '<if_sid>100002</if_sid><match>c</match>'),
      ].join(''),
    );
    expect([ruleOf(engine, 'a'), ruleOf(engine, 'ab'), ruleOf(engine, 'abc'), ruleOf(engine, 'ac')]).toEqual([
      100_001, 100_002, 100_003, 100_001,
    ]);
  });

  it('goes on behind a noalert rule of which no child matches, and ends at a level-0 rule', () => {
    const rules = (attributes: string): string =>
      [
        rule(100_001, 0, '<match>a</match>', attributes),
        rule(100_002, 5, '<if_sid>100001</if_sid><match>b</match>'),
        rule(100_003, 3, '<match>a</match>'),
      ].join('');
    expect(ruleOf(engineFor(rules('noalert="1"')), 'a')).toBe(100_003);
    expect(ruleOf(engineFor(rules('noalert="1"')), 'ab')).toBe(100_002);
    expect(ruleOf(engineFor(rules('')), 'a')).toBe(100_001);
  });

  it('lets a level-0 child silence its parent, in alerts and in the archive', () => {
    const engine = engineFor([rule(100_001, 12, '<match>a</match>'), rule(100_002, 0, '<if_sid>100001</if_sid><match>b</match>')].join(''));
    const verdict = decide(engine, 'ab');
    expect([verdict.rule?.id, verdict.alerted, verdict.alertJson()]).toEqual([100_002, false, undefined]);
    expect(JSON.parse(verdict.archiveJson().toString())).not.toHaveProperty('rule');
    expect(JSON.parse(verdict.logtestJson().toString()).rule).toMatchObject({ id: '100002', level: 0 });
  });

  it('has parents by group and by level', () => {
    const engine = engineFor(
      [
        rule(100_001, 6, '<match>a</match><group>one,two</group>'),
        rule(100_002, 7, '<if_group>two</if_group><match>b</match>'),
        rule(100_003, 8, '<if_level>7</if_level><match>c</match>'),
      ].join(''),
    );
    // The template, rule 1, is of level 0, which counts as more than 7: so 100003 is tried at the top too.
    expect([ruleOf(engine, 'ab'), ruleOf(engine, 'ac'), ruleOf(engine, 'abc')]).toEqual([100_002, 100_003, 100_003]);
  });
});

describe('a condition', () => {
  it.each<[string, string, unknown, boolean]>([
    ['on a field that is not there', field('b', 'x'), { a: 'x' }, false],
    ['on a field that is not there, negated', field('b', 'x', ' negate="yes"'), { a: 'x' }, false],
    ['negated', field('a', 'x', ' negate="yes"'), { a: 'y' }, true],
    ['on an empty text', field('a', '^$', ' type="pcre2"'), { a: '' }, true],
    ['on an empty text, of some letter', field('a', '\\.+'), { a: '' }, false],
    ['on null', field('a', '^null$'), { a: null }, true],
    ['on a boolean', field('a', '^true$'), { a: true }, true],
    ['on a number', field('a', '^1.500000$'), { a: 1.5 }, true],
    ['on a nested field', field('a.b.c', '^x$'), { a: { b: { c: 'x' } } }, true],
    ['on a key with a dot', field('a.b.c', '^x$'), { a: { 'b.c': 'x' } }, true],
    ['on another case of the name', field('A.b', '^x$'), { a: { B: 'x' } }, true],
    ['on an object', field('a', '\\.*'), { a: { b: 1 } }, false],
    ['on an array’s text', field('a', '"x"', ' type="pcre2"'), { a: ['w', 'x'] }, true],
    ['on two fields, one of which fails', field('a', 'x') + field('b', 'x'), { a: 'x', b: 'y' }, false],
    ['on the first of two equal keys', field('a', '^1$'), '{"a":1,"a":2}', true],
    ['in OSRegex, without case', field('a', 'ABC'), { a: 'xabcx' }, true],
    ['in PCRE2, with case', field('a', 'ABC', ' type="pcre2"'), { a: 'xabcx' }, false],
    ['in PCRE2, on bytes', field('a', '^..$', ' type="pcre2"'), { a: 'é' }, true],
    ['in OSRegex, a letter beyond ASCII', field('a', 'é'), { a: 'é' }, false],
    ['on the location', '<location>^k8s$</location>', {}, true],
    ['on the location, negated', '<location negate="yes">^k8s$</location>', {}, false],
    ['on the decoder', '<decoded_as>json</decoded_as>', { a: 1 }, true],
    ['on another decoder', '<decoded_as>json-msgraph</decoded_as>', { a: 1 }, false],
    ['on the action, letter by letter', '<action>Drop</action>', { action: 'drop' }, false],
    ['on the user', '<user>^alice$</user>', { dstuser: 'alice' }, true],
    ['on the user when it is an object', '<user>alice</user>', { user: { username: 'alice' } }, false],
    ['on an address', '<srcip>10.0.0.0/8</srcip>', { srcip: '10.1.2.3' }, true],
    ['on an address outside', '<srcip>10.0.0.0/8</srcip>', { srcip: '11.1.2.3' }, false],
    ['on an address that is none', '<srcip>10.0.0.0/8</srcip>', { srcip: '10.1.2' }, false],
    ['on an address that is not there, negated', '<srcip negate="yes">10.0.0.0/8</srcip>', { a: 1 }, false],
    ['on text and field together', '<match>"a"</match><regex>\\d\\d</regex>', { a: 12 }, true],
  ])('%s', (_title, condition, log, holds) => {
    expect(ruleOf(engineFor(rule(100_001, 3, condition)), log)).toBe(holds ? 100_001 : undefined);
  });

  it('on a time or day is told by the local clock', () => {
    const at = (text: string, utcOffsetMinutes = 0): number | undefined =>
      ruleOf(
        engineFor([rule(100_001, 3, '<time>10 pm - 6 am</time>'), rule(100_002, 2, '<weekday>weekends</weekday>')].join(''), {
          utcOffsetMinutes,
        }),
        'x',
        { nowMs: Date.parse(text) },
      );
    expect(at('2026-11-26T23:00:00Z')).toBe(100_001);
    expect(at('2026-11-26T12:00:00Z')).toBeUndefined();
    expect(at('2026-11-26T12:00:00Z', 11 * 60)).toBe(100_001);
    expect(at('2026-11-28T12:00:00Z')).toBe(100_002);
  });
});

describe('a CDB list', () => {
  const lists = new Map([['etc/lists/l', 'alice:admin\n"a:b":colon\n10.0.0.1:exact\n192.168.:net\nbob:\n']]);
  const ruleWith = (attributes: string): ReturnType<typeof engineFor> =>
    engineFor(rule(100_001, 3, `<list ${attributes}>etc/lists/l</list>`), { lists });

  it.each<[string, unknown, boolean]>([
    ['field="u" lookup="match_key"', { u: 'alice' }, true],
    ['field="u" lookup="match_key"', { u: 'Alice' }, false],
    ['field="u" lookup="match_key"', { u: 'a:b' }, true],
    ['field="u"', { u: 'bob' }, true],
    ['field="u" lookup="not_match_key"', { u: 'carol' }, true],
    ['field="u" lookup="not_match_key"', { u: '' }, true],
    ['field="u" lookup="not_match_key"', { v: 'x' }, false],
    ['field="u" lookup="match_key_value" check_value="adm"', { u: 'alice' }, true],
    ['field="u" lookup="match_key_value" check_value="other"', { u: 'alice' }, false],
    ['field="srcip" lookup="address_match_key"', { srcip: '10.0.0.1' }, true],
    ['field="srcip" lookup="address_match_key"', { srcip: '192.168.7.7' }, true],
    ['field="srcip" lookup="address_match_key"', { srcip: '192.16.7.7' }, false],
    ['field="srcip" lookup="not_address_match_key"', { srcip: '192.168.7.7' }, false],
  ])('<list %s> on %j: %s', (attributes, log, holds) => {
    expect(ruleOf(ruleWith(attributes), log)).toBe(holds ? 100_001 : undefined);
  });

  it('that was not given is named, or makes its rule undecided', () => {
    const rules = rule(100_001, 3, '<list field="u">etc/lists/l</list>');
    expect(() => engineFor(rules)).toThrow(
      expect.objectContaining({ code: 'RULES_UNSUPPORTED', message: expect.stringContaining('etc/lists/l') }),
    );
    const engine = engineFor(rules, { unsupported: 'undecided' });
    expect(engine.process(messageOf({ u: 'alice' }), 0)).toMatchObject({ kind: 'undecided', rule: { id: 100_001 } });
  });
});

describe('earlier events', () => {
  const BASE = rule(100_001, 5, field('verb', 'delete'));
  const often = (inside = '', attributes = 'frequency="3" timeframe="60"'): ReturnType<typeof engineFor> =>
    engineFor(BASE + rule(100_002, 10, `<if_matched_sid>100001</if_matched_sid>${inside}`, attributes));
  const fires = (
    engine: ReturnType<typeof engineFor>,
    logs: readonly unknown[],
    place: { location?: string; stepMs?: number } = {},
  ): number[] =>
    logs.flatMap((log, index) =>
      ruleOf(engine, log, { nowMs: index * (place.stepMs ?? 0), ...(place.location === undefined ? {} : { location: place.location }) }) ===
      100_002
        ? [index + 1]
        : [],
    );
  const deletes = (...users: readonly string[]): unknown[] => users.map((user) => ({ verb: 'delete', k8s: { user } }));

  it('are counted up to the frequency, and then anew', () => {
    expect(fires(often(), deletes(...'aaaaaaaaaa'))).toEqual([3, 6, 9]);
  });

  it('count within the time frame only, in whole seconds', () => {
    expect(fires(often(), deletes('a', 'a', 'a'), { stepMs: 30_999 })).toEqual([]);
    expect(fires(often(), deletes('a', 'a', 'a'), { stepMs: 30_000 })).toEqual([3]);
  });

  it('count by the same field, which must be in both', () => {
    const same = '<same_field>k8s.user</same_field>';
    expect(fires(often(same), deletes(...'ababab'))).toEqual([5, 6]);
    expect(fires(often(same), [{ verb: 'delete' }, { verb: 'delete' }, { verb: 'delete' }])).toEqual([]);
  });

  it('count by a different field, compared with the present event alone', () => {
    expect(fires(often('<different_field>k8s.user</different_field>'), deletes('s1', 's2', 's1', 's3'))).toEqual([4]);
    expect(fires(often('<not_same_field>k8s.user</not_same_field>'), deletes('s1', 's1', 's1', 's1'))).toEqual([]);
  });

  it('of other agents count only with global_frequency', () => {
    const engine = (inside: string): (number | undefined)[] => {
      const each = often(inside);
      return [1, 2, 3].map((agent) => ruleOf(each, { verb: 'delete' }, { location: `[00${agent}] (n${agent}) any->k8s` }));
    };
    expect(engine('')).toEqual([100_001, 100_001, 100_001]);
    expect(engine('<global_frequency />')).toEqual([100_001, 100_001, 100_002]);
  });

  it('of a level-0 rule are not remembered', () => {
    const engine = engineFor(
      rule(100_001, 0, field('verb', 'delete')) +
        rule(100_002, 10, '<if_matched_sid>100001</if_matched_sid>', 'frequency="2" timeframe="60"'),
    );
    expect(fires(engine, deletes('a', 'a', 'a'))).toEqual([]);
  });

  it('are found by group and by text too', () => {
    const byGroup = engineFor(
      rule(100_001, 5, `${field('verb', 'delete')}<group>gone</group>`) +
        rule(100_002, 10, '<if_matched_group>gone</if_matched_group>', 'frequency="3" timeframe="60"'),
    );
    expect(fires(byGroup, deletes('a', 'a', 'a', 'a'))).toEqual([3]);
    const byText = engineFor(
      BASE + rule(100_002, 10, `<if_sid>100001</if_sid><if_matched_regex>"user":"\\w+"</if_matched_regex>`, 'frequency="3" timeframe="60"'),
    );
    expect(fires(byText, [...deletes('a', 'a'), { verb: 'delete' }, ...deletes('a')])).toEqual([3]);
  });

  it('are told in the alert, newest first', () => {
    const engine = often();
    for (const log of deletes('a', 'b')) decide(engine, log);
    const alert = JSON.parse(decide(engine, deletes('c')[0]).alertJson()?.toString() ?? '{}');
    expect(alert.previous_output.split('\n')).toEqual(deletes('b', 'a').map((log) => JSON.stringify(log)));
    expect(alert.rule).toMatchObject({ id: '100002', frequency: 3, firedtimes: 1 });
  });
});

describe('ignore="60"', () => {
  const RULES = rule(100_001, 3, '<match>a</match>') + rule(100_002, 9, '<if_sid>100001</if_sid>', 'ignore="60"');

  it('reports the parent for so many seconds', () => {
    const engine = engineFor(RULES);
    expect([0, 59, 60, 61].map((second) => ruleOf(engine, 'a', { nowMs: second * 1_000 }))).toEqual([100_002, 100_001, 100_002, 100_001]);
  });

  it('reports the rule without an alert, as logtest does', () => {
    const engine = engineFor(RULES, { asLogtest: true });
    const [first, second] = [decide(engine, 'a'), decide(engine, 'a', { nowMs: 1_000 })];
    expect([first.rule?.id, first.alerted, first.isIgnored]).toEqual([100_002, true, false]);
    expect([second.rule?.id, second.alerted, second.isIgnored]).toEqual([100_002, false, true]);
  });
});

describe('a description', () => {
  const describeWith = (description: string, log: unknown): string | undefined =>
    decide(engineFor(`<rule id="100001" level="3"><match>{</match><description>${description}</description></rule>`), log).description;

  it.each<[string, unknown, string]>([
    ['$(k8s.verb) by $(k8s.user.name)', { k8s: { verb: 'get', user: { name: 'alice' } } }, 'get by alice'],
    ['$(K8S.VERB)', { k8s: { verb: 'get' } }, 'get'],
    ['<$(nothing)>'.replaceAll('<', '[').replaceAll('>', ']'), { a: 1 }, '[]'],
    ['$(a)', { a: '$(b)', b: 'x' }, '$(b)'],
    ['$(a)', { a: ['x', 1] }, '["x", 1]'],
    ['$(srcip)', { srcip: '10.0.0.1' }, '10.0.0.1'],
    ['$(location)', { a: 1 }, ''],
    ['not closed $(a', { a: 1 }, 'not closed $(a'],
    ['line $(a)', { a: 'one\ntwo\nthree' }, 'line one\ntwo\nthree'],
  ])('%s', (description, log, filled) => {
    expect(describeWith(description, log)).toBe(filled);
  });

  it('of 1,024 bytes or more stands as it was written', () => {
    expect(describeWith('x$(a)', { a: 'a'.repeat(1_022) })).toBe(`x${'a'.repeat(1_022)}`);
    expect(describeWith('x$(a)', { a: 'a'.repeat(1_023) })).toBe('x$(a)');
  });
});

describe('options', () => {
  const alertOf = (options: string, level = 5): Record<string, unknown> | undefined => {
    const line = decide(engineFor(rule(100_001, level, `<match>a</match>${options}`)), { a: 1 }).alertJson();
    return line === undefined ? undefined : (JSON.parse(line.toString()) as Record<string, unknown>);
  };

  it.each([
    ['', 5, true],
    ['', 2, false],
    ['<options>log_alert</options>', 2, true],
    ['<options>no_log</options>', 12, false],
  ])('%s at level %i: alerted %s', (options, level, alerted) => {
    expect(alertOf(options, level) !== undefined).toBe(alerted);
  });

  it('no_full_log takes the message out of the alert and leaves it in the archive', () => {
    const verdict = decide(engineFor(rule(100_001, 5, '<match>a</match><options>no_full_log</options>')), { a: 1 });
    expect(JSON.parse(verdict.alertJson()?.toString() ?? '')).not.toHaveProperty('full_log');
    expect(JSON.parse(verdict.archiveJson().toString())).toHaveProperty('full_log', '{"a":1}');
  });

  it('splits compliance tags from groups, and tells the techniques that are known', () => {
    expect(alertOf('<group>mine,pci_dss_10.2.7,tsc_CC6.8,</group><mitre><id>T1609</id><id>T1552.007</id></mitre>')?.['rule']).toMatchObject(
      {
        groups: ['test', 'mine'],
        pci_dss: ['10.2.7'],
        tsc: ['CC6.8'],
        mitre: {
          id: ['T1609', 'T1552.007'],
          tactic: ['Execution', 'Credential Access'],
          technique: ['Container Administration Command', 'Container API'],
        },
      },
    );
    expect(alertOf('<mitre><id>T9999</id></mitre>')?.['rule']).not.toHaveProperty('mitre');
  });
});

describe('what the engine cannot tell', () => {
  it.each([
    ['<check_diff />', '<check_diff>'],
    ['<compiled_rule>is_simple_http_request</compiled_rule>', '<compiled_rule>'],
    ['<check_if_ignored>user</check_if_ignored>', '<check_if_ignored>'],
    [field('a'.concat('.a'.repeat(100)), 'x'), 'a field name of more than 100 parts'],
    [field('a', '(?R)', ' type="pcre2"'), 'recursion'],
  ])('is refused by name: %s', (condition, construct) => {
    const ruleset = loadRules([{ name: 'x.xml', text: `<group name="t,">${rule(100_001, 3, `<match>a</match>${condition}`)}</group>` }]);
    expect(() => createEngine(ruleset)).toThrow(
      expect.objectContaining({
        code: 'RULES_UNSUPPORTED',
        message: expect.stringMatching(new RegExp(`rule 100001 \\(x\\.xml:1\\).*${construct.replace(/[?()]/g, '.')}`)),
      }),
    );
    const engine = createEngine(ruleset, { unsupported: 'undecided' });
    expect(engine.process(messageOf({ a: 'a' }), 0)).toMatchObject({ kind: 'undecided', rule: { id: 100_001 } });
  });
});

describe('a message that is no event', () => {
  it.each([
    ['', { kind: 'refused', code: '1222' }],
    ['1:x', { kind: 'refused', code: '1222' }],
    ['1:location without an end', { kind: 'refused', code: '1106' }],
    ['1:[001 (a) any->x:y', { kind: 'refused', code: '1106' }],
    ['8:syscheck:x', { kind: 'other-queue', queue: '8' }],
  ])('%j', (message, verdict) => {
    const engine = engineFor(rule(100_001, 3, '<match>a</match>'));
    expect(engine.process(Buffer.from(message), 0)).toMatchObject(verdict);
    expect(engine.statistics()).toMatchObject({ received: 1, matched: 0 });
  });
});
