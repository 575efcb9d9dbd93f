import type { AuditCounters, TracedAnswer } from '@k8s-audit/cluster';
import type { DaemonStatistics } from '@k8s-audit/wazuh-queue';
import type { LogtestVerdict } from '@k8s-audit/wazuh-server';

/** Everything that is known of one request's events. All times are this machine's, in milliseconds since 1970. */
export interface Evidence {
  readonly answer: TracedAnswer;
  /** Of the API server that was asked, before the request and at the end. */
  readonly counters?: { readonly before: AuditCounters; readonly after: AuditCounters };
  readonly receiver: ReceiverEvidence;
  readonly wazuh: WazuhEvidence;
}

export type ReceiverEvidence =
  | {
      readonly kind: 'seen';
      readonly traced: readonly TracedEvent[];
      /** Who was turned away since the request, by status (0: before HTTP) and code. */
      readonly refused: readonly Refused[];
      /** Events on its disk that Wazuh has not taken. */
      readonly waiting: number;
      /** Why it does not deliver any more. */
      readonly stopped?: string;
      /** A client of ours that came the way of an API server. */
      readonly dial?: Dial;
    }
  | { readonly kind: 'away'; readonly reason: string; readonly dial?: Dial }
  | { readonly kind: 'unseen'; readonly reason: string };

export type Dial = { readonly kind: 'let-in'; readonly latencyMs: number } | { readonly kind: 'refused'; readonly reason: string };

export interface Refused {
  readonly status: number;
  readonly code: string;
  readonly count: number;
}

/** What the receiver's `/trace/AUDIT-ID` tells of one stage of a request. */
export interface TracedEvent {
  readonly stage: string;
  readonly cluster: string;
  readonly apiServer: string;
  readonly source: string;
  readonly arrivedAtMs: number;
  readonly storedAtMs?: number;
  readonly shapedAtMs?: number;
  readonly message?: string;
  readonly endedAtMs?: number;
  readonly outcome?: 'delivered' | 'duplicate' | 'quarantined';
  readonly reason?: string;
}

export type WazuhEvidence =
  | {
      readonly kind: 'seen';
      readonly statistics:
        | { readonly kind: 'counted'; readonly before: DaemonStatistics; readonly after: DaemonStatistics }
        | { readonly kind: 'unavailable'; readonly reason: string };
      readonly archive: 'on' | 'off' | 'unknown';
      readonly alert?: WrittenEntry;
      readonly archived?: WrittenEntry;
      /** What the rules make of the event, asked of logtest where no alert came. */
      readonly logtest?: LogtestVerdict;
    }
  | { readonly kind: 'unseen'; readonly reason: string };

/** A line of alerts.json or archives.json. */
export interface WrittenEntry {
  /** When the daemon made it. */
  readonly timestampMs: number;
  /** When it could be read: as exact as the file was looked into. */
  readonly seenAtMs: number;
  readonly rule?: { readonly id: string; readonly level: number; readonly description: string };
  readonly detections: readonly string[];
}
