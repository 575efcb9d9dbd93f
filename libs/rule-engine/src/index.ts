/** Decodes and matches an event exactly as wazuh-analysisd 4.14 does, without Wazuh, without I/O, and without ever hanging. */
export type { Tactic, Technique, TechniqueLookup } from './document/mitre-object.ts';
export { techniqueOf } from './document/mitre-techniques.ts';
export { createEngine, DEFAULT_BUDGET_STEPS, type Engine, type EngineOptions, type EngineStatistics } from './engine.ts';
export type {
  ExplainedEvent,
  ExplainedResult,
  Explanation,
  FailureReason,
  HeldCondition,
  RuleTrial,
  TrialOutcome,
} from './explain/explanation.ts';
export { renderExplanation } from './explain/render-explanation.ts';
export { compileExpression, type ExpressionType, refusePattern } from './expression/compile-expression.ts';
export type { Budget, CompileResult, Expression, Outcome } from './expression/outcome.ts';
export type { DecidedVerdict, EventView, OtherQueueVerdict, RefusedVerdict, UndecidedVerdict, Verdict } from './verdict.ts';
