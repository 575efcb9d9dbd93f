import { describe, expect, it } from 'vitest';
import type { LoadOptions, RuleFile } from './load-options.ts';
import { inLoadingOrder, loadRules } from './load-rules.ts';
import type { LoadedRuleset, RuleNode } from './loaded-ruleset.ts';
import type { Rule } from './rule.ts';

function load(text: string | Uint8Array, options: LoadOptions = {}): LoadedRuleset {
  return loadRules([{ name: 'etc/rules/local_rules.xml', text }], options);
}

/** One rule with this inside, in group `a,`. */
function inRule(inside: string, attributes = 'level="3"'): string {
  return `<group name="a,"><rule id="112000" ${attributes}>${inside}<description>d</description></rule></group>`;
}

function ruleOf(ruleset: LoadedRuleset, id = 112000): Rule {
  const rule = ruleset.rules.get(id);
  if (rule === undefined) throw new Error(`rule ${id} is not loaded: ${ruleset.log.join('\n')}`);
  return rule;
}

const codesOf = (ruleset: LoadedRuleset): readonly string[] => ruleset.problems.map((problem) => problem.code);

/** `1(118000(118001 118002))` without the templates that hold nothing. */
function outline(nodes: readonly RuleNode[]): string {
  return nodes
    .filter((node) => node.rule.id >= 10 || node.children.length > 0)
    .map((node) => (node.children.length === 0 ? String(node.rule.id) : `${node.rule.id}(${outline(node.children)})`))
    .join(' ');
}

const rule = (id: number, level: number, inside = '', attributes = ''): string =>
  `<rule id="${id}" level="${level}" ${attributes}>${inside}<description>d</description></rule>`;
const group = (inside: string, name = 'kk,'): string => `<group name="${name}">${inside}</group>`;

