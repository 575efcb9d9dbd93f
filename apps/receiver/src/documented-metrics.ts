import type { Registry } from 'prom-client';
import { createMetrics } from './metrics.ts';

/** The metrics of a receiver that has nothing to measure: their names, types and meanings, for the documentation and what is built on it. */
export function documentedMetrics(): Registry {
  return createMetrics({
    books: () => ({ origins: [], total: { received: 0, delivered: 0, duplicate: 0, filtered: 0, quarantined: 0, resent: 0, spooled: 0 } }),
    refusals: { snapshot: () => [] },
    faults: { snapshot: () => [] },
    inFlight: { heldBytes: 0 },
    spool: () => ({
      undeliveredRecords: 0,
      undeliveredBytes: 0,
      diskBytes: 0,
      maxBytes: 0,
      level: 'ok',
      segments: 0,
      lostRecords: 0,
      quarantine: { files: 0, bytes: 0 },
      dedupeKeys: 0,
      dedupeEvictedEarly: 0,
      cursorLagRecords: 0,
    }),
    memoryCapBytes: 0,
    connections: { identifiedCount: 0, unidentifiedCount: 0 },
    live: { trust: { ends: [] }, failure: undefined, counts: { reloaded: 0, failed: 0 } },
    transport: () => ({ name: 'manager', state: undefined, pacing: undefined }),
    sources: () => [],
    delivery: { lateEvents: 0 },
    health: () => ({ problems: new Map(), sent: [] }),
  }).registry;
}
