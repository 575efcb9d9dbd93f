import { type AuditEvent, parseAuditEvent } from '@k8s-audit/audit-events';
import { detect } from '@k8s-audit/detections';
import {
  DEFAULT_REDACTION,
  dedupeKey,
  NO_TRUSTED_PROXIES,
  redactItem,
  redactionPolicy,
  shapeGuideEvent,
  shapeWireEvent,
  trustedProxies,
} from '@k8s-audit/event-pipeline';
import { clusterLocation, frame, jsonBudget, PLAIN_LOCATION } from '@k8s-audit/wazuh-message';
import type { Origin, SpooledItem } from './spool-record.ts';

/** What shaping depends on; plain data, because it crosses to the thread for large events. */
export interface ShapingSettings {
  readonly redactionResources: readonly string[];
  readonly wire: 'v1' | 'guide';
  /** Whether Wazuh shows the cluster as the agent's name. */
  readonly isNamed: boolean;
  readonly trustedProxies: readonly string[];
  readonly lateAfterMs: number;
  readonly maxDatagramBytes: number;
}

export interface Shaped {
  readonly datagram: Uint8Array;
  readonly late: boolean;
}

/** `refused`: it is no event. */
export type ReadEvent =
  | { readonly kind: 'refused'; readonly reason: string }
  | ({ readonly kind: 'event'; readonly key: Uint8Array } & Shaped);

export interface EventShaping {
  readonly redact: (item: Buffer) => Buffer;
  readonly keyOf: (event: AuditEvent, origin: Origin) => Uint8Array;
  readonly shape: (event: AuditEvent, item: Pick<SpooledItem, 'origin' | 'item'>, nowMs: number) => Shaped;
  /** All of it at once. */
  readonly read: (item: Pick<SpooledItem, 'origin' | 'item'>, nowMs: number) => ReadEvent;
}

/** What is done to one event between API server and Wazuh, wherever it is done. */
export function createShaping(settings: ShapingSettings): EventShaping {
  const policy = redactionPolicy(settings.redactionResources) ?? DEFAULT_REDACTION;
  const proxies = trustedProxies(settings.trustedProxies) ?? NO_TRUSTED_PROXIES;
  const { lateAfterMs, maxDatagramBytes } = settings;
  const keyOf = (event: AuditEvent, { cluster }: Origin): Uint8Array => dedupeKey(cluster, event);
  const shape: EventShaping['shape'] = (event, { origin, item }, nowMs) => {
    const location = settings.isNamed ? clusterLocation(origin.cluster) : PLAIN_LOCATION;
    const budgetBytes = jsonBudget(location, maxDatagramBytes);
    if (settings.wire === 'guide') return { datagram: frame(location, shapeGuideEvent(item, { budgetBytes }).json), late: false };
    const { cluster, apiServer } = origin;
    const { json, late } = shapeWireEvent(event, { cluster, apiServer, nowMs, lateAfterMs, trustedProxies: proxies, budgetBytes, detect });
    return { datagram: frame(location, json), late };
  };
  return {
    redact: (item) => redactItem(item, policy).bytes,
    keyOf,
    shape,
    read(item, nowMs) {
      const parsed = parseAuditEvent(item.item);
      if (parsed.kind === 'refused') return { kind: 'refused', reason: parsed.reason };
      return { kind: 'event', key: keyOf(parsed.event, item.origin), ...shape(parsed.event, item, nowMs) };
    },
  };
}
