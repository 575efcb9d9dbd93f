/** The audit policy as an engine: model, profiles, rendering. Core: no I/O, no clock, no randomness. */
export type { PolicyComments } from './comments.ts';
export { LEVELS, type Level, STAGES, type Stage } from './levels.ts';
export type { Decision, GroupResources, JsonObject, Policy, PolicyRule, RequestAttributes } from './model.ts';
export { GUIDE_COMMENTS, GUIDE_POLICY } from './profiles/guide.ts';
export { renderPolicy } from './render.ts';
