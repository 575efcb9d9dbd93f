/** How much of each part of an event is kept, in bytes of UTF-8 before JSON's escapes. */
export interface WireLimits {
  /** Both bodies together. */
  readonly bodies: number;
  readonly annotations: number;
  readonly extra: number;
  /** One text: URI, user agent, message, names. */
  readonly text: number;
  /** One list: groups, source addresses. */
  readonly list: number;
  readonly fact: number;
}

/** Above 32,766 bytes one value loses the whole document in the index (Lucene's longest term). */
const FULL: WireLimits = { bodies: 30_000, annotations: 8_000, extra: 8_000, text: 8_000, list: 8_000, fact: 1_024 };

/**
 * Tried one after the other until the event fits its datagram. Ordered by what an investigation can do without: a body is
 * found again by its audit ID, who did what is not. Each step keeps the limits of the one before it.
 */
export const LIMIT_STEPS: readonly WireLimits[] = steps([
  {},
  { bodies: 24_000 },
  { bodies: 18_000 },
  { bodies: 12_000 },
  { bodies: 6_000 },
  { bodies: 2_000 },
  { bodies: 0 },
  { annotations: 2_000, extra: 2_000 },
  { annotations: 500, extra: 500 },
  { text: 4_000, list: 4_000 },
  { text: 2_000, list: 2_000 },
  { text: 1_000, list: 1_000 },
  { fact: 512 },
  { text: 400, list: 400, fact: 256 },
  { text: 128, list: 128, fact: 64, annotations: 0, extra: 0 },
  { text: 64, list: 64, fact: 16 },
]);

function steps(changes: readonly Partial<WireLimits>[]): readonly WireLimits[] {
  let limits = FULL;
  return changes.map((change) => {
    limits = { ...limits, ...change };
    return limits;
  });
}
