/**
 * An audit policy by Kubernetes' own names, and what deciding with it takes and gives.
 *
 * Shape: kubernetes/apiserver v0.36.3 pkg/apis/audit/v1/types.go (Policy, PolicyRule, GroupResources)
 * and pkg/audit/policy (the attributes a decision reads, the decision).
 */
import type { Level, Stage } from '@k8s-audit/audit-events';

/** What kube-apiserver holds in memory once a policy has been read and found valid. */
export interface Policy {
  /** Object metadata; kube-apiserver takes any and uses none of it. */
  readonly metadata?: JsonObject;
  /** First match wins. A policy without a rule is refused by the reader. */
  readonly rules: readonly PolicyRule[];
  /** Stages that no rule emits; a rule's own list is added to it. */
  readonly omitStages?: readonly Stage[];
  /** Leave `metadata.managedFields` out of recorded bodies, unless the rule says otherwise. Default false. */
  readonly omitManagedFields?: boolean;
}

/** Every condition that is given must hold; an absent or empty one always holds. No wildcards except where said. */
export interface PolicyRule {
  readonly level: Level;
  /** User names, exact. The user who authenticated, never the impersonated one. */
  readonly users?: readonly string[];
  /** The user must be in at least one. */
  readonly userGroups?: readonly string[];
  /** Kubernetes verbs for resources, lower-case HTTP methods for other paths. */
  readonly verbs?: readonly string[];
  /** Any of these must match. Resource requests only. */
  readonly resources?: readonly GroupResources[];
  /** `""` is cluster-scoped requests and lists over all namespaces. Resource requests only. */
  readonly namespaces?: readonly string[];
  /** Paths that are no resource; a trailing `*` is a prefix, `*` alone is every path. */
  readonly nonResourceURLs?: readonly string[];
  readonly omitStages?: readonly Stage[];
  /** Overrides the policy's when present. */
  readonly omitManagedFields?: boolean;
}

export interface GroupResources {
  /** `""` or absent is the core group; `"*"` is every group from Kubernetes 1.36 on. */
  readonly group?: string;
  /** `pods`, `pods/log`, `pods/*` (pods and its subresources), `*` (everything), `* /scale` without the space (that subresource of anything). Empty: the whole group. */
  readonly resources?: readonly string[];
  /** Names as the URL says them: a create has none. */
  readonly resourceNames?: readonly string[];
}

/** A request as the policy sees it: apiserver's authorizer.Attributes, the fields that a rule can ask for. */
export interface RequestAttributes {
  /** Null: not authenticated. */
  readonly user: { readonly username: string; readonly groups: readonly string[] } | null;
  readonly verb: string;
  readonly resourceRequest: boolean;
  /** Path of the URL without the query string. */
  readonly path: string;
  readonly namespace: string;
  readonly apiGroup: string;
  readonly apiVersion: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
}

/** What is recorded of one request. */
export interface Decision {
  readonly level: Level;
  /** Stages of which no event is made: the union of the policy's and the rule's, in the order of STAGES; the policy's own list without a rule. */
  readonly omitStages: readonly Stage[];
  readonly omitManagedFields: boolean;
  /** Index of the rule that decided; undefined: no rule matched, which records nothing. */
  readonly matchedRule: number | undefined;
}

export type JsonObject = { readonly [key: string]: unknown };