describe('the tree', () => {
  it('stands on the seven templates', () => {
    expect(load('').roots.map((node) => [node.rule.id, node.rule.level, node.rule.noalert])).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map((id) => [id, 0, true]),
    );
  });

  it('tries level 0 first, then high before low, and the same level in the order of the file', () => {
    const ruleset = load(group([rule(11, 3), rule(12, 12), rule(13, 0), rule(14, 3), rule(15, 0), rule(16, 16)].join('')));
    expect(outline(ruleset.roots)).toBe('1(13 15 16 12 11 14)');
  });

  it('tries accuracy 0 last, whatever its level', () => {
    expect(outline(load(group(rule(11, 12, '', 'accuracy="0"') + rule(12, 3))).roots)).toBe('1(12 11)');
  });

  it('hangs a rule below each of its parents', () => {
    const ruleset = load(group(rule(11, 3) + rule(12, 4) + rule(13, 5, '<if_sid>11, 12</if_sid>') + rule(14, 6, '<if_sid>13</if_sid>')));
    expect(outline(ruleset.roots)).toBe('1(12(13(14)) 11(13(14)))');
  });

  it('hangs a rule below a group, but not below itself', () => {
    const ruleset = load(group(rule(11, 3) + rule(12, 4, '<if_group>KK</if_group>') + rule(13, 5, '<if_group>x|kk,</if_group>')));
    expect(outline(ruleset.roots)).toBe('1(11(13 12(13)))');
  });

  it('finds only the first of several places among the same siblings', () => {
    const ruleset = load(group(rule(11, 3) + rule(12, 4, '<if_sid>11,11</if_sid>') + rule(13, 5, '<if_sid>12</if_sid>')));
    expect(outline(ruleset.roots)).toBe('1(11(12(13) 12))');
  });

  it('does not look behind the first place of a parent, but before it', () => {
    // 20 stands below 12, and beside it; what comes behind that sibling is not searched, what comes before is.
    const behind =
      rule(11, 3) + rule(12, 5, '<if_sid>11</if_sid>') + rule(20, 9, '<if_sid>11,12</if_sid>') + rule(21, 1, '<if_sid>20</if_sid>');
    expect(outline(load(group(behind)).roots)).toBe('1(11(20(21) 12(20)))');
    const before =
      rule(11, 3) + rule(12, 5, '<if_sid>11</if_sid>') + rule(20, 2, '<if_sid>11,12</if_sid>') + rule(21, 1, '<if_sid>20</if_sid>');
    expect(outline(load(group(before)).roots)).toBe('1(11(12(20(21)) 20(21)))');
  });

  it('counts level 0 as more than every level', () => {
    const ruleset = load(group(rule(11, 0) + rule(12, 3) + rule(13, 2, '<if_level>4</if_level>')));
    // The templates have level 0 as well.
    expect(outline(ruleset.roots)).toBe('1(11(13) 12 13) 2(13) 3(13) 4(13) 5(13) 6(13) 7(13)');
  });

  it('hangs a rule below the template of its category', () => {
    expect(outline(load(group(rule(11, 3, '<category>web-log</category>'))).roots)).toBe('4(11)');
  });

  it('hangs a rule whose if_sid ends in a comma below the template too, as Wazuh does without a word', () => {
    const ruleset = load(group(rule(11, 3) + rule(12, 4, '<if_sid>11,</if_sid>')));
    expect(outline(ruleset.roots)).toBe('1(12 11(12))');
    expect(codesOf(ruleset)).toEqual(['if-sid-everything']);
  });

  it('hangs a composite rule below what it counts', () => {
    const ruleset = load(
      group(rule(11, 3) + rule(12, 10, '<if_matched_sid>11</if_matched_sid>') + rule(13, 9, '<if_matched_group>kk</if_matched_group>')),
    );
    expect(outline(ruleset.roots)).toBe('1(11(12(13) 13))');
    expect(ruleOf(ruleset, 12)).toMatchObject({ parents: { kind: 'sid', ids: [11] }, search: { kind: 'sid', sourceIds: [11] } });
  });

  it('lets a group feed only the composite rules that were loaded after it', () => {
    const ruleset = load(
      group(rule(11, 3), 'ssh,') + group(rule(12, 9, '<if_matched_group>^ssh</if_matched_group>'), 'b,') + group(rule(13, 3), 'ssh,'),
    );
    expect(ruleOf(ruleset, 12).search).toEqual({ kind: 'group', sourceIds: [11] });
  });

  it('gives up on rules that double the tree, and says so', () => {
    const ruleset = load(
      group(rule(99, 3) + Array.from({ length: 40 }, (_, index) => rule(100 + index, 3, '<if_group>kk</if_group>')).join('')),
    );
    expect(ruleset.problems.at(-1)).toMatchObject({ code: 'tree-too-large', severity: 'refuses-to-start' });
    expect(ruleset.exitCode).toBe(1);
  });

  it('holds a chain of 10,000 rules', () => {
    const chain = Array.from({ length: 10_000 }, (_, index) =>
      rule(100_000 + index, 3, index === 0 ? '' : `<if_sid>${99_999 + index}</if_sid>`),
    );
    expect(load(group(chain.join(''))).rules.size).toBe(10_007);
  });
});

