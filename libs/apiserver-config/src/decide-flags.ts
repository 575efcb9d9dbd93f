import type { PatchOptions, Remark } from './audit-setup.ts';
import type { Flag } from './flag.ts';
import { logRefusalOf, refusalOf } from './flag-refusals.ts';

export interface FlagDecision {
  readonly flag: Flag;
  readonly action: 'add' | 'replace' | 'leave';
  /** The value that is there. */
  readonly there?: string;
}

export interface FlagDecisions {
  readonly decisions: readonly FlagDecision[];
  readonly remarks: readonly Remark[];
  readonly conflicts: readonly Remark[];
}

/** An API server has one policy, one webhook and one mode: two parties cannot both have theirs. */
const ONE_PARTY = new Set(['audit-policy-file', 'audit-webhook-config-file', 'audit-webhook-mode']);

/**
 * What becomes of each wanted flag where some are there already: ours are renewed; a value that loses events is repaired; a foreign value
 * that does no harm stays; where only one party can have it, that is a conflict. Foreign audit flags that we have no wish for are named.
 */
export function decideFlags(
  wanted: readonly Flag[],
  present: readonly Flag[],
  { ours = [], replace = false }: PatchOptions,
): FlagDecisions {
  const decisions: FlagDecision[] = [];
  const remarks: Remark[] = [];
  const conflicts: Remark[] = [];
  for (const flag of wanted) {
    // Of a flag that is given twice the last one counts.
    const there = present.findLast(({ name }) => name === flag.name)?.value;
    if (there === undefined) decisions.push({ flag, action: 'add' });
    else if (there === flag.value) decisions.push({ flag, action: 'leave', there });
    else {
      const remark = remarkOn(flag, there, ours, replace);
      if (remark.kind === 'conflict') conflicts.push(remark);
      else {
        remarks.push(remark);
        decisions.push({ flag, action: remark.kind === 'kept' ? 'leave' : 'replace', there });
      }
    }
  }
  const names = new Set(wanted.map(({ name }) => name));
  for (const { name, value } of present)
    if (name.startsWith('audit-') && !names.has(name))
      remarks.push({ kind: 'kept', what: `--${name}`, there: value, why: 'it is not ours' });
  return { decisions, remarks, conflicts };
}

/** `--audit_policy_file=x` is the same flag to an API server as `--audit-policy-file=x`. */
export function canonicalFlagName(name: string): string {
  return name.replace(/^--?/, '').replaceAll('_', '-');
}

function remarkOn({ name, value }: Flag, there: string, ours: readonly Flag[], replace: boolean): Remark {
  const about = { what: `--${name}`, there, wanted: value };
  if (ours.some((each) => each.name === name && each.value === there))
    return { ...about, kind: 'renewed', why: 'an earlier connect wrote it' };
  if (replace) return { ...about, kind: 'replaced', why: 'its place is taken as asked' };
  const harm = refusalOf(name, there);
  if (ONE_PARTY.has(name)) return { ...about, kind: 'conflict', why: harm ?? 'an API server has one only' };
  if (harm !== undefined) return { ...about, kind: 'repaired', why: harm };
  return { ...about, kind: 'kept', why: logRefusalOf(name, there) ?? 'it is not ours, and does no harm' };
}
