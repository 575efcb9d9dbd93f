import type { AuditEvent, JsonObject, JsonValue } from '@k8s-audit/audit-events';
import { asList, asObject, asText, at } from './json-reading.ts';

/**
 * The object that facts are read from. For a create or an update it is what was stored, after defaults and admission, when
 * the response was recorded; otherwise what was sent. For a patch it is the patch: what it does not touch was there before
 * and is no news. The exceptions are roles and bindings, because half of a binding says nothing, and patches that copy or move:
 * of them the result is read.
 */
export function factBody(event: AuditEvent): JsonObject | undefined {
  if (!WRITES.has(event.verb)) return undefined;
  const readsWhole = event.verb !== 'patch' || READ_AS_WHOLE.has(event.objectRef?.resource ?? '') || isOpaquePatch(event.requestObject);
  const stored = readsWhole ? storedObject(event) : undefined;
  if (stored !== undefined) return stored;
  return Array.isArray(event.requestObject) ? patchedParts(event.requestObject) : parsedBody(event.requestObject);
}

/** What was stored, when that was recorded. */
export function storedObject(event: AuditEvent): JsonObject | undefined {
  const stored = parsedBody(event.responseObject);
  return stored === undefined || NO_OBJECTS.has(asText(stored['kind']) ?? '') ? undefined : stored;
}

/** A JSON Patch that copies or moves sets values that it does not hold. */
export function isOpaquePatch(body: JsonValue | undefined): boolean {
  return asList(body).some((operation) => OPAQUE.has(asText(at(operation, 'op')) ?? ''));
}

const OPAQUE: ReadonlySet<string> = new Set(['copy', 'move']);

/** AKS exports a body as a string now and then; what it cut is no JSON. */
export function parsedBody(body: JsonValue | undefined): JsonObject | undefined {
  if (typeof body !== 'string') return asObject(body);
  if (!body.startsWith('{')) return undefined;
  try {
    return asObject(JSON.parse(body));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * The parts of the object that a JSON Patch (RFC 6902) sets, put where they belong: `/spec/template/spec/hostPID` becomes
 * `{spec: {template: {spec: {hostPID}}}}`. Each list entry that a pointer names becomes an entry of its own.
 */
export function patchedParts(operations: readonly unknown[]): JsonObject {
  const root: Node = {};
  for (const operation of operations) {
    const [op, path] = [asText(at(operation, 'op')), asText(at(operation, 'path'))];
    if ((op !== 'add' && op !== 'replace') || path === undefined) continue;
    const value = at(operation, 'value');
    const steps = path.split('/').slice(1, MAX_POINTER_STEPS);
    if (steps.length === 0) Object.assign(root, asObject(value));
    else place(root, steps.map(unescaped), value);
  }
  return root as JsonObject;
}

type Node = Record<string, unknown> | unknown[];

/** No pointer into a Kubernetes object is longer; one of a thousand steps would only cost. */
const MAX_POINTER_STEPS = 32;

function place(root: Node, steps: readonly string[], value: unknown): void {
  let here: Node = root;
  for (const [index, step] of steps.entries()) {
    const next = steps[index + 1];
    const inside: unknown = next === undefined ? value : LIST_STEP.test(next) ? [] : {};
    if (Array.isArray(here)) {
      // Which entry of the real list it is does not matter, only that two pointers into one entry meet in it.
      const slot: number = step === '-' ? here.length : Math.min(Number(step), MAX_LIST_INDEX);
      const known: unknown = here[slot];
      if (next === undefined || !isNode(known)) here[slot] = inside;
      here = (next === undefined ? here : here[slot]) as Node;
    } else {
      const known: unknown = Object.hasOwn(here, step) ? here[step] : undefined;
      const kept: boolean = next !== undefined && isNode(known) && Array.isArray(known) === Array.isArray(inside);
      if (!kept) Object.defineProperty(here, step, { value: inside, enumerable: true, writable: true, configurable: true });
      here = (next === undefined ? here : here[step]) as Node;
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

const LIST_STEP = /^(?:-|0|[1-9]\d*)$/;
const MAX_LIST_INDEX = 1_000;

function unescaped(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch']);
const NO_OBJECTS: ReadonlySet<string> = new Set(['Status', 'Table', 'PartialObjectMetadata']);
const READ_AS_WHOLE: ReadonlySet<string> = new Set(['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings']);
