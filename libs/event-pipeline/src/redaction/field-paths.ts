import type { SensitiveResource } from './redaction-policy.ts';

/** What is left of the paths of a sensitive resource, seen from a place in one of its objects. */
export interface FieldPaths {
  /** The place lies at or below the end of a path: every value here goes. */
  readonly whole: boolean;
  readonly rest: readonly (readonly string[])[];
}

export const NO_FIELDS: FieldPaths = { whole: false, rest: [] };
const WHOLE: FieldPaths = { whole: true, rest: [] };

/** Seen from the root of an object of that resource. */
export function fieldPaths(resource: SensitiveResource | undefined): FieldPaths {
  return resource === undefined ? NO_FIELDS : { whole: false, rest: resource.fields.map((path) => path.split('.')) };
}

export function joined(one: FieldPaths, other: FieldPaths): FieldPaths {
  if (one === NO_FIELDS) return other;
  return other === NO_FIELDS ? one : { whole: one.whole || other.whole, rest: [...one.rest, ...other.rest] };
}

/** One key further down. Lists are passed through without a step: `spec.tokens` covers each entry of the list. */
export function below(paths: FieldPaths, key: string, isRoot: boolean): FieldPaths {
  if (paths.whole || paths.rest.length === 0) return paths.whole ? WHOLE : NO_FIELDS;
  const rest: (readonly string[])[] = [];
  for (const path of paths.rest) {
    const [step, ...more] = path;
    if (step !== key && step !== '*') continue;
    if (more.length > 0) rest.push(more);
    else if (!(isRoot && step === '*' && IDENTITY.has(key))) return WHOLE;
  }
  return rest.length === 0 ? NO_FIELDS : { whole: false, rest };
}

/** At the place that a JSON Patch names (RFC 6901): `/data/password`. A number may be a list's index, which takes no step. */
export function atPointer(paths: FieldPaths, steps: readonly string[]): FieldPaths {
  let here = paths;
  for (const [index, step] of steps.entries()) {
    const next = below(here, step, index === 0);
    here = /^(?:\d+|-)$/.test(step) ? joined(next, here) : next;
  }
  return here;
}

export function pointerSteps(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Says which object it is, and is never a credential. */
const IDENTITY: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);
