import { type ChangedRequests, describeRequests, findPlace, type Recorded, withImpliedGroups } from '@k8s-audit/audit-policy';
import type { LoadedPolicy } from './load-policy.ts';

export interface ComparedPolicies {
  readonly before: string;
  readonly after: string;
  readonly changes: readonly ChangedRequests[];
}

/** A difference as a person reads it: what changes by which two rules, with one request to try. */
export function renderDifference({ changes }: ComparedPolicies, before: LoadedPolicy, after: LoadedPolicy): string {
  if (changes.length === 0) return `${before.name} and ${after.name} record the same of every request`;
  const heading = `from ${before.name} to ${after.name}, ${changes.length === 1 ? 'one kind of requests changes' : `${changes.length} kinds of requests change`}`;
  return [heading, ...changes.map((change) => renderChange(change, before, after))].join('\n\n');
}

function renderChange(change: ChangedRequests, a: LoadedPolicy, b: LoadedPolicy): string {
  const { isExact, partCount, before, after, witness, rules } = change;
  const { what, who } = describeRequests(change);
  const { request, url } = witness;
  const user = request.user === null ? '--unauthenticated' : `--user ${quote(request.user.username)}`;
  // What the name does not bring along has to be said.
  const groups = (request.user?.groups ?? [])
    .filter((group) => !withImpliedGroups(request.user?.username ?? '', []).includes(group))
    .map((group) => ` --group ${quote(group)}`);
  return [
    renderStep(before, after),
    `  ${what}`,
    `  by ${who}`,
    ...(isExact ? [] : [`  (not every combination of these; ${partCount} parts, -o json lists them)`]),
    ...(url === undefined ? [] : [`  as in  --request ${quote(url)} ${user}${groups.join('')}`]),
    `         ${placeOf(a, rules.before)} -> ${placeOf(b, rules.after)}`,
  ].join('\n');
}

function renderStep(before: Recorded, after: Recorded): string {
  const notes = [
    ...(before.level === 'None' || after.level === 'None' ? [] : stageNotes(before, after)),
    ...(before.omitManagedFields === after.omitManagedFields || before.level !== after.level
      ? []
      : [after.omitManagedFields ? 'managedFields are left out' : 'with managedFields']),
  ];
  return `${before.level} -> ${after.level}${notes.length === 0 ? '' : `, ${notes.join(', ')}`}`;
}

function stageNotes(before: Recorded, after: Recorded): string[] {
  const lost = after.omitStages.filter((stage) => !before.omitStages.includes(stage));
  const won = before.omitStages.filter((stage) => !after.omitStages.includes(stage));
  return [...(lost.length > 0 ? [`no ${lost.join(', ')} any more`] : []), ...(won.length > 0 ? [`now with ${won.join(', ')}`] : [])];
}

function placeOf({ name, source }: LoadedPolicy, rule: number | undefined): string {
  return rule === undefined ? `no rule of ${name}` : `rules[${rule}] ${name}:${findPlace(source.root, `rules[${rule}]`).line}`;
}

/** For a shell. */
function quote(text: string): string {
  return /^[A-Za-z0-9_.:/@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
