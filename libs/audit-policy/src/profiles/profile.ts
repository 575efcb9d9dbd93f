import type { PolicyComments } from '../comments.ts';
import type { KubernetesVersion } from '../kubernetes-version.ts';
import type { Policy, PolicyRule } from '../model.ts';

/** A ready-made audit policy, before anything is added to it or left out of it. */
export interface Profile {
  readonly name: string;
  readonly summary: string;
  /** Without a version: what every supported one loads. */
  readonly make: (version: KubernetesVersion | undefined) => ReasonedPolicy;
}

/** A policy of which each rule says why it is there. */
export interface ReasonedPolicy {
  /** Stands above the policy. */
  readonly header: string;
  readonly policy: Omit<Policy, 'rules'>;
  readonly rules: readonly ReasonedRule[];
}

export interface ReasonedRule {
  readonly why: string;
  readonly rule: PolicyRule;
}

/** The same in the two parts that `renderPolicy` takes. */
export function withComments({ header, policy, rules }: ReasonedPolicy): { readonly policy: Policy; readonly comments: PolicyComments } {
  return { policy: { ...policy, rules: rules.map(({ rule }) => rule) }, comments: { header, rules: rules.map(({ why }) => why) } };
}
