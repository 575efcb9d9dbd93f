import type { GroupResources, JsonObject, Policy, PolicyRule } from './model.ts';

/** A policy as it was read, before anybody has looked whether its levels and stages exist. */
export interface DecodedPolicy extends Omit<Policy, 'rules' | 'omitStages'> {
  readonly metadata?: JsonObject;
  readonly rules: readonly DecodedRule[];
  readonly omitStages?: readonly string[];
}

export interface DecodedRule extends Omit<PolicyRule, 'level' | 'omitStages'> {
  readonly level: string;
  readonly resources?: readonly GroupResources[];
  readonly omitStages?: readonly string[];
}
