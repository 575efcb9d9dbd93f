import { foldCase } from '@k8s-audit/wazuh-xml';
import type { RuleNode } from './loaded-ruleset.ts';
import type { Category, Rule } from './rule.ts';

/**
 * The tree of rules as wazuh-analysisd grows it (wazuh v4.14.7 src/analysisd/rules_list.c). A rule stands at one place for each
 * parent that took it, and later rules hang themselves below each of these places.
 */
export interface RuleTree {
  readonly addRoot: (slot: RuleSlot) => void;
  /** Each of these returns at how many places the rule was put, or `full`. */
  readonly addBelowRule: (id: number, slot: RuleSlot) => number | 'full';
  readonly addBelowGroup: (matches: (foldedGroupText: string) => boolean, slot: RuleSlot) => number | 'full';
  readonly addBelowLevel: (sortLevel: number, slot: RuleSlot) => number | 'full';
  readonly addBelowCategory: (slot: RuleSlot) => number | 'full';
  /** Replaces the rule at all its places; they do not move, although its level may be another. */
  readonly replace: (slot: RuleSlot, rule: Rule) => void;
  /** Makes a place outside of the tree; `addBelowRule` puts rules below it when no rule in the tree has this id. */
  readonly addOutside: (id: number) => void;
  readonly freeze: () => { readonly roots: readonly RuleNode[]; readonly outside: ReadonlyMap<number, readonly RuleNode[]> };
}

export interface RuleSlot {
  rule: Rule;
  category: Category;
  foldedGroupText: string;
  readonly places: TreePlace[];
}

interface TreePlace {
  readonly slot: RuleSlot;
  /** The siblings. */
  readonly list: TreeList;
  readonly children: TreeList;
}

interface TreeList {
  /** The place that these are the children of; none at the top. */
  owner: TreePlace | undefined;
  readonly places: TreePlace[];
}

export function createSlot(rule: Rule, category: Category): RuleSlot {
  return { rule, category, foldedGroupText: foldCase(rule.groupText), places: [] };
}

export function createRuleTree(maxPlaces: number): RuleTree {
  const roots: TreeList = { owner: undefined, places: [] };
  const outside = new Map<number, TreeList>();
  const slotsById = new Map<number, RuleSlot[]>();
  const slots: RuleSlot[] = [];
  let placeCount = 0;
  // An overwrite changes a level in place, so that lists are no longer in order.
  let isSorted = true;

  const put = (slot: RuleSlot, lists: readonly TreeList[]): number | 'full' => {
    if (placeCount + lists.length > maxPlaces) return 'full';
    placeCount += lists.length;
    if (slot.places.length === 0 && lists.length > 0) register(slot);
    for (const list of lists) insert(list, slot, isSorted);
    return lists.length;
  };
  const register = (slot: RuleSlot): void => {
    slots.push(slot);
    const sameId = slotsById.get(slot.rule.id);
    if (sameId === undefined) slotsById.set(slot.rule.id, [slot]);
    else sameId.push(slot);
  };
  const childLists = (accepts: (slot: RuleSlot) => boolean, slot: RuleSlot): readonly TreeList[] =>
    slots
      .filter((other) => other.rule.id !== slot.rule.id && accepts(other))
      .flatMap((other) => other.places.map((place) => place.children));

  return {
    addRoot: (slot) => {
      put(slot, [roots]);
    },
    addBelowRule: (id, slot) => {
      const candidates = (slotsById.get(id) ?? []).flatMap((parent) => parent.places);
      const found = candidates.length < 2 ? candidates : reachable(candidates);
      for (const parent of found) slot.category = parent.slot.category;
      const lists = found.length > 0 ? found.map((parent) => parent.children) : [outside.get(id)];
      return put(
        slot,
        lists.filter((list) => list !== undefined),
      );
    },
    addBelowGroup: (matches, slot) =>
      put(
        slot,
        childLists((other) => matches(other.foldedGroupText), slot),
      ),
    addBelowLevel: (sortLevel, slot) =>
      put(
        slot,
        childLists((other) => other.rule.sortLevel >= sortLevel, slot),
      ),
    addBelowCategory: (slot) => {
      const template = roots.places.find((place) => place.slot.category === slot.category);
      return template === undefined ? 0 : put(slot, [template.children]);
    },
    replace: (slot, rule) => {
      if (slot.rule.sortLevel !== rule.sortLevel) isSorted = false;
      slot.rule = rule;
      slot.foldedGroupText = foldCase(rule.groupText);
    },
    addOutside: (id) => {
      outside.set(id, { owner: undefined, places: [] });
    },
    freeze: () => freezeTree(roots, outside, slots),
  };
}

/** Behind all siblings of the same or a higher level. */
function insert(list: TreeList, slot: RuleSlot, isSorted: boolean): void {
  const { places } = list;
  const index = isSorted
    ? firstBelow(places, slot.rule.sortLevel)
    : places.findIndex((place) => slot.rule.sortLevel > place.slot.rule.sortLevel);
  const place: TreePlace = { slot, list, children: { owner: undefined, places: [] } };
  place.children.owner = place;
  places.splice(index < 0 ? places.length : index, 0, place);
  slot.places.push(place);
}

function firstBelow(places: readonly TreePlace[], level: number): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle]?.slot.rule.sortLevel ?? 0) < level) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Which of a rule's places Wazuh finds: within a list of siblings it stops at the first place of that rule, and does not look
 * into the siblings behind it; it does look into those before it.
 */
function reachable(candidates: readonly TreePlace[]): readonly TreePlace[] {
  const wanted = new Set(candidates);
  const firstIn = new Map<TreeList, number>();
  for (const { list } of candidates)
    if (!firstIn.has(list))
      firstIn.set(
        list,
        list.places.findIndex((place) => wanted.has(place)),
      );
  return candidates.filter((candidate) => {
    if (candidate.list.places[firstIn.get(candidate.list) ?? 0] !== candidate) return false;
    for (let place = candidate.list.owner; place !== undefined; place = place.list.owner) {
      const first = firstIn.get(place.list);
      if (first !== undefined && first <= place.list.places.indexOf(place)) return false;
    }
    return true;
  });
}

function freezeTree(
  roots: TreeList,
  outside: ReadonlyMap<number, TreeList>,
  slots: readonly RuleSlot[],
): { readonly roots: readonly RuleNode[]; readonly outside: ReadonlyMap<number, readonly RuleNode[]> } {
  const nodes = new Map<TreePlace, { readonly rule: Rule; readonly children: RuleNode[] }>();
  for (const slot of slots) for (const place of slot.places) nodes.set(place, { rule: slot.rule, children: [] });
  const nodesOf = (list: TreeList): RuleNode[] => list.places.map((place) => nodes.get(place)).filter((node) => node !== undefined);
  for (const [place, node] of nodes) node.children.push(...nodesOf(place.children));
  return { roots: nodesOf(roots), outside: new Map([...outside].map(([id, list]) => [id, nodesOf(list)])) };
}
