import type { ProblemText, Severity } from './problem.ts';

/** What Wazuh only warns of, and then drops or changes a rule with exit code 0 (wazuh v4.14.7 src/headers/warn_messages.h). */
export function warn(code: string, severity: Severity, sentence: string, hint: string): ProblemText {
  return { code, severity, message: sentence, logLines: [`WARNING: ${/^\d+$/.test(code) ? `(${code}): ` : ''}${sentence}`], hint };
}

/** An ERROR line that does not stop Wazuh. */
function tell(code: string, severity: Severity, sentence: string, hint: string): ProblemText {
  return { ...warn(code, severity, sentence, hint), logLines: [`ERROR: ${/^\d+$/.test(code) ? `(${code}): ` : ''}${sentence}`] };
}

export const OMISSIONS = {
  valueTooLong: (text: string): ProblemText =>
    tell(
      '1104',
      'changes-rule',
      `Maximum string size reached for: ${text}.`,
      'Wazuh discards this condition, so the rule matches more than it says. Keep the text below 2,048 bytes, or use <field>, which has no such limit.',
    ),
  fieldNameTooLong: (text: string): ProblemText =>
    tell('1104', 'changes-rule', `Maximum string size reached for: ${text}.`, 'wazuh-analysisd crashes when an event reaches this rule.'),
  wrongValue: (value: string, attribute: string, id: number): ProblemText =>
    warn(
      '7600',
      'changes-rule',
      `Invalid value '${value}' for attribute '${attribute}' in rule ${id}.`,
      attribute === 'negate'
        ? 'Only "yes" negates; Wazuh ignores the attribute, so the condition is not negated.'
        : 'One of osregex, osmatch, pcre2; Wazuh uses the default of the element.',
    ),
  notOverwritable: (what: string, id: number): ProblemText =>
    warn(
      '7605',
      'changes-rule',
      `It is not possible to overwrite '${what}' value in rule '${id}'. The original value is retained.`,
      `Repeat the original value, or leave the element out. (if_group always warns, and stays.)`,
    ),
  badParentId: (element: string, id: number): ProblemText =>
    warn(
      '7607',
      'changes-rule',
      `Invalid '${element}'. Signature ID must be an integer. Rule '${id}' will be ignored.`,
      'Write numbers, separated by commas.',
    ),
  badIfLevel: (value: string, id: number): ProblemText =>
    warn('7609', 'drops-rule', `Invalid 'if_level' value: '${value}'. Rule '${id}' will be ignored.`, 'Write a level from 1 to 16.'),
  levelNotFound: (level: number, id: number): ProblemText =>
    warn(
      '7608',
      'drops-rule',
      `Level ID '${level}' was not found. Invalid 'if_level'. Rule '${id}' will be ignored.`,
      'No rule of this level is loaded before this one.',
    ),
  groupNotFound: (group: string, id: number): ProblemText =>
    warn(
      '7610',
      'drops-rule',
      `Group '${group}' was not found. Invalid 'if_group'. Rule '${id}' will be ignored.`,
      'The group must belong to a rule loaded before this one: earlier in the file, or in a file that sorts before it.',
    ),
  categoryNotFound: (id: number): ProblemText =>
    warn(
      '7611',
      'drops-rule',
      `Category was not found. Invalid 'category'. Rule '${id}' will be ignored.`,
      'The file sorts before 0010-rules_config.xml, which holds the templates; rename it.',
    ),
  duplicateId: (id: number, first: string): ProblemText =>
    warn(
      '7612',
      'drops-rule',
      `Rule ID '${id}' is duplicated. Only the first occurrence will be considered.`,
      `It is defined first in ${first}. Take a free id, or add overwrite="yes" if you mean to change that rule.`,
    ),
  overwriteMissing: (id: number): ProblemText =>
    warn(
      '7613',
      'warning',
      `Rule ID '${id}' does not exist but 'overwrite' is set to 'yes'. Still, the rule will be loaded.`,
      'The rule to overwrite must be loaded before: check the id, and that its file sorts before this one.',
    ),
  badIfMatchedSid: (value: string, id: number): ProblemText =>
    warn(
      '7615',
      'drops-rule',
      `Invalid 'if_matched_sid' value: '${value}'. Rule '${id}' will be ignored.`,
      'if_matched_sid takes one id; use if_matched_group for several rules.',
    ),
  listNotLoaded: (list: string, id: number): ProblemText =>
    warn(
      '7616',
      'drops-rule',
      `List '${list}' could not be loaded. Rule '${id}' will be ignored.`,
      'Declare the list in the <ruleset> section of ossec.conf, with exactly this path.',
    ),
  parentNotFound: (parent: number, id: number, isLast: boolean): ProblemText =>
    warn(
      '7617',
      isLast ? 'drops-rule' : 'changes-rule',
      `Signature ID '${parent}' was not found and will be ignored in the 'if_sid' option of rule '${id}'.`,
      'The parent must be loaded before this rule: earlier in the file, or in a file that sorts before it. Several <if_sid> elements are glued together.',
    ),
  badIfSid: (value: string, id: number): ProblemText =>
    warn(
      '7618',
      'drops-rule',
      `Invalid 'if_sid' value: '${value}'. Rule '${id}' will be ignored.`,
      'Digits, commas and spaces only, on one line.',
    ),
  noParentFound: (id: number): ProblemText =>
    warn('7619', 'drops-rule', `Empty 'if_sid' value. Rule '${id}' will be ignored.`, 'None of the parents exists at this point.'),
  matchedSidNotFound: (parent: number, id: number): ProblemText =>
    warn(
      '7620',
      'drops-rule',
      `Signature ID '${parent}' was not found. Invalid 'if_matched_sid'.Rule '${id}' will be ignored.`,
      'The counted rule must be loaded before this one: earlier in the file, or in a file that sorts before it.',
    ),
  badNoalert: (): ProblemText =>
    warn('wrong-noalert', 'changes-rule', "Invalid value for attribute 'noalert'", 'Write noalert="1"; anything else is ignored.'),
  deprecatedElement: (name: string): ProblemText =>
    warn(
      'deprecated-element',
      'changes-rule',
      `Detected a deprecated field option for rule, ${name} is not longer available.`,
      'The element has no effect; events of different agents are told apart unless <global_frequency /> is set.',
    ),
  badInfo: (sentence: string): ProblemText =>
    tell('wrong-info', 'changes-rule', `rules_op: ${sentence}`, 'One attribute, type="text", "link", "cve" or "osvdb".'),
  emptyMitre: (id: number): ProblemText =>
    warn('mitre-empty', 'changes-rule', `Empty Mitre information for rule '${id}'`, 'Write <mitre><id>T1609</id></mitre>.'),
  noMitreId: (what: 'Technique' | 'Tactic', id: number): ProblemText =>
    warn('mitre-empty', 'changes-rule', `No Mitre ${what} ID found for rule '${id}'`, 'Wazuh discards the whole <mitre> block.'),
  unknownMitreElement: (name: string, id: number): ProblemText =>
    tell('mitre-unknown-element', 'changes-rule', `Invalid option '${name}' for rule '${id}'`, 'Wazuh discards the whole <mitre> block.'),
  mixedMitre: (sentence: string): ProblemText =>
    warn('mitre-mixed', 'changes-rule', sentence, 'Use <id> only, as many as needed, in one <mitre> block.'),
};
