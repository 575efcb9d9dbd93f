import { Failure } from '@k8s-audit/failure';
import { type TextEdit, withEdits } from '@k8s-audit/text-edits';
import { isMap, isNode, isScalar, isSeq, parseDocument, type Range, type YAMLMap } from 'yaml';

/**
 * Switches the archives of Filebeat's module wazuh on or off. Only that value changes, or the lines that lack are added; comments and
 * order stay. Twice is the same as once.
 *
 * @param text filebeat.yml
 * @throws Failure FILEBEAT_UNEXPECTED where it is no YAML or has no module wazuh
 */
export function patchFilebeat(text: string, { archives }: { readonly archives: boolean }): string {
  const module = wazuhModule(text);
  const edit = archivesEdit(text, module, archives);
  if (edit === undefined) return text;
  const patched = withEdits(text, [edit]);
  if (readsArchives(patched) !== archives) throw unexpected('its module wazuh is written in a way that could not be edited');
  return patched;
}

/** @throws Failure FILEBEAT_UNEXPECTED */
export function readsArchives(text: string): boolean {
  return wazuhModule(text).getIn(['archives', 'enabled']) === true;
}

/** The entry `- module: wazuh` below `filebeat.modules`, written as one key with a dot or as two. */
function wazuhModule(text: string): YAMLMap {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw unexpected(`it is no YAML: ${error.message.split('\n')[0]}`);
  const modules = document.get('filebeat.modules') ?? document.getIn(['filebeat', 'modules']);
  const found = isSeq(modules) ? modules.items.find((item) => isMap(item) && item.get('module') === 'wazuh') : undefined;
  if (!isMap(found)) throw unexpected('it has no module wazuh');
  return found;
}

function archivesEdit(text: string, module: YAMLMap, archives: boolean): TextEdit | undefined {
  const section = module.get('archives', true);
  if (isMap(section)) {
    const enabled = section.get('enabled', true);
    if (isScalar(enabled) && enabled.range) {
      if (enabled.value === archives) return undefined;
      return { start: enabled.range[0], end: enabled.range[1], text: String(archives) };
    }
    return lineBehind(text, section, `enabled: ${archives}`);
  }
  if (!archives) return undefined;
  if (section !== undefined && !(isScalar(section) && section.value === null))
    throw unexpected('`archives` of its module wazuh is no mapping');
  if (section !== undefined) throw unexpected('`archives:` of its module wazuh is empty');
  return lineBehind(text, module, `archives:`, 'enabled: true');
}

/** New lines as the last ones of a block mapping, indented like its other keys. */
function lineBehind(text: string, mapping: YAMLMap, ...lines: readonly string[]): TextEdit {
  const first = rangeOf(mapping.items[0]?.key);
  const last = rangeOf(mapping.items.at(-1)?.value) ?? rangeOf(mapping.items.at(-1)?.key);
  if (mapping.flow || !first || !last) throw unexpected('its module wazuh is not written line by line');
  const lineStart = text.lastIndexOf('\n', first[0] - 1) + 1;
  const indent = ' '.repeat(first[0] - lineStart);
  const valueEnd = last[1];
  const lineEnd = text.indexOf('\n', valueEnd - 1) < 0 ? text.length : text.indexOf('\n', Math.max(valueEnd - 1, last[0]));
  const ended = text.endsWith('\n', lineEnd + 1) ? lineEnd + 1 : lineEnd;
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const block = lines.map((line, depth) => `${indent}${'  '.repeat(depth)}${line}${newline}`).join('');
  return { start: ended, end: ended, text: ended === lineEnd ? newline + block : block };
}

function rangeOf(value: unknown): Range | undefined {
  return isNode(value) ? (value.range ?? undefined) : undefined;
}

function unexpected(because: string): Failure {
  return new Failure('FILEBEAT_UNEXPECTED', `filebeat.yml cannot be edited: ${because}.`, {
    hint: 'Nothing was changed. Set archives.enabled of the module wazuh by hand, then run the command again.',
  });
}
