import { unionStages } from '../evaluation/evaluator.ts';
import type { GroupResources, Policy, PolicyRule } from '../model.ts';
import { includesResource } from './checks/repetition.ts';

/**
 * A text that is the same for policies that differ only in what changes no decision: the order and repetition of values,
 * absent against empty lists, resources that another one of their entry includes, options without effect, and rules whose
 * conditions an earlier one has already.
 */
export function canonicalPolicy(policy: Policy): string {
  const seen = new Set<string>();
  const rules: string[] = [];
  for (const rule of policy.rules) {
    const conditions = JSON.stringify(conditionsOf(rule));
    if (seen.has(conditions)) continue;
    seen.add(conditions);
    rules.push(JSON.stringify([conditions, recordOf(policy, rule)]));
  }
  return JSON.stringify([rules, setOf(policy.omitStages)]);
}

function recordOf(policy: Policy, { level, omitStages, omitManagedFields }: PolicyRule): unknown {
  if (level === 'None') return [level];
  const stages = unionStages(policy.omitStages, omitStages);
  return level === 'Metadata' ? [level, stages] : [level, stages, omitManagedFields ?? policy.omitManagedFields ?? false];
}

function conditionsOf({ users, userGroups, verbs, namespaces, nonResourceURLs, resources = [] }: PolicyRule): unknown {
  return [...[users, userGroups, verbs, namespaces, nonResourceURLs].map(setOf), setOf(resources.map(entryOf))];
}

function entryOf({ group = '', resources = [], resourceNames }: GroupResources): string {
  const needed = resources.filter((pattern) => !resources.some((other) => other !== pattern && includesResource(other, pattern)));
  return JSON.stringify([group, setOf(needed), setOf(resourceNames)]);
}

function setOf(values: readonly string[] = []): readonly string[] {
  return [...new Set(values)].sort();
}
