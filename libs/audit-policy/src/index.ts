/** The audit policy as an engine: read, validate, decide, render. Core: no I/O, no clock, no randomness. */
export { LEVELS, type Level, STAGES, type Stage } from '@k8s-audit/audit-events';
export type { PolicyComments } from './comments.ts';
export type { DecodedPolicy, DecodedRule } from './decoded-policy.ts';
export { createEvaluator, type Evaluator, evaluate } from './evaluation/evaluator.ts';
export { type FailedCondition, failedCondition } from './evaluation/rule-match.ts';
export type { Data, Entry, Place } from './go-json/data.ts';
export { compareVersions, type KubernetesVersion, LATEST, parseVersion } from './kubernetes-version.ts';
export type { Decision, GroupResources, JsonObject, Policy, PolicyRule, RequestAttributes } from './model.ts';
export { GUIDE_COMMENTS, GUIDE_POLICY } from './profiles/guide.ts';
export { PROFILES, type Profile } from './profiles/profiles.ts';
export { findPlace, type PolicySource } from './reader/policy-source.ts';
export { type PolicyReading, type ReadOptions, readPolicy, type StrictError } from './reader/read-policy.ts';
export { renderPolicy } from './render.ts';
export { attributesOf, type RequestInfo, type RequestInfoReading, readRequestInfo } from './request-info/request-info.ts';
export { attributesOfEvent } from './simulation/event-attributes.ts';
export { aggregateMessage, type FieldError } from './validation/field-error.ts';
export { validatePolicy } from './validation/validate-policy.ts';
