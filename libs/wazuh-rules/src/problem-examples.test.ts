import { describe, expect, it } from 'vitest';
import type { LoadOptions } from './load-options.ts';
import { loadRules } from './load-rules.ts';
import type { OMISSIONS } from './omissions.ts';
import type { Severity } from './problem.ts';
import type { REFUSALS } from './refusals.ts';
import type { TRAPS } from './traps.ts';

/** One file for each problem that the loader knows; the compiler holds that none is forgotten. */
interface Example {
  readonly text: string | Uint8Array;
  readonly code: string;
  /** Default `etc/rules/local_rules.xml`. */
  readonly name?: string;
  readonly options?: LoadOptions;
}

const rule = (inside: string, attributes = 'level="3"', description = '<description>d</description>'): string =>
  `<rule id="112000" ${attributes}>${inside}${description}</rule>`;
const file = (...rules: readonly string[]): string => `<group name="kk,">${rules.join('')}</group>`;
const one = (inside: string, attributes?: string, description?: string): string => file(rule(inside, attributes, description));
const base = '<rule id="111000" level="3"><description>d</description></rule>';
const counted = '<if_matched_sid>111000</if_matched_sid>';
const badPatterns: LoadOptions = {
  compilePattern: (_type, pattern) => (pattern === 'BAD' ? { kind: 'error', reason: 'it is bad' } : undefined),
};

const REFUSED: Readonly<Record<keyof typeof REFUSALS, Example>> = {
  brokenFile: { text: '<group', code: '1226' },
  brokenVariables: { text: '<var name="AB">x</var><group name="$NO,">x</group>', code: '1227' },
  noElements: { text: '<!-- nothing -->', code: '1202' },
  wrongRoot: { text: '<rules></rules>', code: 'wrong-root' },
  wrongGroupAttributes: { text: '<group name="a" x="y"></group>', code: 'wrong-group-attributes' },
  emptyGroup: { text: '<group name="a"></group>', code: 'empty-group' },
  noRuleElement: { text: '<group name="a"><x></x></group>', code: 'not-a-rule' },
  ruleWithoutAttributes: { text: file('<rule><match>x</match></rule>'), code: 'rule-without-attributes' },
  ruleWithoutId: { text: file('<rule id="" level="3"></rule>'), code: 'rule-without-id' },
  wrongAttribute: { text: one('', 'level="3" maxsize="x"'), code: 'wrong-rule-attribute' },
  ruleWithoutOptions: { text: one('', 'level="3"', ''), code: 'rule-without-options' },
  unknownElement: { text: one('<x>y</x>'), code: 'unknown-element' },
  wrongOption: { text: one('<options>x</options>'), code: '1235' },
  noDescription: { text: one('<match>x</match>', 'level="3"', ''), code: 'no-description' },
  noIfMatched: { text: one('<same_user />'), code: 'no-if-matched' },
  badPattern: { text: one('<url>BAD</url>'), code: '5107', options: badPatterns },
  badGroupPattern: { text: one('<if_matched_group>BAD</if_matched_group>'), code: '1450', options: badPatterns },
  fieldWithoutAttributes: { text: one('<field>x</field>'), code: 'field-without-name' },
  fieldWithoutName: { text: one('<field NAME="x">x</field>'), code: 'field-without-name' },
  staticField: { text: one('<field name="srcuser">x</field>'), code: 'static-field' },
  tooManyFields: { text: one('<field name="x">y</field>'.repeat(257)), code: 'too-many-fields' },
  badAddress: { text: one('<dstip>x</dstip>'), code: '1237' },
  badTime: { text: one('<time>8</time>'), code: '1274' },
  badWeekday: { text: one('<weekday>x</weekday>'), code: '1241' },
  badDecoder: { text: one('<decoded_as></decoded_as>'), code: 'unknown-decoder' },
  badCategory: { text: one('<category>x</category>'), code: '1273' },
  badCompiledRule: { text: one('<compiled_rule>x</compiled_rule>'), code: '1274' },
  badListLookup: { text: one('<list field="x" lookup="x">l</list>'), code: '1274' },
  badListAttribute: { text: one('<list field="x" x="x">l</list>'), code: '1274' },
  badListValue: { text: one('<list field="x" check_value="BAD">l</list>'), code: '1274', options: badPatterns },
  listWithoutField: { text: one('<list lookup="match_key">l</list>'), code: '1274' },
  listWithoutAttributes: { text: one('<list>l</list>'), code: '1274' },
  badIgnore: { text: one('<check_if_ignored>,</check_if_ignored>'), code: 'wrong-ignore' },
  treeTooLarge: { text: one(''), code: 'tree-too-large', options: { maxTreeNodes: 7 } },
};