describe('values', () => {
  it('keeps entities, white space and quotes as they are', () => {
    const ruleset = load(inRule(`<field name="verb"> a &amp; "b' </field>`));
    expect(ruleOf(ruleset).conditions).toEqual([
      { kind: 'field', name: 'verb', pattern: { type: 'osregex', text: ` a &amp; "b' `, negate: false } },
    ]);
    expect(codesOf(ruleset)).toEqual(['entity']);
  });

  it('reads UTF-8 back as it was', () => {
    expect(ruleOf(load(inRule('<field name="bü" type="pcre2">ß💥</field>'))).conditions).toMatchObject([
      { name: 'bü', pattern: { text: 'ß💥' } },
    ]);
  });

  it('tells of a file that is not UTF-8, and of a NUL at which a value ends', () => {
    expect(codesOf(load(Buffer.from(inRule('<match>\xe9</match>'), 'latin1')))).toContain('not-utf8');
    const cut = load(inRule('<match>ab\0cd</match>'));
    expect(ruleOf(cut).conditions).toMatchObject([{ pattern: { text: 'ab' } }]);
    expect(codesOf(cut)).toEqual(['nul-byte']);
  });

  it('glues repeats together; the last type and negate count', () => {
    const ruleset = load(inRule('<match negate="yes">ab</match><match type="pcre2">cd</match>'));
    expect(ruleOf(ruleset).conditions).toEqual([
      { kind: 'log', element: 'match', pattern: { type: 'pcre2', text: 'abcd', negate: false } },
    ]);
    expect(codesOf(ruleset)).toEqual(['repeated-element']);
  });

  it('discards a match of 2,048 bytes, and keeps a field of 20,479', () => {
    const long = load(inRule(`<match>${'a'.repeat(2048)}</match><field name="x">${'b'.repeat(20_479)}</field>`));
    expect(ruleOf(long).conditions.map((condition) => condition.kind)).toEqual(['field']);
    expect(long.problems).toMatchObject([{ code: '1104', severity: 'changes-rule' }]);
    expect(load(inRule(`<match>${'a'.repeat(2047)}</match>`)).problems).toEqual([]);
    expect(load(inRule(`<field name="x">${'b'.repeat(20_480)}</field>`)).exitCode).toBe(1);
  });

  it('ignores `type`, `negate` in another case, and every attribute it does not know, without a word', () => {
    const ruleset = load(inRule('<match TYPE="pcre2" Negate="yes" foo="1">a</match>'));
    expect(ruleOf(ruleset).conditions).toMatchObject([{ pattern: { type: 'osmatch', negate: false } }]);
    expect(codesOf(ruleset)).toEqual(['ignored-attribute', 'ignored-attribute', 'ignored-attribute']);
    expect(ruleset.log).toEqual([]);
  });

  it.each([
    ['negate', '<match negate="true">a</match>', "WARNING: (7600): Invalid value 'true' for attribute 'negate' in rule 112000."],
    ['type', '<match type="regex">a</match>', "WARNING: (7600): Invalid value 'regex' for attribute 'type' in rule 112000."],
  ])('warns of a wrong %s, and uses the default', (_name, inside, line) => {
    const ruleset = load(inRule(inside));
    expect(ruleset.log).toEqual([line]);
    expect(ruleOf(ruleset).conditions).toMatchObject([{ pattern: { type: 'osmatch', negate: false } }]);
  });

  it('loses the text before an element inside a value', () => {
    const ruleset = load(inRule('<field name="a">one<b>two</b>three</field>'));
    expect(ruleOf(ruleset).conditions).toMatchObject([{ pattern: { text: 'three' } }]);
    expect(codesOf(ruleset)).toEqual(['nested-element']);
  });

  it('orders conditions as Wazuh checks them', () => {
    const ruleset = load(
      inRule(
        '<status>s</status><field name="b">1</field><user>u</user><srcip>10.0.0.0/8</srcip><field name="a">2</field><location>l</location><action>A</action>' +
          '<match>m</match><id>7</id><decoded_as>json</decoded_as><list field="x">etc/lists/l</list>',
        'level="3" maxsize="500"',
      ),
    );
    const names = ruleOf(ruleset).conditions.map((condition) =>
      condition.kind === 'static' || condition.kind === 'address'
        ? condition.field
        : condition.kind === 'field'
          ? condition.name
          : condition.kind,
    );
    expect(names).toEqual(['decoder', 'id', 'log', 'action', 'location', 'b', 'a', 'srcip', 'user', 'size', 'status', 'list']);
  });

  it('loses every list but the last two', () => {
    const list = (name: string): string => `<list field="x">etc/lists/${name}</list>`;
    const ruleset = load(inRule(list('a') + list('b') + list('c')));
    expect(ruleOf(ruleset).conditions).toMatchObject([{ list: 'etc/lists/b' }, { list: 'etc/lists/c' }]);
    expect(codesOf(ruleset)).toEqual(['lists-lost']);
  });

  it('accepts names that JavaScript objects have of their own', () => {
    expect(load(inRule('<constructor>x</constructor>')).log[0]).toContain("Invalid option 'constructor'");
    expect(load(inRule('', 'level="3" toString="1"')).log[0]).toContain('Invalid attribute "toString"');
  });
});

