import { encodeBytes } from '@k8s-audit/wazuh-xml';
import type { LoadOptions } from './load-options.ts';
import type { OutsideParent, RuleNode } from './loaded-ruleset.ts';
import type { ProblemText } from './problem.ts';
import type { RuleTree } from './rule-tree.ts';
import { TRAPS } from './traps.ts';

/** Parents that are loaded before the files at hand, but whose text was not given (`LoadOptions.outsideRules`). */
export interface OutsideParents {
  /** Takes this id for a rule outside, if the options allow. `tell` hears of what was only assumed, once. */
  readonly openSid: (id: number, tell: (text: ProblemText) => void) => boolean;
  /** The number by which the tree knows the rules of a group outside; undefined where there are none. */
  readonly openGroup: (group: string, tell: (text: ProblemText) => void) => number | undefined;
  readonly list: (children: ReadonlyMap<number, readonly RuleNode[]>) => readonly OutsideParent[];
}

// Ids of the documented range for own rules begin here; stock rules are below.
const FIRST_OWN_ID = 100_000;

export function createOutsideParents({ outsideRules }: LoadOptions, tree: RuleTree): OutsideParents {
  /** A rule by its id; a group by a negative number. */
  const parents = new Map<number, OutsideParent['parent']>();
  const groups = new Map<string, number>();
  const open = (key: number, parent: OutsideParent['parent'], what: string, tell: (text: ProblemText) => void): void => {
    if (parents.has(key)) return;
    parents.set(key, parent);
    tree.addOutside(key);
    if (outsideRules === 'stock') tell(TRAPS.parentUnverified(what));
  };
  return {
    openSid: (id, tell) => {
      const isOutside = outsideRules === 'stock' ? id > 0 && id < FIRST_OWN_ID : outsideRules?.has(id) === true;
      if (isOutside) open(id, { kind: 'sid', id }, `Rule ${id}`, tell);
      return isOutside;
    },
    openGroup: (group, tell) => {
      if (outsideRules !== 'stock') return undefined;
      const key = groups.get(group) ?? -1 - groups.size;
      groups.set(group, key);
      open(key, { kind: 'group', text: group }, `Group '${encodeBytes(group)}'`, tell);
      return key;
    },
    list: (children) => [...parents].map(([key, parent]) => ({ parent, children: children.get(key) ?? [] })),
  };
}
