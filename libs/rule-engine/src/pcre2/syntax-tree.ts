import type { CodeSet } from './code-set.ts';

/** A parsed PCRE2 pattern. Greed is kept although a yes-or-no answer seldom depends on it: inside atomic groups and before backreferences it does. */
export type Node =
  | { readonly kind: 'empty' }
  | { readonly kind: 'fail' }
  /** One code of the set. */
  | { readonly kind: 'set'; readonly set: CodeSet }
  | { readonly kind: 'sequence'; readonly items: readonly Node[] }
  | { readonly kind: 'alternatives'; readonly branches: readonly Node[] }
  | { readonly kind: 'repeat'; readonly body: Node; readonly min: number; readonly max: number; readonly greedy: boolean }
  | { readonly kind: 'capture'; readonly group: number; readonly body: Node }
  | { readonly kind: 'atomic'; readonly body: Node }
  | {
      readonly kind: 'look';
      readonly behind: boolean;
      readonly negative: boolean;
      readonly branches: readonly Node[];
      readonly offset: number;
    }
  /** What one of the groups captured; several only when groups share a name. */
  | { readonly kind: 'backreference'; readonly groups: readonly number[]; readonly caseless: boolean }
  | { readonly kind: 'assertion'; readonly assertion: Assertion };

export type Assertion =
  | 'subject-start'
  /** After a newline, or at the start. */
  | 'line-start'
  | 'subject-end'
  /** At the end, or before a newline that is the end. */
  | 'last-line-end'
  /** Before a newline, or at the end. */
  | 'line-end'
  | 'word-boundary'
  | 'no-word-boundary';

/** What the parser reads at once; may a quantifier follow it? */
export interface Item {
  readonly node: Node;
  readonly repeatable: boolean;
}

export const EMPTY: Node = { kind: 'empty' };

export function sequenceOf(items: readonly Node[]): Node {
  const kept = items.filter((item) => item.kind !== 'empty');
  return kept.length === 1 ? (kept[0] ?? EMPTY) : kept.length === 0 ? EMPTY : { kind: 'sequence', items: kept };
}

export function alternativesOf(branches: readonly Node[]): Node {
  return branches.length === 1 ? (branches[0] ?? EMPTY) : { kind: 'alternatives', branches };
}

/** The nodes directly below. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'sequence':
      return node.items;
    case 'alternatives':
    case 'look':
      return node.branches;
    case 'repeat':
    case 'capture':
    case 'atomic':
      return [node.body];
    default:
      return [];
  }
}

export function someNode(node: Node, test: (node: Node) => boolean): boolean {
  return test(node) || childrenOf(node).some((child) => someNode(child, test));
}