describe('groups, options, ATT&CK', () => {
  it('glues the group name and the groups of the rule, and cuts at commas', () => {
    const ruleset = load(`<group name="a,b,">${rule(11, 3, '<group>pci_dss_10.2.5,</group><group>c, d</group>')}</group>`);
    expect(ruleOf(ruleset, 11)).toMatchObject({
      group: 'pci_dss_10.2.5,c, d',
      groupText: 'a,b,pci_dss_10.2.5,c, d',
      groups: ['a', 'b', 'pci_dss_10.2.5', 'c', ' d'],
    });
  });

  it('tells of groups glued together for want of a comma', () => {
    const ruleset = load(`<group name="a">${rule(11, 3, '<group>b</group>')}</group>`);
    expect(ruleOf(ruleset, 11).groups).toEqual(['ab']);
    expect(ruleset.problems).toMatchObject([{ code: 'glued-groups', severity: 'changes-rule' }]);
  });

  it('applies options to what the level asks for', () => {
    const alert = (level: number, options: readonly string[]): unknown =>
      ruleOf(load(inRule(options.map((option) => `<options>${option}</options>`).join(''), `level="${level}"`))).alert;
    expect(alert(2, [])).toMatchObject({ log: false, mail: false });
    expect(alert(12, [])).toMatchObject({ log: true, mail: true });
    expect(alert(2, ['log_alert', 'alert_by_email'])).toMatchObject({ log: true, mail: true });
    expect(alert(12, ['no_log', 'no_email_alert', 'no_ar', 'no_full_log', 'no_counter'])).toEqual({
      log: false,
      mail: false,
      noActiveResponse: true,
      noFullLog: true,
      noCounter: true,
    });
  });

  it('forgets no_counter when a later option takes something away, as the mask in Wazuh does', () => {
    const options = '<options>no_counter</options><options>no_log</options>';
    expect(ruleOf(load(inRule(options, 'level="5"'))).alert.noCounter).toBe(false);
    expect(ruleOf(load(inRule(options, 'level="2"'))).alert.noCounter).toBe(true);
  });

  it.each([
    ['ids', '<mitre><id>T1609</id><id>T1611</id></mitre>', { ids: ['T1609', 'T1611'], pairs: [] }, []],
    [
      'ids in two blocks',
      '<mitre><id>T1609</id></mitre><mitre><id>T1609</id><id>T1611</id></mitre>',
      { ids: ['T1609', 'T1611'], pairs: [] },
      [],
    ],
    [
      'a pair',
      '<mitre><tacticID>TA0004</tacticID><techniqueID>T1611</techniqueID></mitre>',
      { ids: [], pairs: [{ tacticId: 'TA0004', techniqueId: 'T1611' }] },
      [],
    ],
    ['both forms in a block', '<mitre><id>T1609</id><techniqueID>T1611</techniqueID></mitre>', undefined, ['mitre-mixed']],
    [
      'a pair after ids',
      '<mitre><id>T1609</id></mitre><mitre><tacticID>TA0004</tacticID><techniqueID>T1611</techniqueID></mitre>',
      { ids: [], pairs: [{ tacticId: 'TA0004', techniqueId: 'T1611' }] },
      ['mitre-mixed'],
    ],
    ['half a pair', '<mitre><techniqueID>T1611</techniqueID></mitre>', undefined, ['mitre-mixed']],
    ['nothing', '<mitre></mitre>', undefined, ['mitre-empty']],
    ['an empty id among others', '<mitre><id>T1609</id><id></id></mitre>', undefined, ['mitre-empty']],
    ['another element', '<mitre><name>x</name></mitre>', undefined, ['mitre-unknown-element']],
    ['an id of another shape', '<mitre><id>t1609</id></mitre>', { ids: ['t1609'], pairs: [] }, ['mitre-shape']],
  ])('reads ATT&CK: %s', (_name, inside, mitre, codes) => {
    const ruleset = load(inRule(inside));
    expect(ruleset.exitCode).toBe(0);
    expect(ruleOf(ruleset).mitre).toEqual(mitre);
    expect(codesOf(ruleset)).toEqual(codes);
  });

  it('keeps info and cve as one text each', () => {
    expect(ruleOf(load(inRule('<info>a</info><info type="link">b</info><cve>CVE-1</cve>')))).toMatchObject({
      infoText: 'ab',
      cveText: 'CVE-1',
    });
  });
});

