import type { CompiledNode, CompiledRule } from './compiled-rule.ts';
import type { EventEvaluation } from './event-evaluation.ts';
import type { EventMemory, LastEvents, RememberedEvent } from './event-memory.ts';

/** Where the search through the tree of rules ended for one event. */
export type SearchResult =
  | {
      readonly kind: 'matched';
      readonly compiled: CompiledRule;
      /** The rule directly above; the `ignore` attribute alerts for it instead. */
      readonly parent: CompiledRule | undefined;
      readonly lastEvents: LastEvents;
    }
  | { readonly kind: 'none' }
  /** The budget ended, or the engine cannot tell, while this rule was tried. */
  | { readonly kind: 'undecided'; readonly compiled: CompiledRule };

export interface Search {
  readonly evaluation: EventEvaluation;
  readonly memory: EventMemory;
  readonly now: RememberedEvent;
  /** Which children of a node are worth trying, in order; all of them in the plain search. */
  readonly candidates: (node: CompiledNode, evaluation: EventEvaluation) => Iterable<CompiledNode>;
}

const NO_EVENTS: LastEvents = [];

/**
 * One rule and what hangs below it: depth first, the first child that matches wins. Source: wazuh v4.14.7 src/analysisd/rules.c,
 * OS_CheckIfRuleMatch.
 */
export function searchNode(node: CompiledNode, search: Search, inherited: LastEvents = NO_EVENTS): SearchResult {
  const { compiled } = node;
  for (const check of compiled.checks) {
    const outcome = check.outcomeOf(search.evaluation);
    if (outcome === 'miss') return NONE;
    if (outcome === 'undecided') return { kind: 'undecided', compiled };
  }
  if (compiled.isUndecidable) return { kind: 'undecided', compiled };
  // A child shows the events that a composite rule above it has counted.
  let lastEvents = inherited;
  if (compiled.correlation !== undefined) {
    const correlated = compiled.correlation.outcomeOf(search.now, search.memory, search.evaluation.budget);
    if (correlated.outcome === 'miss') return NONE;
    if (correlated.outcome === 'undecided') return { kind: 'undecided', compiled };
    lastEvents = correlated.lastEvents;
  }
  if (node.children.length > 0) {
    for (const child of search.candidates(node, search.evaluation)) {
      const result = searchNode(child, search, lastEvents);
      if (result.kind === 'matched') return result.parent === undefined ? { ...result, parent: compiled } : result;
      if (result.kind === 'undecided') return result;
    }
  }
  if (compiled.rule.noalert === true) return NONE;
  return { kind: 'matched', compiled, parent: undefined, lastEvents };
}

const NONE: SearchResult = { kind: 'none' };

/** Tries the children in turn, as wazuh-analysisd does. */
export function allChildren(node: CompiledNode): Iterable<CompiledNode> {
  return node.children;
}
