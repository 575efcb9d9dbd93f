/** Which part of the receiver met a fault: the queue on disk, the way to Wazuh, or the work on one event. */
export type FaultyPart = 'spool' | 'wazuh' | 'event';

/** Faults and their ends, counted by part and kind since the process started. */
export class FaultCounts {
  readonly #counts = new Map<string, { readonly part: FaultyPart; readonly kind: string; count: number }>();

  count(part: FaultyPart, kind: string): void {
    const key = `${part} ${kind}`;
    const known = this.#counts.get(key) ?? { part, kind, count: 0 };
    known.count++;
    this.#counts.set(key, known);
  }

  snapshot(): readonly { readonly part: FaultyPart; readonly kind: string; readonly count: number }[] {
    return [...this.#counts.values()].map((each) => ({ ...each }));
  }
}
