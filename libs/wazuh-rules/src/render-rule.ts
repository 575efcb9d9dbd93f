import { renderCondition } from './render-condition.ts';
import type { Correlation, Info, Mitre, Parents, RuleDefinition } from './rule.ts';
import { attribute, elementText, MAX_COPIED_BYTES, notExpressible, wholeNumber } from './rule-text.ts';

/** One `<rule>`, two spaces in. */
export function renderRule(rule: RuleDefinition): string {
  const what = `Rule ${rule.id}`;
  if (rule.inaccurate === true && rule.level === 0) throw notExpressible(what, 'level 0 with accuracy 0 becomes level 99', 'Choose one.');
  const attributes = [
    attribute('id', wholeNumber(`${what}: id`, rule.id, 0, 999_999)),
    attribute('level', wholeNumber(`${what}: level`, rule.level, 0, 16)),
    ...optional('maxsize', sizeOf(rule), what, 1, 9999),
    ...(rule.correlation === undefined ? [] : frequencyAttributes(rule.correlation, what)),
    ...(rule.inaccurate === true ? [attribute('accuracy', '0')] : []),
    ...optional('ignore', rule.ignoreSeconds, what, 1, 999_999),
    ...(rule.noalert === true ? [attribute('noalert', '1')] : []),
    ...(rule.overwrite === true ? [attribute('overwrite', 'yes')] : []),
  ];
  checkConditions(rule, what);
  const lines = [
    ...renderParents(rule, what),
    ...rule.conditions.flatMap((condition) => renderCondition(condition, what)),
    ...(rule.correlation === undefined ? [] : renderCorrelation(rule.correlation, what)),
    ...wordList('ignore', rule.ignoreFields, what),
    ...wordList('check_if_ignored', rule.checkIfIgnoredFields, what),
    ...(rule.options ?? []).map((option) => `<options>${option}</options>`),
    ...(rule.mitre === undefined ? [] : renderMitre(rule.mitre, what)),
    ...renderInfo(rule.info ?? [], what),
    ...renderGroupText(rule.group, what),
    `<description>${elementText(`${what}: description`, rule.description, MAX_COPIED_BYTES)}</description>`,
  ];
  return `  <rule${attributes.join('')}>\n${lines.map((line) => `    ${line}\n`).join('')}  </rule>\n`;
}

function optional(name: string, value: number | undefined, what: string, min: number, max: number): readonly string[] {
  return value === undefined ? [] : [attribute(name, wholeNumber(`${what}: ${name}`, value, min, max))];
}

function sizeOf(rule: RuleDefinition): number | undefined {
  return rule.conditions.find((condition) => condition.kind === 'size')?.minBytes;
}

/** Wazuh glues repeats of a single element together, keeps 256 fields, and loses all lists but the last two. */
function checkConditions(rule: RuleDefinition, what: string): void {
  const seen = new Set<string>();
  for (const condition of rule.conditions) {
    if (condition.kind === 'field' || condition.kind === 'list') continue;
    const key = 'field' in condition ? condition.field : 'element' in condition ? condition.element : condition.kind;
    if (seen.has(key))
      throw notExpressible(what, `it has two conditions on ${key}, which would become one`, 'Join them, or use a child rule.');
    seen.add(key);
  }
  const count = (kind: 'field' | 'list'): number => rule.conditions.filter((condition) => condition.kind === kind).length;
  if (count('field') > 256) throw notExpressible(what, 'it has more than 256 fields', 'Use a child rule.');
  if (count('list') > 2) throw notExpressible(what, 'Wazuh looks up no more than two lists of a rule', 'Use a child rule.');
}

function frequencyAttributes(correlation: Correlation, what: string): readonly string[] {
  return [
    attribute('frequency', wholeNumber(`${what}: frequency`, correlation.frequency, 2, 9999)),
    attribute('timeframe', wholeNumber(`${what}: timeframe`, correlation.timeframeSeconds, 0, 99_999)),
  ];
}

function renderParents(rule: RuleDefinition, what: string): readonly string[] {
  const { parents, correlation } = rule;
  if (rule.id < 10 !== (parents.kind === 'template'))
    throw notExpressible(what, 'ids below 10 are templates, and only they', 'Give the rule another id or other parents.');
  if (parents.kind === 'category' || parents.kind === 'template') {
    if (parents.kind === 'category' && (correlation?.ifMatchedSid ?? correlation?.ifMatchedGroup) !== undefined)
      throw notExpressible(what, 'a rule that counts others hangs below them', 'Make the counted rule or group its parent.');
    return parents.category === 'syslog' ? [] : [`<category>${parents.category}</category>`];
  }
  if (isImplied(parents, correlation)) return [];
  if (parents.kind === 'sid') {
    if (parents.ids.length === 0) throw notExpressible(what, 'it has no parent', 'Name at least one rule.');
    const ids = parents.ids.map((id) => wholeNumber(`${what}: parent`, id, 1, 999_999)).join(',');
    return [`<if_sid>${elementText(`${what}: if_sid`, ids, MAX_COPIED_BYTES)}</if_sid>`];
  }
  if (parents.kind === 'level') {
    if (correlation?.ifMatchedSid !== undefined)
      throw notExpressible(what, 'if_level is not looked at beside if_matched_sid', 'Use the counted rule as the parent.');
    return [`<if_level>${wholeNumber(`${what}: if_level`, parents.level, 1, 16)}</if_level>`];
  }
  if (parents.text === '') throw notExpressible(what, 'if_group is empty', 'Name a group.');
  return [`<if_group>${elementText(`${what}: if_group`, parents.text, MAX_COPIED_BYTES)}</if_group>`];
}

