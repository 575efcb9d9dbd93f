import type { JsonObject } from '@k8s-audit/audit-events';

/** Bodies hold what clients sent: each step is asked for its type, and what is of another type is not there. */

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function asTexts(value: unknown): readonly string[] {
  return asList(value).filter((entry) => typeof entry === 'string');
}

export function asObjects(value: unknown): readonly JsonObject[] {
  return asList(value).filter((entry): entry is JsonObject => asObject(entry) !== undefined);
}

/** Own members only: a body may be asked for `constructor`. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let here: unknown = value;
  for (const step of path) {
    const object = asObject(here);
    if (object === undefined || !Object.hasOwn(object, step)) return undefined;
    here = object[step];
  }
  return here;
}
