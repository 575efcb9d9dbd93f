import { encodeBytes, parseInt32 } from '@k8s-audit/wazuh-xml';
import { compileGroupMatch, compileWordMatch } from './group-match.ts';
import type { LoadOptions } from './load-options.ts';
import type { OutsideParent, RuleNode } from './loaded-ruleset.ts';
import { OMISSIONS } from './omissions.ts';
import { createOutsideParents } from './outside-parents.ts';
import { mergeOverwrite, type Original, originalOf, tellUnchangeable } from './overwrite.ts';
import type { ProblemText, RuleProblem } from './problem.ts';
import { REFUSALS } from './refusals.ts';
import type { Rule, Search } from './rule.ts';
import type { Report, RuleDraft } from './rule-draft.ts';
import { createRuleTree, createSlot, type RuleSlot } from './rule-tree.ts';
import { TRAPS } from './traps.ts';

/** The rules loaded so far. A new rule is hung into the tree at once, because it can only see what was loaded before it. */
export interface GrowingRuleset {
  /** `file:line` of a loaded rule. */
  readonly placeOfRule: (id: number) => string | undefined;
  /** False: the tree is full, and loading ends. */
  readonly add: (draft: RuleDraft, rule: Rule, report: Report) => boolean;
  /** This rule was refused; what hangs below it is left out without blaming it. */
  readonly forgive: (id: number) => void;
  readonly finish: () => {
    readonly roots: readonly RuleNode[];
    readonly outside: readonly OutsideParent[];
    readonly rules: ReadonlyMap<number, Rule>;
    /** What can only be seen when everything is loaded. */
    readonly silentProblems: readonly RuleProblem[];
  };
}

// The stock ruleset of 4.14.7 makes 8,453 places.
const MAX_TREE_NODES = 200_000;
// if_matched_group makes a list for every pair of rules; in memory a pair is a tenth of a place.
const SOURCES_PER_NODE = 10;

export function createRuleset(options: LoadOptions): GrowingRuleset {
  const limit = options.maxTreeNodes ?? MAX_TREE_NODES;
  const tree = createRuleTree(limit);
  const slots = new Map<number, RuleSlot>();
  const originals = new Map<number, Original>();
  let sourceCount = 0;
  const refusedIds = new Set<number>();
  const outside = createOutsideParents(options, tree);

  const addBelowSids = (ids: readonly number[], draft: RuleDraft, slot: RuleSlot, report: Report): number | 'full' => {
    const offset = draft.offsets.get(draft.ifSid === undefined ? 'if_matched_sid' : 'if_sid');
    const tell = (text: ProblemText): void => report(text, offset);
    const missing = ids.filter((id) => id !== 0 && !slots.has(id) && !outside.openSid(id, tell));
    const blamed = missing.filter((id) => !refusedIds.has(id));
    // A composite rule needs every parent, any other at least one.
    if (draft.ifMatchedSid && missing.length > 0) {
      if (blamed[0] !== undefined) tell(OMISSIONS.matchedSidNotFound(blamed[0], draft.id));
      return 0;
    }
    const isDropped = missing.length === ids.length;
    for (const id of blamed) tell(OMISSIONS.parentNotFound(id, draft.id, isDropped));
    if (isDropped && blamed.length === missing.length) tell(OMISSIONS.noParentFound(draft.id));
    let added = 0;
    for (const id of ids) {
      // Zero is no rule but "no parent given": Wazuh then takes the template of the category.
      const count = id === 0 ? tree.addBelowCategory(slot) : tree.addBelowRule(id, slot);
      if (count === 'full') return 'full';
      added += count;
    }
    return added;
  };

  const addBelowGroup = (group: string, draft: RuleDraft, slot: RuleSlot, report: Report): number | 'full' => {
    const count = tree.addBelowGroup(compileWordMatch(group), slot);
    if (count !== 0 || refusedIds.size > 0) return count;
    const tell = (text: ProblemText): void => report(text, draft.offsets.get('if_group'));
    const key = outside.openGroup(group, tell);
    if (key !== undefined) return tree.addBelowRule(key, slot);
    tell(OMISSIONS.groupNotFound(encodeBytes(group), draft.id));
    return 0;
  };

  const hang = (draft: RuleDraft, slot: RuleSlot, report: Report): number | 'full' => {
    const { parents } = slot.rule;
    if (parents.kind === 'sid') return addBelowSids(idsAsWazuhReads(draft, parents.ids, report), draft, slot, report);
    if (parents.kind === 'level') {
      const level = parseInt32(draft.ifLevel ?? '');
      const count = level === 0 ? 0 : tree.addBelowLevel(level * 100, slot);
      if (count === 0)
        report(
          level === 0 ? OMISSIONS.badIfLevel(draft.ifLevel ?? '', draft.id) : OMISSIONS.levelNotFound(level * 100, draft.id),
          draft.offsets.get('if_level'),
        );
      return count;
    }
    if (parents.kind === 'group') return addBelowGroup(parents.text, draft, slot, report);
    const count = tree.addBelowCategory(slot);
    if (count === 0) report(OMISSIONS.categoryNotFound(draft.id));
    return count;
  };

  return {
    placeOfRule: (id) => {
      const place = slots.get(id)?.rule.place;
      return place === undefined ? undefined : `${encodeBytes(place.file)}:${place.line}`;
    },
    add: (draft, rule, report) => {
      const existing = slots.get(rule.id);
      if (existing !== undefined && rule.id >= 10) {
        const original = originals.get(rule.id) ?? {};
        tellUnchangeable(original, draft, report);
        tree.replace(existing, mergeOverwrite(existing.rule, rule, draft, original));
        existing.category = draft.category;
        return true;
      }
      const slot = createSlot(rule, draft.category);
      if (rule.id < 10) tree.addRoot(slot);
      else {
        const count = hang(draft, slot, report);
        if (count === 'full') report(REFUSALS.treeTooLarge(limit));
        if (count === 0 && parentsRefused(rule, refusedIds)) refusedIds.add(rule.id);
        if (count === 'full') return false;
        if (count === 0) return true;
      }
      if (existing === undefined) slots.set(rule.id, slot);
      const search = searchOf(slot.rule, draft, slots);
      if (search?.kind === 'group') sourceCount += search.sourceIds.length;
      if (sourceCount > limit * SOURCES_PER_NODE) {
        report(REFUSALS.treeTooLarge(limit));
        return false;
      }
      if (search !== undefined) slot.rule = { ...slot.rule, search };
      originals.set(rule.id, originalOf(draft, search));
      return true;
    },
    forgive: (id) => refusedIds.add(id),
    finish: () => {
      const frozen = tree.freeze();
      const rules = new Map([...slots].map(([id, slot]) => [id, slot.rule]));
      return {
        roots: frozen.roots,
        rules,
        outside: outside.list(frozen.outside),
        silentProblems: [...rules.values()].flatMap((rule) => countsNothing(rule, rules)),
      };
    },
  };
}

