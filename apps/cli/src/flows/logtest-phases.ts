/** The three phases as wazuh-logtest prints them (wazuh v4.14.7 framework/scripts/wazuh_logtest.py, show_ossec_logtest_like). */

/** The `data` of logtest's answer, as far as it is printed. */
export interface LogtestReply {
  readonly token: string;
  readonly messages?: readonly string[];
  readonly output: Readonly<Record<string, unknown>>;
  readonly rules_debug?: readonly string[];
  readonly alert?: boolean;
}

export function renderPhases({ output, rules_debug: debug, alert }: LogtestReply): string {
  const { full_log: fullLog, predecoder, decoder, data, rule } = output;
  const lines = ['**Phase 1: Completed pre-decoding.'];
  if (fullLog !== undefined) lines.push(`\tfull event: '${printable(String(fullLog))}'`);
  lines.push(...infoLines(predecoder, ['timestamp', 'hostname', 'program_name']), '', '**Phase 2: Completed decoding.');
  if (isObject(decoder) && Object.keys(decoder).length > 0) lines.push(...infoLines(decoder, ['name', 'parent']), ...infoLines(data));
  else lines.push('\tNo decoder matched.');
  if (debug !== undefined)
    lines.push('', '**Rule debugging:', ...debug.map((line) => `${line.startsWith('*') ? '\t\t' : '\t'}${printable(line)}`));
  if (rule !== undefined)
    lines.push('', '**Phase 3: Completed filtering (rules).', ...infoLines(rule, ['id', 'level', 'description', 'groups', 'firedtimes']));
  if (alert === true) lines.push('**Alert to be generated.');
  return `${lines.join('\n')}\n`;
}

/** Rule, level and decoder as `-U` compares them; empty texts for what is not there. */
export function unitOf({ output: { rule, decoder } }: LogtestReply): readonly [rule: string, level: string, decoder: string] {
  const text = (object: unknown, key: string): string => (isObject(object) && object[key] !== undefined ? String(object[key]) : '');
  return [text(rule, 'id'), text(rule, 'level'), text(decoder, 'name')];
}

/** First the named fields, then the others by name; objects by their dotted names. */
function infoLines(info: unknown, first: readonly string[] = [], prefix = ''): readonly string[] {
  if (!isObject(info)) return [];
  const others = Object.keys(info)
    .filter((key) => !first.includes(key))
    .sort();
  return [...first.filter((key) => Object.hasOwn(info, key)), ...others].flatMap((key) => {
    const value = info[key];
    return isObject(value) ? infoLines(value, [], `${prefix}${key}.`) : [`\t${prefix}${printable(key)}: '${printable(spelled(value))}'`];
  });
}

/** As Python spells it: wazuh-logtest is a Python program. */
function spelled(value: unknown, isInside = false): string {
  if (Array.isArray(value)) return `[${value.map((each) => spelled(each, true)).join(', ')}]`;
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return isInside ? `'${value}'` : value;
  return isObject(value) ? JSON.stringify(value) : String(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Values come from events: of control bytes only line breaks and tabs may reach a terminal. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out.
  return text.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, '?');
}
