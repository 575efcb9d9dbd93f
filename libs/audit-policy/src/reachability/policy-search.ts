import { createEvaluator, type Evaluator } from '../evaluation/evaluator.ts';
import type { Policy, PolicyRule } from '../model.ts';
import { type Candidates, unnamedIn } from './candidates.ts';
import { type Budget, type Cover, coverOf } from './cover.ts';

/** A policy made ready for many questions about which rules leave which requests to others. */
export interface PolicySearch {
  readonly policy: Policy;
  readonly evaluator: Evaluator;
  /** A name that stands for all that the policy does not name. */
  readonly unnamed: string;
  readonly budget: Budget;
  /** Whether the rules before one of that index (all of them without it) match every request of a set. */
  readonly coverBefore: (candidates: Candidates, before?: number) => Cover;
}

export function createPolicySearch(policy: Policy, budget: Budget): PolicySearch {
  const { rules } = policy;
  const tables = [
    tabulate(rules, ({ users = [] }) => users),
    tabulate(rules, ({ verbs = [] }) => verbs),
    tabulate(rules, ({ namespaces = [] }) => namespaces),
    tabulate(rules, basesOf),
    tabulate(rules, namesOf),
  ];
  return {
    policy,
    evaluator: createEvaluator(policy),
    unnamed: unnamedIn(rules),
    budget,
    coverBefore: (candidates, before = rules.length) => {
      const values: readonly (readonly string[])[] = [
        candidates.requesters.map(({ username }) => username ?? ''),
        candidates.verbs,
        candidates.objects.some(({ kind }) => kind === 'path') ? ['', ...candidates.namespaces] : candidates.namespaces,
        candidates.objects.map((object) => (object.kind === 'path' ? '' : object.resource)),
        candidates.objects.map((object) => (object.kind === 'path' ? '' : object.name)),
      ];
      // The respect in which the fewest rules could match; of thousands of rules most differ in one.
      const lists = tables.map((table, respect) => table.rulesFor(values[respect] ?? []));
      const fewest = lists.reduce((least, some) => (sizeOf(some) < sizeOf(least) ? some : least));
      const among = mergedBelow(fewest, before);
      budget.left -= among.length;
      return coverOf(candidates, rules, budget, among);
    },
  };
}

/** Rules by a value that they ask for. */
interface Table {
  /** Lists of rules: those that ask for none of the values never match one of them. */
  readonly rulesFor: (values: readonly string[]) => readonly (readonly number[])[];
}

function tabulate(rules: readonly PolicyRule[], valuesOf: (rule: PolicyRule) => readonly string[]): Table {
  const open: number[] = [];
  const byValue = new Map<string, number[]>();
  for (const [index, rule] of rules.entries()) {
    const values = valuesOf(rule);
    if (values.length === 0) open.push(index);
    for (const value of new Set(values)) {
      const list = byValue.get(value);
      if (list === undefined) byValue.set(value, [index]);
      else list.push(index);
    }
  }
  return { rulesFor: (values) => [open, ...values.map((value) => byValue.get(value) ?? [])] };
}

function sizeOf(lists: readonly (readonly number[])[]): number {
  return lists.reduce((sum, { length }) => sum + length, 0);
}

/** Each list is in ascending order. */
function mergedBelow(lists: readonly (readonly number[])[], limit: number): readonly number[] {
  const parts = lists
    .filter(({ length }) => length > 0)
    .map((list) => (Number(list.at(-1)) < limit ? list : list.filter((index) => index < limit)));
  return parts.length === 1 ? (parts[0] ?? []) : [...new Set(parts.flat())].sort((one, other) => one - other);
}

/** Names that a rule is for; none where it is also for others. */
function namesOf({ resources = [] }: PolicyRule): readonly string[] {
  const names = resources.map(({ resourceNames = [] }) => resourceNames);
  return names.some((list) => list.length === 0) ? [] : names.flat();
}

/** `pods` of `pods/log`; none where a rule also holds for resources that it does not name. */
function basesOf({ resources = [] }: PolicyRule): readonly string[] {
  const patterns = resources.map((entry) => entry.resources ?? []);
  const bases = patterns.flat().map((pattern) => pattern.split('/', 1)[0] ?? '');
  return patterns.some((list) => list.length === 0) || bases.includes('*') ? [] : bases;
}
