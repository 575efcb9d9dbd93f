import type { Level, Stage } from '@k8s-audit/audit-events';
import type { ComplianceTag } from './compliance.ts';
import type { WireFields } from './condition/evaluate.ts';
import type { Condition } from './condition/field-test.ts';
import type { Severity } from './severity.ts';

/** One thing worth an alert, with the events that prove it. A folder holds exactly one; everything else is made of it. */
export interface Detection {
  /** The folder's name, and the word in `k8s.detections` and `k8s.excepted`. It is never changed once shipped. */
  readonly slug: string;
  readonly title: string;
  /** For the analyst who gets the alert: what it may mean. */
  readonly why: string;
  readonly severity: Severity;
  /** Where the rule stands in the pack: id = base + offset. Never used again for something else. Blocks: 1xx sessions, 2xx workloads, 4xx identity. */
  readonly ruleOffset: number;
  /** Under circumstances that make it worse, a rule of its own with a higher level, below the detection's. At most one may hold for an event. */
  readonly escalations?: readonly Escalation[];
  /** ATT&CK ids that the database of Wazuh 4 knows (version 18 and before: no T1685). */
  readonly attack: readonly string[];
  readonly compliance: readonly ComplianceTag[];
  /** Further groups, each a word: `k8s_workload`. */
  readonly groups: readonly string[];
  readonly condition: Condition;
  /** The alert's description; `$(k8s.field)` and `$(srcip)` are filled in by Wazuh, with nothing for a field that is not there. */
  readonly description: string;
  /** What the audit policy must record for this to be seen. */
  readonly needs: Needs;
  readonly examples: readonly Example[];
}

export interface Escalation {
  readonly ruleOffset: number;
  /** Beside the detection's own condition. */
  readonly when: Condition;
  readonly severity: Severity;
  readonly why: string;
}

export interface Needs {
  /** At least. */
  readonly level: Exclude<Level, 'None'>;
  /** As a policy writes them, with the API group; `*` for every request. */
  readonly resources: readonly { readonly group: string; readonly resources: readonly string[] }[] | '*';
  readonly verbs: readonly string[] | '*';
  readonly stages: readonly Stage[];
  /** Whose requests, as `coverageOf` of audit-policy takes them; everybody who authenticated, and the anonymous user, without it. */
  readonly users?: 'unauthenticated' | { readonly names: readonly string[] } | { readonly except: readonly string[] };
}

export interface Example {
  readonly title: string;
  /** The offset of the rule that alerts, or none of this detection's. */
  readonly alerts: number | 'none';
  /** Differences from an ordinary event: a human's allowed request, complete. */
  readonly k8s: WireFields;
}
