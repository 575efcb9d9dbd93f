import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface ManagerApiStandIn {
  readonly url: string;
  /** Rule and list files that it holds, by `rules/NAME` and `lists/NAME`. */
  readonly files: Map<string, string>;
  /** `METHOD path` of each call, in order. */
  readonly calls: string[];
  /** What it answers to uploads of rules: undefined takes them. */
  refusal: string | undefined;
  /** A Wazuh cluster of these nodes; `behindFor`: so many times it answers that the last one has not the master's files yet. */
  cluster: { readonly nodes: readonly string[]; behindFor: number } | undefined;
  /** Nodes that were told to read their rules before they had the new ones. */
  readonly tooEarly: string[];
  /** Tokens end: the next call is answered with 401. */
  endTokens(): void;
  close(): Promise<void>;
}

/** Speaks as the API of a Wazuh 4.14 manager does (api/api/spec/spec.yaml v4.14.7): envelopes, status codes, tokens. */
export async function startManagerApiStandIn(
  tls: { readonly key: string; readonly cert: string },
  login = 'wazuh:secret',
): Promise<ManagerApiStandIn> {
  const files = new Map<string, string>();
  const calls: string[] = [];
  let tokens = 1;
  const ok = (data: object): Reply => ({ status: 200, body: JSON.stringify({ data, message: 'ok', error: 0 }) });
  const items = (all: readonly object[]): Reply =>
    ok({ affected_items: all, total_affected_items: all.length, failed_items: [], total_failed_items: 0 });
  const problem = (status: number, title: string, detail: string): Reply => ({
    status,
    body: JSON.stringify({ title, detail, error: status }),
  });

  const answer = async (request: IncomingMessage): Promise<Reply> => {
    const url = new URL(request.url ?? '', 'https://api');
    calls.push(`${request.method} ${url.pathname}`);
    const body = await bodyOf(request);
    if (url.pathname === '/security/user/authenticate')
      return request.headers.authorization === `Basic ${Buffer.from(login).toString('base64')}`
        ? ok({ token: `token-${tokens}` })
        : problem(401, 'Unauthorized', 'Invalid credentials');
    if (request.headers.authorization !== `Bearer token-${tokens}`) return problem(401, 'Unauthorized', 'Invalid token');
    const [, kind = '', , name = ''] = url.pathname.split('/');
    if (/^\/(rules|lists)\/files\//.test(url.pathname)) return file(kind, decodeURIComponent(name), request.method ?? '', body);
    if (url.pathname === '/rules') return items(rulesOf((url.searchParams.get('rule_ids') ?? '').split(',')));
    if (url.pathname === '/manager/info') return items([{ version: 'v4.14.7', type: 'server' }]);
    if (url.pathname === '/logtest')
      return ok({ token: 'aa11bb22', messages: [], alert: true, output: { rule: { id: '118211', level: 5 } } });
    const nodes = standIn.cluster?.nodes ?? [];
    if (url.pathname === '/cluster/status')
      return ok({ enabled: nodes.length > 0 ? 'yes' : 'no', running: nodes.length > 0 ? 'yes' : 'no' });
    if (url.pathname === '/cluster/ruleset/synchronization') return items(nodes.map((name) => ({ name, synced: isSynced(name) })));
    if (url.pathname === '/cluster/analysisd/reload') {
      standIn.tooEarly.push(...nodes.filter((name) => !isSynced(name)));
      return items(nodes.map((name) => ({ name, msg: 'Ruleset reload request sent successfully' })));
    }
    return items([{ name: 'node01' }]);
  };
  /** Each question takes the cluster one round further. */
  const isSynced = (name: string): boolean => {
    const { cluster } = standIn;
    if (cluster === undefined || name !== cluster.nodes.at(-1) || cluster.behindFor === 0) return true;
    cluster.behindFor--;
    return false;
  };
  const file = (kind: string, name: string, method: string, body: string): Reply => {
    const key = `${kind}/${name}`;
    const text = files.get(key);
    if (method === 'PUT') {
      if (standIn.refusal !== undefined)
        return {
          status: 200,
          body: JSON.stringify({
            data: { affected_items: [], failed_items: [{ error: { code: 1113, message: standIn.refusal }, id: [name] }] },
            message: 'Could not upload',
            error: 1,
          }),
        };
      files.set(key, body);
      return items([{ file: `etc/${key}` }]);
    }
    if (text === undefined)
      return {
        status: 200,
        body: JSON.stringify({
          data: { affected_items: [], failed_items: [{ error: { code: 1415, message: 'File does not exist' }, id: [name] }] },
          message: 'No file was returned',
          error: 1415,
        }),
      };
    if (method === 'DELETE') files.delete(key);
    return method === 'DELETE' ? items([{ file: `etc/${key}` }]) : { status: 200, body: text };
  };
  const rulesOf = (ids: readonly string[]): object[] =>
    [...files].flatMap(([key, text]) =>
      ids.filter((id) => text.includes(`<rule id="${id}"`)).map((id) => ({ id: Number(id), filename: key.slice('rules/'.length) })),
    );

  const server = createServer({ key: tls.key, cert: tls.cert }, (request, response) => {
    void answer(request).then(({ status, body }) => response.writeHead(status, { 'content-type': 'application/json' }).end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const standIn: ManagerApiStandIn = {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    files,
    calls,
    refusal: undefined,
    cluster: undefined,
    tooEarly: [],
    endTokens: () => void tokens++,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return standIn;
}

interface Reply {
  readonly status: number;
  readonly body: string;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
