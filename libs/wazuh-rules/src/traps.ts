import type { ProblemText, Severity } from './problem.ts';

/** What Wazuh takes without a word, although the rule then does not do what its file says. The names are ours. */
function trap(code: string, severity: Severity, message: string, hint: string): ProblemText {
  return { code, severity, message, logLines: [], hint };
}

export const TRAPS = {
  ignoredAttribute: (name: string, element: string, known: readonly string[]): ProblemText =>
    trap(
      'ignored-attribute',
      'changes-rule',
      `<${element}> ignores the attribute '${name}'.`,
      known.length === 0 ? 'Delete it.' : `<${element}> knows ${known.join(', ')}, in lower case.`,
    ),
  ifSidEverything: (text: string): ProblemText =>
    trap(
      'if-sid-everything',
      'changes-rule',
      `if_sid '${text}' ends in a comma, a space or 0: the rule is also tried on every event, without any parent.`,
      'Delete what stands after the last id.',
    ),
  repeated: (element: string): ProblemText =>
    trap(
      'repeated-element',
      'changes-rule',
      `Repeated <${element}> elements are one text, glued together without a separator.`,
      element === 'if_sid'
        ? 'Write one <if_sid>1,2</if_sid>.'
        : `Write one <${element}>; several <field> elements are what is tried one by one.`,
    ),
  gluedGroups: (text: string): ProblemText =>
    trap('glued-groups', 'changes-rule', `Two group names are glued together: '${text}'.`, 'End every group list with a comma.'),
  spacedGroup: (name: string): ProblemText =>
    trap(
      'spaced-group',
      'changes-rule',
      `The group '${name}' begins or ends with white space, which belongs to its name.`,
      'Delete the space: a compliance tag is not recognised with it.',
    ),
  entity: (entity: string): ProblemText =>
    trap('entity', 'changes-rule', `'${entity}' stays as it is: rule files have no entities.`, entityHint(entity)),
  lineBreak: (element: string): ProblemText =>
    trap(
      'line-break',
      'changes-rule',
      `The text of <${element}> holds a line break or tab, which belongs to the value.`,
      'Write the value on one line, directly between the tags.',
    ),
  nestedElement: (element: string): ProblemText =>
    trap(
      'nested-element',
      'changes-rule',
      `The text of <${element}> before an element inside it is lost, and that element is ignored.`,
      'Write `<` as \\x3c (type="pcre2") or `\\<` (OSRegex); a description cannot hold it.',
    ),
  strayText: (element: string): ProblemText =>
    trap('stray-text', 'warning', `Text directly in <${element}> is ignored.`, 'Delete it, or make it a comment: <!-- … -->.'),
  shortVariable: (name: string): ProblemText =>
    trap(
      'variable-not-replaced',
      'changes-rule',
      `'$${name}' is not replaced: Wazuh does not look into values of two bytes or fewer.`,
      'Give the variable a longer name.',
    ),
  lateVariable: (name: string): ProblemText =>
    trap(
      'variable-not-replaced',
      'changes-rule',
      `'$${name}' is not replaced: its <var> stands after it.`,
      'Move the <var> to the beginning of the file.',
    ),
  textLostBeforeVariable: (name: string): ProblemText =>
    trap(
      'text-lost-before-variable',
      'changes-rule',
      `Text before '$${name}' is lost, because a $(field) stands before it in the same value.`,
      'Put the variable before every $(field), or do not use one here.',
    ),
  lostLists: (): ProblemText =>
    trap(
      'lists-lost',
      'changes-rule',
      'Only the last two <list> elements of a rule are looked up; the ones before are lost.',
      'Split the rule: a child (if_sid) with the other lists.',
    ),
  exclamation: (address: string): ProblemText =>
    trap('ignored-exclamation', 'changes-rule', `The '!' of '${address}' has no effect.`, 'Write negate="yes".'),
  numberCut: (attribute: string, value: string, used: number): ProblemText =>
    trap('number-cut', 'changes-rule', `${attribute}="${value}" is read as ${used}.`, 'Use fewer digits.'),
  frequencyUnused: (): ProblemText =>
    trap(
      'frequency-unused',
      'changes-rule',
      'frequency="2" without if_matched_sid or if_matched_group has no effect; any other number would be refused.',
      'Add <if_matched_sid>, or remove the attribute.',
    ),
  timeframeUnused: (): ProblemText =>
    trap('timeframe-unused', 'warning', 'timeframe without if_matched_sid or if_matched_group has no effect.', 'Remove the attribute.'),
  notUtf8: (): ProblemText =>
    trap('not-utf8', 'warning', 'The file is not UTF-8.', 'Save it as UTF-8: alerts with these texts are no valid JSON lines.'),
  nulByte: (): ProblemText => trap('nul-byte', 'changes-rule', 'The file holds a NUL byte; a value ends there.', 'Delete the byte.'),
  nonAscii: (type: string): ProblemText =>
    trap('non-ascii-pattern', 'changes-rule', `Letters other than ASCII never match in ${type}.`, 'Add type="pcre2".'),
  countsNothing: (id: number): ProblemText =>
    trap(
      'counts-nothing',
      'changes-rule',
      `This rule never fires: rule ${id}, which it counts, has level 0, and events of level 0 are not remembered.`,
      'Give the counted rule level 1 or 2: it still does not alert.',
    ),
  mitreShape: (id: string): ProblemText =>
    trap(
      'mitre-shape',
      'warning',
      `'${id}' is no ATT&CK technique id; the alert has no rule.mitre then.`,
      'Write T1609, or T1552.007 for a sub-technique.',
    ),
  levelNinetyNine: (): ProblemText =>
    trap('level-99', 'changes-rule', 'level="0" with accuracy="0" becomes level 99: it alerts.', 'Remove accuracy="0".'),
  groupTextLost: (): ProblemText =>
    trap(
      'groups-lost',
      'changes-rule',
      'The groups of this rule are longer than 2,048 bytes together and are lost; wazuh-analysisd may crash on the rule.',
      'Use fewer groups.',
    ),
  unsupportedPattern: (type: string, reason: string): ProblemText =>
    trap(
      'unsupported-pattern',
      'warning',
      `Wazuh takes this ${type} pattern, our rule engine does not: ${reason}.`,
      'Simplify the pattern.',
    ),
  parentUnverified: (what: string): ProblemText =>
    trap(
      'parent-unverified',
      'warning',
      `${what} is in none of the files; it is taken to be a stock rule that is loaded before.`,
      'Give the stock rules too, to be sure.',
    ),
};

function entityHint(entity: string): string {
  const character = new Map([
    ['&amp;', '&'],
    ['&gt;', '>'],
    ['&quot;', '"'],
    ['&apos;', "'"],
  ]).get(entity);
  if (character !== undefined) return `Write ${character} as it is.`;
  return entity === '&lt;' ? 'Write \\x3c (type="pcre2") or \\< (OSRegex); a description cannot hold `<`.' : 'Write the character itself.';
}
