import { Failure } from '@k8s-audit/failure';
import { type ApiAnswer, type ApiServer, basicAuthorization, callApi } from '../api-call.ts';
import type { JsonObject, Kept } from './kept.ts';

export interface IndexerOptions extends ApiServer {
  /** Absent: nobody is asked who they are (an OpenSearch without its security plugin). */
  readonly login?: { readonly user: string; readonly password: string };
}

/** The Wazuh indexer, an OpenSearch 2 (1.2 with Wazuh 4.3). Every call throws INDEXER_FAILED with its own words. */
export interface Indexer {
  readonly url: string;
  version(): Promise<string>;
  health(): Promise<{ readonly status: 'green' | 'yellow' | 'red' }>;
  /** A legacy index template: it merges with Wazuh's own, where a composable one would replace it. */
  template(name: string): Kept;
  /** A policy of Index State Management. */
  policy(name: string): Kept;
  /** Without that plugin nobody deletes old indices. */
  canDeleteOldIndices(): Promise<boolean>;
  /** @returns the answer's body; undefined where there is no such index */
  search(index: string, body: JsonObject): Promise<JsonObject | undefined>;
  /** Every field of these indices with its types; none where there is no such index. */
  fieldTypes(indices: string): Promise<ReadonlyMap<string, Readonly<Record<string, { readonly searchable?: boolean }>>>>;
}

export function createIndexer(options: IndexerOptions): Indexer {
  const call = (method: string, path: string, body?: JsonObject): Promise<ApiAnswer> => send(options, method, path, body);
  const json = async (method: string, path: string, body?: JsonObject): Promise<JsonObject | undefined> => {
    const answer = await call(method, path, body);
    return answer.status === 404 ? undefined : bodyOf(answer, `${method} ${path.split('?')[0]}`);
  };
  return {
    url: options.url,
    version: async () => String(((await json('GET', '/'))?.['version'] as JsonObject | undefined)?.['number'] ?? ''),
    health: async () => ({ status: ((await json('GET', '/_cluster/health'))?.['status'] ?? 'red') as 'green' | 'yellow' | 'red' }),
    template: (name) => ({
      read: async () => withoutEmpty((await json('GET', `/_template/${name}`))?.[name] as JsonObject | undefined),
      write: async (body) => void (await json('PUT', `/_template/${name}`, body)),
      remove: async () => void (await json('DELETE', `/_template/${name}`)),
    }),
    policy: (name) => policyOf(name, json),
    canDeleteOldIndices: async () => (await call('GET', '/_plugins/_ism/policies?size=1')).status !== 400,
    search: (index, body) => json('POST', `/${index}/_search?ignore_unavailable=true`, body),
    async fieldTypes(indices) {
      const answer = await json('GET', `/${indices}/_field_caps?fields=*&ignore_unavailable=true&allow_no_indices=true`);
      return new Map(Object.entries((answer?.['fields'] ?? {}) as Record<string, Record<string, { searchable?: boolean }>>));
    },
  };
}

/** Written over an older one only with the number that it was read with, so that two writers notice each other. */
function policyOf(name: string, json: (method: string, path: string, body?: JsonObject) => Promise<JsonObject | undefined>): Kept {
  const path = `/_plugins/_ism/policies/${name}`;
  return {
    read: async () => withoutReadOnly((await json('GET', path))?.['policy'] as JsonObject | undefined),
    async write(body) {
      const there = await json('GET', path);
      const over = there === undefined ? '' : `?if_seq_no=${there['_seq_no']}&if_primary_term=${there['_primary_term']}`;
      await json('PUT', `${path}${over}`, body);
    },
    remove: async () => void (await json('DELETE', path)),
  };
}

/** The plugin's own, which it does not take back in a PUT. */
const READ_ONLY = new Set(['policy_id', 'last_updated_time', 'schema_version', 'user']);

function withoutReadOnly(policy: JsonObject | undefined): JsonObject | undefined {
  if (policy === undefined) return undefined;
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strip);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key, inner]) => !READ_ONLY.has(key) && inner !== null)
        .map(([key, inner]) => [key, strip(inner)]),
    );
  };
  return { policy: strip(policy) };
}

/** A template is answered with `settings: {}` and `aliases: {}` that nobody wrote. */
function withoutEmpty(template: JsonObject | undefined): JsonObject | undefined {
  if (template === undefined) return undefined;
  return Object.fromEntries(Object.entries(template).filter(([, value]) => JSON.stringify(value) !== '{}'));
}

async function send(options: IndexerOptions, method: string, path: string, body: JsonObject | undefined): Promise<ApiAnswer> {
  const { login } = options;
  try {
    return await callApi(options, {
      method,
      path,
      ...(login === undefined ? {} : { authorization: basicAuthorization(login.user, login.password) }),
      ...(body === undefined ? {} : { body: { type: 'application/json', text: JSON.stringify(body) } }),
    });
  } catch (cause) {
    throw new Failure('INDEXER_FAILED', `${options.url}: ${(cause as Error).message}`, {
      hint: 'Check the address, the port (9200) and the authority of its certificate (--indexer-ca).',
      cause,
    });
  }
}

/** OpenSearch says what is wrong in `error.reason`, or in `error` alone; its security plugin in plain text. */
export function bodyOf({ status, text }: ApiAnswer, what: string): JsonObject {
  let body: JsonObject | undefined;
  try {
    body = JSON.parse(text) as JsonObject;
  } catch {
    body = undefined;
  }
  if (body !== undefined && status >= 200 && status < 300) return body;
  const error = body?.['error'];
  const reason = typeof error === 'string' ? error : (error as JsonObject | undefined)?.['reason'];
  const words = reason ?? body?.['message'] ?? text.trim().slice(0, 200);
  throw new Failure('INDEXER_FAILED', `${what}: ${status} ${String(words)}`.trim(), {
    hint: status === 401 || status === 403 ? 'Check the user, its password and its rights.' : 'See what it says; is it the right address?',
  });
}
