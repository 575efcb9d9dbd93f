import type { YamlRequest } from './yaml-change.ts';
import { dataOf, documentIndex, type YamlFile } from './yaml-file.ts';

type Json = Record<string, unknown> | unknown[];

/** What the data of a file must be once the requests are met: said without any text, so that it can judge the text. */
export function withRequests(file: YamlFile, requests: readonly YamlRequest[]): readonly unknown[] {
  const documents = unshared(dataOf(file)) as unknown[];
  for (const request of requests) {
    const index = Math.max(0, documentIndex(file, request.document));
    documents[index] = withRequest(documents[index] ?? null, request);
  }
  return documents;
}

function withRequest(root: unknown, request: YamlRequest): unknown {
  const holder: Json = { root };
  let [parent, key]: [Json, string | number] = [holder, 'root'];
  for (const step of request.path) {
    const node: unknown = at(parent, key) ?? set(parent, key, {});
    parent = node as Json;
    key =
      typeof step === 'object' ? (node as unknown[]).findIndex((each) => (each as { name?: unknown } | null)?.name === step.name) : step;
  }
  const target = at(parent, key) ?? set(parent, key, request.kind === 'set-entry' ? {} : []);
  if (request.kind === 'set-entry') (target as Record<string, unknown>)[request.key] = request.value;
  else if (request.kind === 'add-item') (target as unknown[]).push(request.value);
  else (target as unknown[])[(target as unknown[]).lastIndexOf(request.from)] = request.to;
  return (holder as { root: unknown }).root;
}

function at(parent: Json, key: string | number): unknown {
  return (parent as Record<string | number, unknown>)[key];
}

function set(parent: Json, key: string | number, value: Json): Json {
  (parent as Record<string | number, unknown>)[key] = value;
  return value;
}

/** A copy in which an alias is a value of its own: a change at the anchor that also shows at the alias then shows as a difference. */
function unshared(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unshared);
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unshared(inner)]));
}
