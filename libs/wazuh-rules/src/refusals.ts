import type { ProblemText } from './problem.ts';

/**
 * What makes wazuh-analysisd refuse to start, in its own words (wazuh v4.14.7 src/analysisd/rules.c,
 * src/error_messages/error_messages.h). The line `CRITICAL: (1220)` follows once for the file.
 */
export function refusal(code: string, sentences: readonly string[], hint: string): ProblemText {
  const logLines = sentences.map((sentence) => `ERROR: ${sentence}`);
  const message = (sentences[0] ?? '').replace(/^\(\d+\): /, '');
  return { code, severity: 'refuses-to-start', message, logLines, hint };
}

export const REFUSALS = {
  brokenFile: (file: string, error: string, line: number): ProblemText =>
    refusal('1226', [`(1226): Error reading XML file '${file}': ${error} (line ${line}).`], brokenFileHint(error)),
  brokenVariables: (file: string, error: string): ProblemText =>
    refusal(
      '1227',
      [`(1227): Error applying XML variables '${file}': ${error}.`],
      'Once a file has a <var>, every `$name` after it must be one; `$(field)` is safe. Write a literal dollar as \\x24 (type="pcre2").',
    ),
  noElements: (file: string): ProblemText =>
    refusal(
      '1202',
      [`(1202): Configuration error at '${file}'.`],
      'Give the file at least one <group> with a rule, or empty it, or delete it.',
    ),
  wrongRoot: (name: string): ProblemText =>
    refusal(
      'wrong-root',
      [`rules_op: Invalid root element "${name}".Only "group" is allowed`],
      'Put every rule into <group name="…">; no other element may stand around it. A declaration such as <?xml …?> is not allowed either.',
    ),
  wrongGroupAttributes: (name: string): ProblemText =>
    refusal(
      'wrong-group-attributes',
      [`rules_op: Invalid root element '${name}'.Only the group name is allowed`],
      'Write <group name="first,second,"> with no other attribute.',
    ),
  emptyGroup: (name: string): ProblemText =>
    refusal('empty-group', [`Group '${name}' without any rule.`], 'Delete the group, or put a rule into it; a comment is not enough.'),
  noRuleElement: (name: string): ProblemText =>
    refusal('not-a-rule', [`Invalid configuration. '${name}' is not a valid element.`], 'Only <rule> may stand directly in a <group>.'),
  ruleWithoutAttributes: (position: number): ProblemText =>
    refusal(
      'rule-without-attributes',
      [`Invalid rule '${position}'. You must specify an ID and a level at least.`],
      'Write <rule id="…" level="…">.',
    ),
  ruleWithoutId: (position: number): ProblemText =>
    refusal(
      'rule-without-id',
      [`No rule id or level specified for rule '${position}'.`],
      'Give the rule an id and a level of digits only; a negative level counts as none.',
    ),
  wrongAttribute: (sentence: string, hint: string): ProblemText =>
    refusal('wrong-rule-attribute', [`rules_op: ${sentence}`, 'Invalid attribute for rule.'], hint),
  ruleWithoutOptions: (id: number): ProblemText =>
    refusal(
      'rule-without-options',
      [`Rule '${id}' without any option. It may lead to false positives and some other problems for the system. Exiting.`],
      'Give the rule at least a <description>.',
    ),
  unknownElement: (name: string, id: number): ProblemText =>
    refusal('unknown-element', [`Invalid option '${name}' for rule '${id}'.`], 'Delete the element, or correct its name.'),
  wrongOption: (element: string, value: string, id: number): ProblemText =>
    refusal(
      '1235',
      [`(1235): Invalid value for element 'options': ${value}.`, `Invalid option '${element}' for rule '${id}'.`],
      'One <options> element for each option: alert_by_email, no_email_alert, log_alert, no_log, no_ar, no_full_log, no_counter.',
    ),
  noDescription: (id: number): ProblemText =>
    refusal('no-description', [`No such description at rule '${id}'.`], 'Give the rule a <description> of fewer than 2,048 bytes.'),
  noIfMatched: (id: number): ProblemText =>
    refusal(
      'no-if-matched',
      [`Invalid use of frequency/context options. Missing if_matched on rule '${id}'.`],
      'Add <if_matched_sid> or <if_matched_group>, or remove frequency, same_…, different_…, not_same_… and global_frequency.',
    ),
  badPattern: (tag: string, id: number, reason: string): ProblemText =>
    refusal('5107', [`(5107): Syntax error on tag '${tag}' in rule ${id}`], `Correct the pattern: ${reason}.`),
  badGroupPattern: (pattern: string, reason: string): ProblemText =>
    refusal('1450', [`(1450): Syntax error on regex: '${pattern}': ${reason}.`], 'Correct the pattern.'),
  fieldWithoutAttributes: (): ProblemText => ({
    ...refusal(
      'field-without-name',
      ['<field> has no attribute.'],
      'Write <field name="…">; Wazuh itself refuses the file without a reason.',
    ),
    logLines: [],
  }),
  fieldWithoutName: (id: number): ProblemText =>
    refusal(
      'field-without-name',
      [`Failure to read rule ${id}. No such attribute 'name' for field.`],
      'Write <field name="…">, with `name` in lower case.',
    ),
  staticField: (name: string, id: number): ProblemText =>
    refusal(
      'static-field',
      [`Failure to read rule ${id}. Field '${name}' is static.`],
      `Use the element of that name, such as <${staticElement(name)}>…</${staticElement(name)}>; <field> reaches decoded names only.`,
    ),
  tooManyFields: (id: number): ProblemText =>
    refusal(
      'too-many-fields',
      [`Rule ${id} has exceeded the maximum number of allowed fields`],
      'A rule has at most 256 <field> elements (analysisd.decoder_order_size).',
    ),
  badAddress: (text: string): ProblemText =>
    refusal(
      '1237',
      [`(1237): Invalid ip address: '${text}'.`],
      'Write one address, or address/prefix, such as 10.0.0.0/8 or 2001:db8::/32.',
    ),
  badTime: (text: string, badParts: readonly string[]): ProblemText =>
    refusal(
      badParts.length > 0 ? '1240' : '1274',
      [...badParts.map((part) => `(1240): Invalid time format: '${part}'.`), `(1274): Invalid configuration. Element 'time': ${text}.`],
      'Write 8:00-18:00, 8 am - 6 pm, or !22:00-6:00 for outside of it; hours are 0 to 23.',
    ),
  badWeekday: (text: string): ProblemText =>
    refusal(
      '1241',
      [`(1241): Invalid day format: '${text}'.`, `(1274): Invalid configuration. Element 'weekday': ${text}.`],
      'Write day names, weekdays or weekends, separated by commas. `!` is not accepted by any Wazuh 4.',
    ),
  badDecoder: (name: string): ProblemText =>
    refusal('unknown-decoder', [`Invalid decoder name: '${name}'.`], 'Name a decoder that exists, exactly as it is written.'),
  badCategory: (name: string): ProblemText =>
    refusal('1273', [`(1273): Invalid category '${name}' chosen.`], 'One of firewall, ids, syslog, web-log, squid, windows, ossec.'),
  badCompiledRule: (name: string): ProblemText =>
    refusal(
      '1274',
      [`Compiled rule not found: '${name}'`, `(1274): Invalid configuration. Element 'compiled_rule': ${name}.`],
      'Compiled rules are built into wazuh-analysisd; remove the element.',
    ),
  badListLookup: (lookup: string, list: string): ProblemText =>
    refusal(
      '1274',
      [`(1274): Invalid configuration. Element 'list': ${list}.`, `List match lookup="${lookup}" is not valid.`],
      'One of match_key, not_match_key, match_key_value, address_match_key, not_address_match_key, address_match_key_value.',
    ),
  badListAttribute: (value: string, list: string): ProblemText =>
    refusal(
      '1274',
      [`List field="${value}" is not valid`, `(1274): Invalid configuration. Element 'list': ${list}.`],
      '<list> takes field, lookup and check_value.',
    ),
  badListValue: (value: string, list: string, reason: string): ProblemText =>
    refusal(
      '1274',
      [`(1274): Invalid configuration. Element 'list': ${list}.`, `(1450): Syntax error on regex: '${value}': ${reason}.`],
      'Correct check_value.',
    ),
  listWithoutField: (list: string): ProblemText =>
    refusal(
      '1274',
      ['List requires the field="" attribute', `(1274): Invalid configuration. Element 'list': ${list}.`],
      'Write <list field="…" lookup="match_key">.',
    ),
  listWithoutAttributes: (list: string): ProblemText =>
    refusal(
      '1274',
      ['List must have a correctly formatted field attribute', `(1274): Invalid configuration. Element 'list': ${list}.`],
      'Write <list field="…" lookup="match_key">.',
    ),
  badIgnore: (element: string, value: string): ProblemText =>
    refusal('wrong-ignore', [`Wrong ${element} option: '${value}'`], `<${element}> is a list of field names with commas and no empty one.`),
  treeTooLarge: (limit: number): ProblemText => ({
    ...refusal(
      'tree-too-large',
      [`More than ${limit} places in the rule tree.`],
      'Many rules with <if_group>, <if_level> or <if_matched_group> multiply each other; wazuh-analysisd would run out of memory too.',
    ),
    logLines: [],
  }),
};

function staticElement(name: string): string {
  const folded = name.toLowerCase();
  return folded === 'srcuser' || folded === 'dstuser' ? 'user' : folded;
}

function brokenFileHint(error: string): string {
  if (error.includes('String overflow')) return 'An element holds at most 20,479 bytes of text. Split it.';
  if (error.includes('Comment not closed'))
    return '`<!` begins a comment, also in `<![CDATA[`; it ends at `-->`. There is no CDATA in rule files.';
  if (error.includes('not closed'))
    return 'Close the element; in a pattern write `<` as \\x3c (type="pcre2") or `\\<` (OSRegex), and do not end a value with a backslash.';
  if (error.includes('Element not opened')) return 'Delete the closing tag, or open the element before it.';
  return 'Correct the tag; values stand in quotes and no attribute twice.';
}
