import type { Condition } from './condition.ts';
import { OMISSIONS } from './omissions.ts';
import type { Correlation, Rule, Search } from './rule.ts';
import type { Report, RuleDraft } from './rule-draft.ts';

/** What a rule keeps through every overwrite, as it was written (wazuh v4.14.7 src/analysisd/rules_list.c, OS_AddRuleInfo). */
export interface Original {
  readonly ifSid?: string;
  readonly ifLevel?: string;
  readonly ifMatchedSid?: number;
  readonly ifMatchedGroup?: string;
  readonly search?: Search;
}

export function originalOf(draft: RuleDraft, search: Search | undefined): Original {
  const hasParents = draft.ifSid !== undefined || draft.ifGroup !== undefined;
  const ifSid = draft.ifMatchedSid && !hasParents ? String(draft.ifMatchedSid) : draft.ifSid;
  return {
    ...(ifSid === undefined ? {} : { ifSid }),
    ...(draft.ifLevel === undefined ? {} : { ifLevel: draft.ifLevel }),
    ...(draft.ifMatchedSid === undefined ? {} : { ifMatchedSid: draft.ifMatchedSid }),
    ...(draft.ifMatchedGroup === undefined ? {} : { ifMatchedGroup: draft.ifMatchedGroup }),
    ...(search === undefined ? {} : { search }),
  };
}

/** Warns of parents that an overwrite cannot move. The original if_group is forgotten after loading, so that one always warns. */
export function tellUnchangeable(original: Original, draft: RuleDraft, report: Report): void {
  const tell = (element: string): void => report(OMISSIONS.notOverwritable(element, draft.id), draft.offsets.get(element));
  if (draft.ifSid !== undefined && !draft.ifMatchedSid && draft.ifSid !== original.ifSid) tell('if_sid');
  if (draft.ifGroup !== undefined && draft.ifMatchedGroup === undefined) tell('if_group');
  if (draft.ifLevel !== undefined && draft.ifLevel !== original.ifLevel) tell('if_level');
  if (draft.ifMatchedGroup !== undefined && draft.ifMatchedGroup !== original.ifMatchedGroup) tell('if_matched_group');
  if (draft.ifMatchedSid && draft.ifMatchedSid !== original.ifMatchedSid) tell('if_matched_sid');
}

/** The new rule at the old place. It keeps parents, the search for earlier events and, without GeoIP support, geoip conditions. */
export function mergeOverwrite(old: Rule, rule: Rule, draft: RuleDraft, original: Original): Rule {
  const { correlation: _correlation, search: _search, ...rest } = rule;
  const correlation = mergeCorrelation(rule.correlation, original);
  return {
    ...rest,
    parents: old.parents,
    conditions: [...rule.conditions.filter((condition) => !isGeoip(condition)), ...old.conditions.filter(isGeoip)],
    ...(correlation === undefined ? {} : { correlation, search: draft.isDiff ? { kind: 'none' } : (original.search ?? { kind: 'none' }) }),
  };
}

function mergeCorrelation(correlation: Correlation | undefined, original: Original): Correlation | undefined {
  if (correlation === undefined) return undefined;
  const { ifMatchedSid: _sid, ifMatchedGroup: _group, ...rest } = correlation;
  return {
    ...rest,
    ...(original.ifMatchedSid === undefined ? {} : { ifMatchedSid: original.ifMatchedSid }),
    ...(original.ifMatchedGroup === undefined ? {} : { ifMatchedGroup: original.ifMatchedGroup }),
  };
}

function isGeoip(condition: Condition): boolean {
  return condition.kind === 'static' && (condition.field === 'srcgeoip' || condition.field === 'dstgeoip');
}
