import { type ChildIndex, createChildIndex } from './child-index.ts';
import type { CompiledNode } from './compiled-rule.ts';
import type { EventEvaluation } from './event-evaluation.ts';

/** An index for the children of every place in the tree. */
export interface RuleIndex {
  readonly candidates: (node: CompiledNode, evaluation: EventEvaluation) => readonly CompiledNode[];
}

export function createRuleIndex(roots: readonly CompiledNode[]): RuleIndex {
  const indexes = new Map<CompiledNode, ChildIndex>();
  const visit = (node: CompiledNode): void => {
    if (node.children.length === 0) return;
    indexes.set(node, createChildIndex(node.children));
    node.children.forEach(visit);
  };
  roots.forEach(visit);
  return { candidates: (node, evaluation) => indexes.get(node)?.candidates(evaluation) ?? node.children };
}