/** What Wazuh takes as parents by itself. */
function isImplied(parents: Parents, correlation: Correlation | undefined): boolean {
  if (correlation?.ifMatchedGroup !== undefined) return parents.kind === 'group' && parents.text === correlation.ifMatchedGroup;
  return parents.kind === 'sid' && parents.ids.length === 1 && parents.ids[0] === correlation?.ifMatchedSid;
}

function renderCorrelation(correlation: Correlation, what: string): readonly string[] {
  const { ifMatchedSid, ifMatchedGroup, ifMatchedRegex, sameFields, differentFields } = correlation;
  if (ifMatchedSid === undefined && ifMatchedGroup === undefined && ifMatchedRegex === undefined)
    throw notExpressible(what, 'it counts nothing', 'Name if_matched_sid, if_matched_group or if_matched_regex.');
  const element = (name: string, text: string): string => `<${name}>${elementText(`${what}: ${name}`, text, MAX_COPIED_BYTES)}</${name}>`;
  return [
    ...(ifMatchedSid === undefined ? [] : [element('if_matched_sid', wholeNumber(`${what}: if_matched_sid`, ifMatchedSid, 1, 999_999))]),
    ...(ifMatchedGroup === undefined ? [] : [element('if_matched_group', ifMatchedGroup)]),
    ...(ifMatchedRegex === undefined ? [] : [element('if_matched_regex', ifMatchedRegex)]),
    ...correlation.same.map((field) => `<same_${field} />`),
    ...correlation.different.map((field) => `<different_${field} />`),
    ...sameFields.map((field) => element('same_field', field)),
    ...differentFields.map((field) => element('different_field', field)),
    ...(correlation.globalFrequency ? ['<global_frequency />'] : []),
  ];
}

function wordList(name: string, words: readonly string[] | undefined, what: string): readonly string[] {
  if (words === undefined) return [];
  if (words.length === 0 || words.length > 256 || words.some((word) => word === '' || /[ ,]/.test(word)))
    throw notExpressible(`${what}: ${name}`, 'it is a list of 1 to 256 names without space and comma', 'Correct the names.');
  return [`<${name}>${elementText(`${what}: ${name}`, words.join(', '), MAX_COPIED_BYTES)}</${name}>`];
}

function renderMitre({ ids, pairs }: Mitre, what: string): readonly string[] {
  if (ids.length > 0 && pairs.length > 0) throw notExpressible(what, 'ATT&CK ids and pairs do not go together', 'Use ids.');
  if (new Set(ids).size < ids.length) throw notExpressible(what, 'an ATT&CK id stands twice', 'Remove one.');
  const id = (name: string, text: string): string => {
    if (text === '') throw notExpressible(what, 'an ATT&CK id is empty', 'Remove it.');
    return `<${name}>${elementText(`${what}: ${name}`, text, MAX_COPIED_BYTES)}</${name}>`;
  };
  if (ids.length > 0) return [`<mitre>${ids.map((text) => id('id', text)).join('')}</mitre>`];
  return pairs.map((pair) => `<mitre>${id('tacticID', pair.tacticId)}${id('techniqueID', pair.techniqueId)}</mitre>`);
}

function renderInfo(info: readonly Info[], what: string): readonly string[] {
  for (const element of ['info', 'cve'] as const) {
    const texts = info.filter((one) => one.element === element).map((one) => one.text);
    elementText(`${what}: all ${element} together`, texts.join(''), MAX_COPIED_BYTES);
  }
  return info.map(({ element, type, text }) => {
    const value = elementText(`${what}: ${element}`, text, MAX_COPIED_BYTES);
    if (element === 'cve') return `<cve>${value}</cve>`;
    return `<info${type === 'text' ? '' : attribute('type', type)}>${value}</info>`;
  });
}

function renderGroupText(group: string | undefined, what: string): readonly string[] {
  if (group === undefined) return [];
  if (/^\s|\s$|\s,|,\s/.test(group)) throw notExpressible(`${what}: group`, 'white space belongs to a group’s name', 'Remove it.');
  return [`<group>${elementText(`${what}: group`, group, MAX_COPIED_BYTES)}</group>`];
}