/** The ids of if_sid, and what its end means: after a last comma or space Wazuh reads one more, 0. */
function idsAsWazuhReads(draft: RuleDraft, ids: readonly number[], report: Report): readonly number[] {
  const text = draft.ifSid ?? '';
  if (text.endsWith('\n')) report(OMISSIONS.badParentId('if_sid', draft.id), draft.offsets.get('if_sid'));
  const all = /[, ]$/.test(text) ? [...ids, 0] : ids;
  if (all.includes(0)) report(TRAPS.ifSidEverything(text), draft.offsets.get('if_sid'));
  return all;
}

function parentsRefused({ parents }: Rule, refusedIds: ReadonlySet<number>): boolean {
  if (parents.kind === 'group') return refusedIds.size > 0;
  return parents.kind === 'sid' && parents.ids.some((id) => refusedIds.has(id));
}

/** OS_MarkID and OS_MarkGroup. A check_diff beside it switches the search off. */
function searchOf(rule: Rule, draft: RuleDraft, slots: ReadonlyMap<number, RuleSlot>): Search | undefined {
  const { correlation } = rule;
  if (correlation === undefined) return undefined;
  if (draft.isDiff) return { kind: 'none' };
  if (correlation.ifMatchedSid) return { kind: 'sid', sourceIds: [correlation.ifMatchedSid] };
  const group = correlation.ifMatchedGroup;
  if (group === undefined) return { kind: 'events' };
  const matches = compileGroupMatch(group);
  const sourceIds: number[] = [];
  for (const [id, slot] of slots) if (matches(slot.foldedGroupText)) sourceIds.push(id);
  return { kind: 'group', sourceIds };
}

/** Events of level 0 are not remembered, so nothing counts them. */
function countsNothing(rule: Rule, rules: ReadonlyMap<number, Rule>): readonly RuleProblem[] {
  if (rule.search?.kind !== 'sid') return [];
  return rule.search.sourceIds
    .filter((id) => rules.get(id)?.level === 0)
    .map((id) => ({ ...TRAPS.countsNothing(id), ...rule.place, ruleId: rule.id, reached: true }));
}
