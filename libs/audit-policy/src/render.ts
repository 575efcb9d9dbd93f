import { type PolicyComments, renderComment } from './comments.ts';
import type { GroupResources, Policy, PolicyRule } from './model.ts';
import { renderScalar } from './scalar-text.ts';

/**
 * A policy as the YAML file that `--audit-policy-file` takes; read back it is the same policy.
 * Conditions stand in the order in which they narrow a request: who, what they did, to what, where.
 */
export function renderPolicy(policy: Policy, comments: PolicyComments = {}): string {
  const lines = [...renderComment(comments.header, ''), 'apiVersion: audit.k8s.io/v1', 'kind: Policy'];
  // JSON is YAML, and metadata of a policy is as good as never there.
  if (policy.metadata !== undefined) lines.push(`metadata: ${renderFlow(policy.metadata)}`);
  if (policy.omitStages !== undefined) lines.push(...renderList('omitStages', policy.omitStages));
  if (policy.omitManagedFields !== undefined) lines.push(`omitManagedFields: ${policy.omitManagedFields}`);
  lines.push(policy.rules.length === 0 ? 'rules: []' : 'rules:');
  for (const [index, rule] of policy.rules.entries()) {
    if (index > 0) lines.push('');
    lines.push(...renderComment(comments.rules?.[index], '  '), ...asListItem(renderRule(rule)));
  }
  return `${lines.join('\n')}\n`;
}

function renderRule(rule: PolicyRule): string[] {
  const lines = [`level: ${rule.level}`];
  for (const key of ['users', 'userGroups', 'verbs'] as const) lines.push(...renderList(key, rule[key]));
  if (rule.resources?.length === 0) lines.push('resources: []');
  else if (rule.resources !== undefined) lines.push('resources:', ...rule.resources.flatMap((entry) => asListItem(renderGroup(entry))));
  for (const key of ['namespaces', 'nonResourceURLs', 'omitStages'] as const) lines.push(...renderList(key, rule[key]));
  if (rule.omitManagedFields !== undefined) lines.push(`omitManagedFields: ${rule.omitManagedFields}`);
  return lines;
}

function renderGroup(entry: GroupResources): string[] {
  const lines = [`group: ${renderScalar(entry.group ?? '')}`];
  for (const key of ['resources', 'resourceNames'] as const) lines.push(...renderList(key, entry[key]));
  return lines;
}

/** In one line while it can be read at a glance, else one entry a line. */
function renderList(key: string, values: readonly string[] | undefined): string[] {
  if (values === undefined) return [];
  // A plain scalar inside brackets must not hold a bracket, a comma or a colon at its end: renderScalar's never do.
  const scalars = values.map(renderScalar);
  const inline = `${key}: [${scalars.join(', ')}]`;
  return inline.length <= 100 ? [inline] : [`${key}:`, ...scalars.map((scalar) => `  - ${scalar}`)];
}

function asListItem(lines: readonly string[]): string[] {
  return lines.map((line, index) => `  ${index === 0 ? '- ' : '  '}${line}`);
}

function renderFlow(value: unknown): string {
  if (typeof value === 'string') return renderScalar(value);
  if (Array.isArray(value)) return `[${value.map(renderFlow).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, entry]) => `${renderScalar(key)}: ${renderFlow(entry)}`)
      .join(', ')}}`;
  return JSON.stringify(value) ?? 'null';
}
