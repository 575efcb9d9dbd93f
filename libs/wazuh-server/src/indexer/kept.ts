/** Something with a name that an indexer or a dashboard keeps for us, as JSON. Each call throws INDEXER_FAILED with the server's words. */
export interface Kept {
  /** undefined: there is none of this name. What the server adds by itself (versions, times) is left out. */
  read(): Promise<JsonObject | undefined>;
  /** In the place of what is there. */
  write(body: JsonObject): Promise<void>;
  /** Also when it is gone already. */
  remove(): Promise<void>;
}

export type JsonObject = { readonly [key: string]: unknown };

/** Whether all of `wanted` is in `found`: a server fills in defaults of its own. Lists are equal item by item. */
export function holds(found: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted))
    return Array.isArray(found) && found.length === wanted.length && wanted.every((item, index) => holds(found[index], item));
  if (typeof wanted === 'object' && wanted !== null)
    return (
      typeof found === 'object' &&
      found !== null &&
      Object.entries(wanted).every(([key, value]) => holds((found as JsonObject)[key], value))
    );
  // OpenSearch answers numbers and truth values of settings as text.
  return found === wanted || String(found) === String(wanted);
}
