import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

type Json = Record<string, unknown>;

export interface IndexerStandIn {
  /** Indexer and dashboard in one: their paths do not overlap. */
  readonly url: string;
  readonly templates: Map<string, Json>;
  /** As they were put, without what the plugin adds. */
  readonly policies: Map<string, Json>;
  /** By `TYPE/ID`. */
  readonly savedObjects: Map<string, Json>;
  /** `METHOD path` of each call that changes something, in order. */
  readonly changes: string[];
  /** What it answers to what else is asked. */
  health: 'green' | 'yellow' | 'red';
  fields: Json;
  newestDocumentMs: number | undefined;
  hasIndexManagement: boolean;
  /** A change of this path is refused as its security plugin does. */
  refuses: RegExp | undefined;
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Speaks as OpenSearch 2.19 with Index State Management and OpenSearch Dashboards 2.19 do in what the product asks of them. The indexer's
 * half of it is held against a real OpenSearch by `npm run e2e:archive`; the plugin and the dashboard are not to be had there.
 */
export async function startIndexerStandIn(login = 'admin:secret'): Promise<IndexerStandIn> {
  const [templates, policies, savedObjects] = [new Map<string, Json>(), new Map<string, Json>(), new Map<string, Json>()];
  const changes: string[] = [];
  let writes = 0;

  const answer = (request: IncomingMessage, text: string): Reply => {
    const url = new URL(request.url ?? '', 'http://indexer');
    const method = request.method ?? '';
    const path = decodeURIComponent(url.pathname);
    if (request.headers.authorization !== `Basic ${Buffer.from(login).toString('base64')}`) return { status: 401, body: 'Unauthorized' };
    if (method !== 'GET' && !path.endsWith('_search')) {
      if (standIn.refuses?.test(path))
        return { status: 403, body: { error: { type: 'security_exception', reason: 'no permissions' }, status: 403 } };
      changes.push(`${method} ${path}`);
    }
    const [, first = '', second = '', third = '', ...rest] = path.split('/');
    const body = (): Json => JSON.parse(text) as Json;
    if (path === '/') return { status: 200, body: { version: { distribution: 'opensearch', number: '2.19.1' } } };
    if (path === '/_cluster/health') return { status: 200, body: { status: standIn.health } };
    if (first === '_template')
      return stored(templates, second, method, body, (value) => ({ [second]: { ...value, settings: {}, aliases: {} } }), {});
    if (first === '_plugins') {
      if (!standIn.hasIndexManagement) return { status: 400, body: { error: `no handler found for uri [${path}] and method [${method}]` } };
      const [id] = rest;
      if (id === undefined) return { status: 200, body: { policies: [], total_policies: 0 } };
      if (method === 'PUT' && policies.has(id) && url.searchParams.get('if_seq_no') !== String(writes))
        return { status: 409, body: { error: { reason: 'version conflict, document already exists' }, status: 409 } };
      if (method === 'PUT') writes++;
      return stored(policies, id, method, body, (value) => asPlugin(id, value, writes), {
        error: { reason: 'Policy not found' },
        status: 404,
      });
    }
    if (path === '/api/saved_objects/_import') return imported(text, savedObjects);
    if (first === 'api')
      return stored(
        savedObjects,
        `${third}/${rest.join('/')}`,
        method,
        body,
        (value) => ({ ...value, version: 'WzEsMV0=', updated_at: '2026-01-01T00:00:00.000Z' }),
        { statusCode: 404, error: 'Not Found' },
      );
    if (second === '_field_caps') return { status: 200, body: { indices: [], fields: standIn.fields } };
    if (second === '_search') return { status: 200, body: { aggregations: { newest: { value: standIn.newestDocumentMs ?? null } } } };
    return { status: 404, body: { error: 'not spoken here' } };
  };

  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { status, body } = answer(request, Buffer.concat(parts).toString());
      response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const standIn: IndexerStandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    templates,
    policies,
    savedObjects,
    changes,
    health: 'green',
    fields: {},
    newestDocumentMs: undefined,
    hasIndexManagement: true,
    refuses: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return standIn;
}

function stored(
  all: Map<string, Json>,
  key: string,
  method: string,
  body: () => Json,
  render: (value: Json) => Json,
  missing: Json,
): Reply {
  const value = all.get(key);
  if (method === 'PUT') {
    all.set(key, body());
    return { status: value === undefined ? 201 : 200, body: { acknowledged: true } };
  }
  if (value === undefined) return { status: 404, body: missing };
  if (method === 'DELETE') all.delete(key);
  return { status: 200, body: method === 'DELETE' ? { acknowledged: true } : render(value) };
}

/** With what Index State Management adds to a policy. */
function asPlugin(id: string, { policy }: Json, number: number): Json {
  const { ism_template, ...own } = policy as Json;
  const templates = (ism_template as Json[] | undefined)?.map((each) => ({ ...each, last_updated_time: 1_790_000_000_000 }));
  return {
    _id: id,
    _version: 1,
    _seq_no: number,
    _primary_term: 1,
    policy: {
      policy_id: id,
      last_updated_time: 1_790_000_000_000,
      schema_version: 21,
      error_notification: null,
      ...own,
      ism_template: templates ?? null,
    },
  };
}

/** A multipart form with one NDJSON file. */
function imported(text: string, savedObjects: Map<string, Json>): Reply {
  const file = text.split('\r\n\r\n')[1]?.split('\r\n--')[0] ?? '';
  const objects = file
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Json & { readonly references: readonly { readonly type: string; readonly id: string }[] });
  for (const object of objects) {
    const missing = object.references.filter(({ type, id }) => !savedObjects.has(`${type}/${id}`));
    if (missing.length > 0)
      return {
        status: 200,
        body: {
          success: false,
          successCount: 0,
          errors: [{ id: object['id'], type: object['type'], error: { type: 'missing_references', references: missing } }],
        },
      };
    savedObjects.set(`${object['type']}/${object['id']}`, object);
  }
  return {
    status: 200,
    body: { success: true, successCount: objects.length, successResults: objects.map(({ id, type }) => ({ id, type })) },
  };
}
