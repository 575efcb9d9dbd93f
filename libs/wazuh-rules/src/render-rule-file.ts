import { renderRule } from './render-rule.ts';
import type { RuleDefinition } from './rule.ts';
import { attribute, elementText, MAX_COPIED_BYTES, notExpressible } from './rule-text.ts';

/** A rule file as an author thinks of it. */
export interface RuleFileModel {
  /** Lines of a comment at the top. */
  readonly comment?: readonly string[];
  readonly groups: readonly RuleGroup[];
}

export interface RuleGroup {
  /** As Wazuh reads it: names with a comma behind each, `k8s_audit,`. */
  readonly name: string;
  /** Lines of a comment before the group. */
  readonly comment?: readonly string[];
  readonly rules: readonly RuleDefinition[];
}

/**
 * Writes a rule file that `loadRules`, and so Wazuh, reads back as these definitions. What the dialect cannot hold, or would
 * change on the way, is refused: a `Failure` with the code `RULE_NOT_EXPRESSIBLE` that names rule, value and reason.
 */
export function renderRuleFile(model: RuleFileModel): string {
  if (model.groups.length === 0)
    throw notExpressible('The file', 'it has no group', 'Wazuh refuses to start with a file that holds nothing but comments.');
  checkOrder(model.groups.flatMap((group) => group.rules));
  const parts = model.groups.map((group) => renderComment(group.comment) + renderGroup(group));
  return renderComment(model.comment) + parts.join('\n');
}

/** Wazuh keeps the first rule of an id, and drops a rule whose parent comes later. */
function checkOrder(rules: readonly RuleDefinition[]): void {
  const loaded = new Set<number>();
  const all = new Set(rules.map((rule) => rule.id));
  for (const rule of rules) {
    if (loaded.has(rule.id) && rule.overwrite !== true)
      throw notExpressible(`Rule ${rule.id}`, 'its id stands twice, and Wazuh drops the second', 'Give it another id.');
    const parents = rule.parents.kind === 'sid' ? rule.parents.ids : [];
    const late = parents.find((id) => all.has(id) && !loaded.has(id));
    if (late !== undefined)
      throw notExpressible(`Rule ${rule.id}`, `its parent ${late} comes later, and Wazuh drops it`, 'Move it behind its parent.');
    loaded.add(rule.id);
  }
}

function renderGroup(group: RuleGroup): string {
  const what = `Group '${group.name}'`;
  if (group.rules.length === 0) throw notExpressible(what, 'it has no rule', 'Wazuh refuses to start with an empty group.');
  elementText(what, group.name, MAX_COPIED_BYTES);
  if (/^\s|\s$|\s,|,\s/.test(group.name)) throw notExpressible(what, 'white space belongs to a group’s name', 'Remove it.');
  const glued = group.rules.find((rule) => rule.group !== undefined && rule.group !== '' && !group.name.endsWith(','));
  if (glued !== undefined) throw notExpressible(what, `its name would be glued to the groups of rule ${glued.id}`, 'End it with a comma.');
  return `<group${attribute('name', group.name)}>\n${group.rules.map(renderRule).join('\n')}</group>\n`;
}

function renderComment(lines: readonly string[] | undefined): string {
  if (lines === undefined || lines.length === 0) return '';
  const text = lines.join('\n     ');
  if (/--|!>|-$|\0/.test(text))
    throw notExpressible('A comment', 'it holds `--`, `!>` or a final `-`, which end it', 'Write it in another way.');
  return `<!-- ${text} -->\n`;
}
