import type { ByteString } from '../byte-string.ts';
import type { EngineEvent } from '../event/engine-event.ts';

/** An earlier event that composite rules may count. */
export interface RememberedEvent {
  readonly event: EngineEvent;
  readonly second: number;
  /** The level of the composite rule that counted it as the first of a series; 0: none did. */
  matchedLevel: number;
}

/**
 * The earlier events that composite rules count, in lists as wazuh-analysisd keeps them: one for each rule that an
 * `if_matched_sid` names, one for each rule with `if_matched_group`, and one of all for `if_matched_regex`.
 * Source: analysisd.c, w_process_event_thread; eventinfo_list.c.
 */
export interface EventMemory {
  /** Remembers an event that ended at this rule. */
  add(entry: RememberedEvent, ruleId: number): void;
  /** Newest first. */
  readonly newest: (search: MemorySearch) => Iterable<RememberedEvent>;
  readonly size: number;
  /** Events given up before Wazuh would have, because they were too large together. */
  readonly forgottenEarly: number;
}

export type MemorySearch =
  | { readonly kind: 'sid'; readonly sourceId: number }
  | { readonly kind: 'group'; readonly ruleId: number }
  | { readonly kind: 'events' };

export interface MemoryLayout {
  /** Rules that an `if_matched_sid` names. */
  readonly sidSources: ReadonlySet<number>;
  /** For a rule the composite rules with `if_matched_group` that count it, as often as they do. */
  readonly groupListeners: ReadonlyMap<number, readonly number[]>;
  readonly keepsAll: boolean;
  /** The longest timeframe of any rule. */
  readonly longestSeconds: number;
}

/** `<memory_size>` of ossec.conf, default 8192: src/analysisd/config.c. */
const MAX_EVENTS = 8_192;

export function createEventMemory(layout: MemoryLayout, maxBytes: number): EventMemory {
  const all: { readonly entry: RememberedEvent; readonly lists: readonly EventList[] }[] = [];
  const bySid = new Map<number, EventList>();
  const byGroup = new Map<number, EventList>();
  let oldest = 0;
  let bytes = 0;
  let forgottenEarly = 0;

  const listOf = (lists: Map<number, EventList>, key: number): EventList => {
    const list = lists.get(key) ?? new EventList();
    lists.set(key, list);
    return list;
  };
  const dropOldest = (): void => {
    const gone = all[oldest];
    if (gone === undefined) return;
    for (const list of gone.lists) list.dropOldest();
    bytes -= gone.entry.event.fullLog.length;
    oldest++;
    if (oldest > 1_024 && oldest * 2 > all.length) {
      all.splice(0, oldest);
      oldest = 0;
    }
  };

  return {
    add(entry, ruleId) {
      // A rule that feeds both kinds of list feeds only the first.
      const listeners = layout.sidSources.has(ruleId) ? undefined : layout.groupListeners.get(ruleId);
      const lists = layout.sidSources.has(ruleId) ? [listOf(bySid, ruleId)] : (listeners ?? []).map((id) => listOf(byGroup, id));
      if (lists.length === 0 && !layout.keepsAll) return;
      for (const list of lists) list.add(entry);
      all.push({ entry, lists });
      bytes += entry.event.fullLog.length;
      if (all.length - oldest > MAX_EVENTS) {
        for (let count = 0; count < 10 || isBeyond(all[oldest]?.entry, entry, layout.longestSeconds); count++) dropOldest();
      }
      while (bytes > maxBytes && all.length - oldest > 1) {
        if (!isBeyond(all[oldest]?.entry, entry, layout.longestSeconds)) forgottenEarly++;
        dropOldest();
      }
    },
    newest(search) {
      if (search.kind === 'sid') return bySid.get(search.sourceId)?.newest() ?? [];
      if (search.kind === 'group') return byGroup.get(search.ruleId)?.newest() ?? [];
      return newestOf(all, oldest);
    },
    get size() {
      return all.length - oldest;
    },
    get forgottenEarly() {
      return forgottenEarly;
    },
  };
}

function isBeyond(entry: RememberedEvent | undefined, now: RememberedEvent, seconds: number): boolean {
  return entry !== undefined && now.second - entry.second > seconds;
}

function* newestOf(all: readonly { readonly entry: RememberedEvent }[], oldest: number): Iterable<RememberedEvent> {
  for (let i = all.length - 1; i >= oldest; i--) {
    const item = all[i];
    if (item !== undefined) yield item.entry;
  }
}

class EventList {
  private readonly entries: RememberedEvent[] = [];
  private first = 0;

  add(entry: RememberedEvent): void {
    this.entries.push(entry);
  }

  dropOldest(): void {
    this.first++;
    if (this.first > 256 && this.first * 2 > this.entries.length) {
      this.entries.splice(0, this.first);
      this.first = 0;
    }
  }

  *newest(): Iterable<RememberedEvent> {
    for (let i = this.entries.length - 1; i >= this.first; i--) {
      const entry = this.entries[i];
      if (entry !== undefined) yield entry;
    }
  }
}

/** Messages of the counted events, newest first: the alert's `previous_output`. */
export type LastEvents = readonly ByteString[];