describe('counting rules', () => {
  it('reads what is compared', () => {
    const ruleset = load(
      group(
        rule(11, 3) +
          rule(
            12,
            10,
            '<if_matched_sid>11</if_matched_sid><same_srcip /><SAME_USER /><different_url /><same_field>k8s.cluster</same_field>' +
              '<not_same_field>x</not_same_field><global_frequency />',
            'frequency="5" timeframe="60"',
          ),
      ),
    );
    expect(ruleOf(ruleset, 12).correlation).toEqual({
      ifMatchedSid: 11,
      frequency: 5,
      timeframeSeconds: 60,
      same: ['srcip', 'user'],
      different: ['url'],
      sameFields: ['k8s.cluster'],
      differentFields: ['x'],
      globalFrequency: true,
    });
  });

  it('compares some element names by case, as Wazuh does', () => {
    const matched = '<if_matched_sid>5716</if_matched_sid>';
    expect(load(inRule(`${matched}<SAME_ID />`), { outsideRules: new Set([5716]) }).log[0]).toContain("Invalid option 'SAME_ID'");
  });

  it('tells that a rule which counts a level-0 rule never fires', () => {
    const ruleset = load(group(rule(11, 0) + rule(12, 10, '<if_matched_sid>11</if_matched_sid>', 'frequency="3"')));
    expect(ruleset.problems).toMatchObject([{ code: 'counts-nothing', severity: 'changes-rule', ruleId: 12, line: 1 }]);
    expect(ruleset.exitCode).toBe(0);
  });

  it('takes frequency="2" without if_matched and ignores it', () => {
    expect(codesOf(load(inRule('', 'level="3" frequency="2" timeframe="9"')))).toEqual(['timeframe-unused', 'frequency-unused']);
  });

  it.each([
    ['timeframe="123456"', 'timeframeSeconds', 12_345],
    ['timeframe="00060"', 'timeframeSeconds', 60],
    ['timeframe=""', 'timeframeSeconds', 360],
  ])('reads only so many digits of %s', (attribute, key, value) => {
    const ruleset = load(inRule('<if_matched_sid>5716</if_matched_sid>', `level="3" ${attribute}`), { outsideRules: new Set([5716]) });
    const counting = ruleset.outside[0]?.children[0]?.rule;
    expect(counting?.correlation).toMatchObject({ [key]: value });
    expect(codesOf(ruleset)).toEqual(attribute.includes('123456') ? ['number-cut'] : []);
  });
});

describe('overwrite', () => {
  const base = rule(11, 12, '<field name="a">1</field><group>old,</group>') + rule(12, 10) + rule(13, 5, '<if_sid>11</if_sid>');

  it('replaces a rule in place: level and conditions change, the place among siblings and the children stay', () => {
    const ruleset = load(group(base + rule(11, 3, '<field name="b">2</field>', 'overwrite="yes"')));
    expect(outline(ruleset.roots)).toBe('1(11(13) 12)');
    expect(ruleOf(ruleset, 11)).toMatchObject({ level: 3, groupText: 'kk,', conditions: [{ name: 'b' }] });
    expect(codesOf(ruleset)).toEqual([]);
  });

  it('sorts later rules by the new level', () => {
    const ruleset = load(group(base + rule(11, 3, '', 'overwrite="yes"') + rule(14, 4)));
    expect(outline(ruleset.roots)).toBe('1(14 11(13) 12)');
  });

  it('cannot move a rule, and warns', () => {
    const ruleset = load(group(base + rule(13, 5, '<if_sid>12</if_sid>', 'overwrite="yes"')));
    expect(outline(ruleset.roots)).toBe('1(11(13) 12)');
    expect(ruleset.log).toEqual([
      "WARNING: (7605): It is not possible to overwrite 'if_sid' value in rule '13'. The original value is retained.",
    ]);
    expect(ruleOf(ruleset, 13).parents).toEqual({ kind: 'sid', ids: [11] });
  });

  it('keeps what a composite rule counts, and takes the new numbers', () => {
    const counting = rule(15, 9, '<if_matched_sid>11</if_matched_sid>', 'frequency="3" timeframe="60"');
    const ruleset = load(group(base + counting + rule(15, 9, '<if_matched_sid>11</if_matched_sid>', 'frequency="7" overwrite="yes"')));
    expect(ruleOf(ruleset, 15)).toMatchObject({
      correlation: { ifMatchedSid: 11, frequency: 7 },
      search: { kind: 'sid', sourceIds: [11] },
    });
    expect(codesOf(ruleset)).toEqual([]);
  });

  it('makes an ordinary child of a composite rule that no longer counts', () => {
    const counting = rule(15, 9, '<if_matched_sid>11</if_matched_sid>', 'frequency="3"');
    const changed = ruleOf(load(group(base + counting + rule(15, 9, '', 'overwrite="yes"'))), 15);
    expect(changed.correlation).toBeUndefined();
    expect(changed.search).toBeUndefined();
  });
});

