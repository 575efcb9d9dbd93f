import { Failure } from '@k8s-audit/failure';
import { type TextEdit, withEdits } from '@k8s-audit/text-edits';
import type { XmlElement } from '@k8s-audit/wazuh-xml';
import { elementsAt, type OssecConf, type OssecConfChanges, readOssecConf, valuesAt } from './ossec-conf.ts';
import { assertReadsAs } from './ossec-conf-check.ts';

/**
 * The text with the changes in it. Only what has to change is touched: comments, order, indentation and line ends stay. Twice is
 * the same as once.
 *
 * @param bytes ossec.conf, bytes as characters (latin1)
 * @throws Failure OSSEC_CONF_UNREADABLE; OSSEC_CONF_UNEXPECTED where it lacks the section that a change belongs to, or where
 *   another parser does not find the change in the result
 */
export function patchOssecConf(bytes: string, { lists = [], global = {} }: OssecConfChanges): string {
  const conf = readOssecConf(bytes);
  const edits = [...Object.entries(global).flatMap(([name, value]) => settingEdits(conf, name, value)), ...listEdits(conf, lists)];
  if (edits.length === 0) return bytes;
  const patched = withEdits(bytes, edits);
  assertReadsAs(patched, { lists, global });
  return patched;
}

/** Every place that sets it gets the value: which of them counts is then no question of order. */
function settingEdits(conf: OssecConf, name: string, value: string): TextEdit[] {
  const places = elementsAt(conf, ['global', name]);
  if (places.length > 0)
    return places
      .filter((element) => element.content.trim() !== value)
      .map((element) => ({ start: element.offset, end: element.endOffset, text: `<${name}>${value}</${name}>` }));
  const section = elementsAt(conf, ['global']).at(-1) ?? missing('global');
  return [insertion(conf, section, `<${name}>${value}</${name}>`)];
}

function listEdits(conf: OssecConf, lists: readonly string[]): TextEdit[] {
  const declared = new Set(valuesAt(conf, ['ruleset', 'list']));
  const wanted = lists.filter((list) => !declared.has(list));
  if (wanted.length === 0) return [];
  const section = elementsAt(conf, ['ruleset']).at(-1) ?? missing('ruleset');
  const last = elementsAt(conf, ['ruleset', 'list']).findLast(
    ({ offset, endOffset }) => offset > section.offset && endOffset < section.endOffset,
  );
  return wanted.map((list) => insertion(conf, section, `<list>${list}</list>`, last));
}

/** A new line of its own: behind `last`, or as the section's last. */
function insertion({ bytes }: OssecConf, section: XmlElement, text: string, last?: XmlElement): TextEdit {
  const lineEnd = bytes.includes('\r\n') ? '\r\n' : '\n';
  if (last !== undefined) return { start: last.endOffset, end: last.endOffset, text: `${lineEnd}${indentAt(bytes, last.offset)}${text}` };
  const closing = section.closingOffset;
  const lineStart = bytes.lastIndexOf('\n', closing - 1) + 1;
  const outer = bytes.slice(lineStart, closing);
  // `<global></global>` on one line: the new line goes in between.
  if (outer.trim() !== '') return { start: closing, end: closing, text: `${lineEnd}    ${text}${lineEnd}  ` };
  return { start: lineStart, end: lineStart, text: `${outer}${outer.includes('\t') ? '\t' : '  '}${text}${lineEnd}` };
}

/** The white space in front of an element that begins its line. */
function indentAt(bytes: string, offset: number): string {
  const line = bytes.slice(bytes.lastIndexOf('\n', offset - 1) + 1, offset);
  return line.trim() === '' ? line : '    ';
}

function missing(section: string): never {
  throw new Failure('OSSEC_CONF_UNEXPECTED', `ossec.conf has no <${section}> section.`, {
    hint: `Is it a manager's? An agent's has none. Add <${section}> below <ossec_config> and try again.`,
  });
}
