import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** An HTTP API of Wazuh's: the manager's, the indexer's, the dashboard's. */
export interface ApiServer {
  readonly url: string;
  /** PEM of the authority that signed its certificate; Wazuh's own are self-signed and then their own authority. */
  readonly authority?: string;
  readonly timeoutMs?: number;
}

export interface ApiCall {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly authorization?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly type: string; readonly text: string };
}

export interface ApiAnswer {
  readonly status: number;
  readonly text: string;
}

export function basicAuthorization(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** One call, whatever its status. Rejects where there is no answer. */
export function callApi({ url, authority, timeoutMs = 30_000 }: ApiServer, call: ApiCall): Promise<ApiAnswer> {
  const { method, path, authorization, headers, body } = call;
  const target = new URL(path, url);
  const options = {
    method,
    timeout: timeoutMs,
    headers: {
      ...headers,
      ...(authorization === undefined ? {} : { authorization }),
      ...(body ? { 'content-type': body.type, 'content-length': Buffer.byteLength(body.text) } : {}),
    },
  };
  return new Promise((resolve, reject) => {
    const outgoing =
      target.protocol === 'http:'
        ? httpRequest(target, options)
        : httpsRequest(target, { ...options, ...(authority ? { ca: authority } : {}) });
    outgoing.on('response', (incoming) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(parts).toString() }));
      incoming.on('error', reject);
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    outgoing.on('error', reject);
    outgoing.end(body?.text);
  });
}