describe('several files', () => {
  const file = (name: string, text: string): RuleFile => ({ name, text });

  it('loads them in the order of their base names, byte by byte', () => {
    const names = ['etc/rules/local_rules.xml', 'ruleset/rules/0100-b.xml', 'etc/rules/Z.xml', 'etc/rules/k8s.xml'];
    expect(inLoadingOrder(names.map((name) => file(name, ''))).map(({ name }) => name)).toEqual([
      'ruleset/rules/0010-rules_config.xml',
      'ruleset/rules/0100-b.xml',
      'etc/rules/Z.xml',
      'etc/rules/k8s.xml',
      'etc/rules/local_rules.xml',
    ]);
  });

  it('keeps the first of two rules with the same id, and tells where that is', () => {
    const ruleset = loadRules([file('b.xml', group(rule(11, 5))), file('a.xml', `\n  ${group(rule(11, 3))}`)]);
    expect(ruleOf(ruleset, 11).level).toBe(3);
    expect(ruleset.problems).toMatchObject([{ file: 'b.xml', code: '7612', ruleId: 11, hint: expect.stringContaining('a.xml:2') }]);
  });

  it('uses the templates of a 0010-rules_config.xml among the files', () => {
    const ruleset = loadRules([file('0010-rules_config.xml', group(rule(1, 0, '<category>syslog</category>', 'noalert="1"')))]);
    expect([...ruleset.rules.keys()]).toEqual([1]);
  });

  it('stops at the first refusal like Wazuh, or goes on and marks what Wazuh has not come to', () => {
    const files = [
      file('a.xml', group(rule(11, 3, '<foo>x</foo>') + rule(12, 99) + rule(13, 3, '<if_sid>11</if_sid>'))),
      file('b.xml', '<group name="x,">'),
    ];
    const stopped = loadRules(files);
    expect(codesOf(stopped)).toEqual(['unknown-element']);
    expect(stopped.log.at(-1)).toBe("CRITICAL: (1220): Error loading the rules: 'a.xml'.");
    const all = loadRules(files, { afterRefusal: 'continue' });
    expect(all.problems.map((problem) => [problem.code, problem.reached])).toEqual([
      ['unknown-element', true],
      ['wrong-rule-attribute', false],
      ['1226', false],
    ]);
    expect(all.log).toEqual(stopped.log);
  });
});

describe('rules outside of the files', () => {
  it('are below 100,000 for `stock`, and named as unverified', () => {
    const ruleset = load(
      group(
        rule(100_001, 3, '<if_sid>5716</if_sid>') + rule(100_002, 3, '<if_sid>5716</if_sid>') + rule(100_003, 3, '<if_sid>100009</if_sid>'),
      ),
      { outsideRules: 'stock' },
    );
    expect(ruleset.outside).toMatchObject([
      { parent: { kind: 'sid', id: 5716 }, children: [{ rule: { id: 100_001 } }, { rule: { id: 100_002 } }] },
    ]);
    expect(codesOf(ruleset)).toEqual(['parent-unverified', '7617', '7619']);
  });

  it('include the groups that the files do not have', () => {
    const ruleset = load(group(rule(100_001, 3, '<if_group>authentication_failed</if_group>')), { outsideRules: 'stock' });
    expect(ruleset.outside).toMatchObject([
      { parent: { kind: 'group', text: 'authentication_failed' }, children: [{ rule: { id: 100_001 } }] },
    ]);
  });

  it('do not take the place of rules in the files', () => {
    const ruleset = load(group(rule(500, 3) + rule(100_001, 3, '<if_sid>500</if_sid>')), { outsideRules: 'stock' });
    expect(outline(ruleset.roots)).toBe('1(500(100001))');
  });
});

describe('words', () => {
  it('keep the letters of file, rule and our own', () => {
    const broken = loadRules([{ name: 'rülés.xml', text: inRule('<größe>x</größe>') }]);
    expect(broken.log).toEqual([
      "ERROR: Invalid option 'größe' for rule '112000'.",
      "CRITICAL: (1220): Error loading the rules: 'rülés.xml'.",
    ]);
    const unclosed = loadRules([{ name: 'rülés.xml', text: '<group name="ä">' }]);
    expect(unclosed.problems[0]?.message).toContain("Error reading XML file 'rülés.xml'");
    expect(load(inRule(`<match>${'ß'.repeat(1024)}</match>`)).problems[0]?.message).toMatch(/^Maximum string size reached for: ß+….$/);
    expect(load('<group>x</group>').problems[0]?.hint).toBe('Write <group name="first,second,"> with no other attribute.');
    expect(load('<group name="a,"><rule>x</rule></group>').problems[0]?.hint).toBe('Write <rule id="…" level="…">.');
  });
});

