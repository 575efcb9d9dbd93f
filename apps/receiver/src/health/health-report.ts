import type { HealthKind, HealthState } from '@k8s-audit/event-pipeline';

/** What the metrics and `/books` tell of health. */
export interface HealthReport {
  /** How many problems of each kind last. */
  readonly problems: ReadonlyMap<HealthKind, number>;
  /** Health events that the transport took. */
  readonly sent: readonly { readonly kind: HealthKind; readonly state: HealthState; readonly count: number }[];
}
