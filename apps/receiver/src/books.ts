import type { Origin } from './spool-record.ts';

/** What became of the events of one origin. Counts of events, since the process started. */
export interface OriginBooks {
  readonly cluster: string;
  readonly apiServer: string;
  /** On disk or quarantined on arrival. Events left over from before the start count when they are first read. */
  received: number;
  /** Taken by the transport, each once. */
  delivered: number;
  /** The same stage of the same request, seen before: not sent again. */
  duplicate: number;
  /** Left out on purpose. Always 0 as long as no filter is configured. */
  filtered: number;
  /** Not an event, or one that could not be read: kept by hash in the quarantine. */
  quarantined: number;
  /** Sent once more because the old reader may have died with them; not part of the balance. */
  resent: number;
  /** When its last batch was stored, milliseconds since 1970; 0 when none has come since the start. */
  lastReceivedAtMs: number;
  /** How long before that the API server had made the newest event in it. */
  lagMs?: number;
}

export interface BooksSnapshot {
  readonly origins: readonly OriginBooks[];
  readonly total: Omit<OriginBooks, 'cluster' | 'apiServer' | 'lastReceivedAtMs' | 'lagMs'> & {
    /** On disk, not yet taken by the transport: what the balance leaves. */
    readonly spooled: number;
  };
}

/** The conservation law, per origin: received = delivered + duplicate + filtered + quarantined + spooled. */
export class Books {
  readonly #origins = new Map<string, OriginBooks>();

  of(origin: Pick<Origin, 'cluster' | 'apiServer'>): OriginBooks {
    const key = `${origin.cluster}/${origin.apiServer}`;
    let books = this.#origins.get(key);
    if (books === undefined) {
      books = {
        cluster: origin.cluster,
        apiServer: origin.apiServer,
        received: 0,
        delivered: 0,
        duplicate: 0,
        filtered: 0,
        quarantined: 0,
        resent: 0,
        lastReceivedAtMs: 0,
      };
      this.#origins.set(key, books);
    }
    return books;
  }

  snapshot(): BooksSnapshot {
    const origins = [...this.#origins.values()].map((each) => ({ ...each }));
    const sum = (name: 'received' | 'delivered' | 'duplicate' | 'filtered' | 'quarantined' | 'resent'): number =>
      origins.reduce((total, each) => total + each[name], 0);
    const total = {
      received: sum('received'),
      delivered: sum('delivered'),
      duplicate: sum('duplicate'),
      filtered: sum('filtered'),
      quarantined: sum('quarantined'),
      resent: sum('resent'),
    };
    return {
      origins,
      total: { ...total, spooled: total.received - total.delivered - total.duplicate - total.filtered - total.quarantined },
    };
  }
}