describe('places', () => {
  it('count lines and characters from 1', () => {
    const text =
      '<group name="ü,">\n  <!-- ß -->\t<rule id="112000" level="3">\n<match type="pcre2">ää</match><foo>x</foo>\n</rule></group>';
    expect(load(text).problems).toMatchObject([{ line: 3, column: 31, ruleId: 112000 }]);
    expect(ruleOf(load(text.replace('<foo>x</foo>', '<description>d</description>'))).place).toMatchObject({ line: 2, column: 14 });
  });

  it('point at the element that looks unclosed, not at the end where Wazuh notices', () => {
    const [problem] = load(
      '<group name="a,">\n<rule id="112000" level="3">\n<field name="x" type="pcre2">(?<n>x)</field></rule></group>',
    ).problems;
    expect(problem).toMatchObject({ code: '1226', line: 3, column: 32 });
    expect(problem?.message).toContain("Element 'n' not closed. (line 3)");
  });
});

describe('refusals', () => {
  it.each([
    ['<rules><group name="a,"></group></rules>', 'wrong-root'],
    ['<?xml version="1.0"?><group name="a,"></group>', '1226'],
    ['<group>x</group>', 'wrong-group-attributes'],
    ['<group name="a,"><foo/></group>', 'not-a-rule'],
    ['<group name="a,"><rule><description>d</description></rule></group>', 'rule-without-attributes'],
    ['<group name="a,"><rule id="1000" level="3"></rule></group>', 'rule-without-options'],
    [inRule('', 'level="17"'), 'wrong-rule-attribute'],
    [inRule('', 'level="3" foo="1"'), 'wrong-rule-attribute'],
    [inRule('', 'level="3" overwrite="true"'), 'wrong-rule-attribute'],
    [inRule('<category>k8s</category>'), '1273'],
    [inRule('<compiled_rule>nope</compiled_rule>'), '1274'],
    [inRule('<list>etc/lists/x</list>'), '1274'],
    [inRule('<list lookup="match_key">etc/lists/x</list>'), '1274'],
    [inRule('<list field="x" foo="y">etc/lists/x</list>'), '1274'],
    [inRule('<weekday>!monday</weekday>'), '1241'],
    [inRule('<time>8-25</time>'), '1240'],
    [inRule('<srcip>10.1.</srcip>'), '1237'],
    [inRule('<ignore>user,,id</ignore>'), 'wrong-ignore'],
    ['<group name="a,"><rule id="112000" level="3"><match>x</match></rule></group>', 'no-description'],
    ['<var name="AB">x</var><group name="a,"><rule id="112000" level="3"><match>$NO</match></rule></group>', '1227'],
  ])('%s', (text, code) => {
    const ruleset = load(text);
    expect(ruleset.exitCode).toBe(1);
    expect(ruleset.problems[0]).toMatchObject({ code, severity: 'refuses-to-start' });
    expect(ruleset.problems[0]?.hint).not.toBe('');
  });

  it('refuses a decoder that does not exist, when the decoders are known', () => {
    expect(load(inRule('<decoded_as>jsn</decoded_as>'), { decoders: new Set(['json']) }).exitCode).toBe(1);
    expect(load(inRule('<decoded_as>jsn</decoded_as>')).exitCode).toBe(0);
  });

  it('asks the compiler in the order of Wazuh, and keeps a pattern that only the compiler cannot take', () => {
    const asked: string[] = [];
    const compilePattern = (type: string, pattern: string): { kind: 'unsupported'; reason: string } | undefined => {
      asked.push(`${type} ${pattern}`);
      return pattern === 'u' ? { kind: 'unsupported', reason: 'it is too clever' } : undefined;
    };
    const ruleset = load(inRule('<location>u</location><match>m</match><field name="f">f</field><action>exact</action><regex>r</regex>'), {
      compilePattern,
    });
    expect(asked).toEqual(['osregex f', 'osregex r', 'osmatch m', 'osmatch u']);
    expect(ruleset.problems).toMatchObject([{ code: 'unsupported-pattern', severity: 'warning' }]);
    expect(ruleOf(ruleset).conditions).toHaveLength(5);
  });
});