const OMITTED: Readonly<Record<keyof typeof OMISSIONS, Example>> = {
  valueTooLong: { text: one(`<regex>${'x'.repeat(2048)}</regex>`), code: '1104' },
  fieldNameTooLong: { text: one(`<field name="${'x'.repeat(2048)}">x</field>`), code: '1104' },
  wrongValue: { text: one('<url negate="1">x</url>'), code: '7600' },
  notOverwritable: { text: file(base, rule(''), rule('<if_level>3</if_level>', 'level="3" overwrite="yes"')), code: '7605' },
  badParentId: { text: file(base, rule('<if_sid>111000\n</if_sid>')), code: '7607' },
  badIfLevel: { text: one('<if_level>0</if_level>'), code: '7609' },
  levelNotFound: { text: one('<if_level>3</if_level>'), code: '7608', name: '0001.xml' },
  groupNotFound: { text: one('<if_group>nope</if_group>'), code: '7610' },
  categoryNotFound: { text: one(''), code: '7611', name: '0001.xml' },
  duplicateId: { text: file(rule(''), rule('')), code: '7612' },
  overwriteMissing: { text: one('', 'level="3" overwrite="yes"'), code: '7613' },
  badIfMatchedSid: { text: one('<if_matched_sid>x</if_matched_sid>'), code: '7615' },
  listNotLoaded: { text: one('<list field="x">l</list>'), code: '7616', options: { lists: new Set() } },
  parentNotFound: { text: file(base, rule('<if_sid>111000, 999</if_sid>')), code: '7617' },
  badIfSid: { text: one('<if_sid>x</if_sid>'), code: '7618' },
  noParentFound: { text: one('<if_sid>999</if_sid>'), code: '7619' },
  matchedSidNotFound: { text: one('<if_matched_sid>999</if_matched_sid>'), code: '7620' },
  badNoalert: { text: one('', 'level="3" noalert="yes"'), code: 'wrong-noalert' },
  deprecatedElement: { text: file(base, rule(`${counted}<same_agent />`)), code: 'deprecated-element' },
  badInfo: { text: one('<info type="x">y</info>'), code: 'wrong-info' },
  emptyMitre: { text: one('<mitre />'), code: 'mitre-empty' },
  noMitreId: { text: one('<mitre><tacticID></tacticID></mitre>'), code: 'mitre-empty' },
  unknownMitreElement: { text: one('<mitre><x>y</x></mitre>'), code: 'mitre-unknown-element' },
  mixedMitre: { text: one('<mitre><tacticID>TA0001</tacticID></mitre>'), code: 'mitre-mixed' },
};

const TRAPPED: Readonly<Record<keyof typeof TRAPS, Example>> = {
  ignoredAttribute: { text: one('<srcip nagate="yes">10.0.0.1</srcip>'), code: 'ignored-attribute' },
  ifSidEverything: { text: one('<if_sid>0</if_sid>'), code: 'if-sid-everything' },
  repeated: { text: one('<description>c</description>'), code: 'repeated-element' },
  gluedGroups: { text: one('<group>a</group><group>b</group>'), code: 'glued-groups' },
  spacedGroup: { text: one('<group>a, b</group>'), code: 'spaced-group' },
  entity: { text: one('<field name="a&#x20;b">x</field>'), code: 'entity' },
  lineBreak: { text: one('<match>\nx</match>'), code: 'line-break' },
  nestedElement: { text: one('<match>a<b>c</b></match>'), code: 'nested-element' },
  strayText: { text: file('text', base), code: 'stray-text' },
  shortVariable: { text: `<var name="N">x</var>${one('<match>$N</match>')}`, code: 'variable-not-replaced' },
  lateVariable: { text: `${one('<match>$NS</match>')}<var name="NS">x</var>`, code: 'variable-not-replaced' },
  textLostBeforeVariable: {
    text: `<var name="NS">x</var>${one('', 'level="3"', '<description>$(verb) in $NS</description>')}`,
    code: 'text-lost-before-variable',
  },
  lostLists: { text: one('<list field="x">l</list>'.repeat(3)), code: 'lists-lost' },
  exclamation: { text: one('<srcip>!10.0.0.1</srcip>'), code: 'ignored-exclamation' },
  numberCut: { text: one('', 'level="3" ignore="1234567"'), code: 'number-cut' },
  frequencyUnused: { text: one('', 'level="3" frequency="2"'), code: 'frequency-unused' },
  timeframeUnused: { text: one('', 'level="3" timeframe="2"'), code: 'timeframe-unused' },
  notUtf8: { text: Buffer.from(one('<match>ä</match>'), 'latin1'), code: 'not-utf8' },
  nulByte: { text: one('<match>\0</match>'), code: 'nul-byte' },
  nonAscii: { text: one('<match>ä</match>'), code: 'non-ascii-pattern' },
  countsNothing: { text: file(base.replace('"3"', '"0"'), rule(counted)), code: 'counts-nothing' },
  mitreShape: { text: one('<mitre><id>x</id></mitre>'), code: 'mitre-shape' },
  levelNinetyNine: { text: one('', 'level="0" accuracy="0"'), code: 'level-99' },
  groupTextLost: { text: one(`<group>${'x'.repeat(2049)}</group>`), code: 'groups-lost' },
  unsupportedPattern: {
    text: one('<match>x</match>'),
    code: 'unsupported-pattern',
    options: { compilePattern: () => ({ kind: 'unsupported', reason: 'it is too clever' }) },
  },
  parentUnverified: { text: one('<if_sid>5716</if_sid>'), code: 'parent-unverified', options: { outsideRules: 'stock' } },
};

describe.each([
  ['refuses to start', REFUSED, /^ERROR: /, ['refuses-to-start']],
  ['Wazuh warns of', OMITTED, /^(?:WARNING|ERROR): /, ['drops-rule', 'changes-rule', 'warning']],
  ['Wazuh passes over', TRAPPED, undefined, ['changes-rule', 'warning']],
] as const)('%s', (_name, examples, line, severities) => {
  it.each(Object.entries<Example>(examples))('%s', (_key, { text, code, name = 'etc/rules/local_rules.xml', options = {} }) => {
    const { problems, exitCode } = loadRules([{ name, text }], options);
    const found = problems.find((problem) => problem.code === code);
    expect(found, JSON.stringify(problems)).toBeDefined();
    expect(severities as readonly Severity[]).toContain(found?.severity);
    expect(found?.hint).toMatch(/[.)]$/);
    expect(exitCode).toBe(severities[0] === 'refuses-to-start' ? 1 : 0);
    if (line === undefined) expect(found?.logLines).toEqual([]);
    for (const logLine of found?.logLines ?? []) expect(logLine).toMatch(line ?? /^$/);
  });
});
