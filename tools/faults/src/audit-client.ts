import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';

/** One PEM text each. */
export interface ClientCredentials {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

export type PostResult =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly retryAfter: string | undefined;
      readonly body: string;
      readonly ms: number;
    }
  /** The connection ended, or could not be made, before there was an answer. */
  | { readonly kind: 'none'; readonly code: string; readonly ms: number };

export interface PostOptions {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** Posts as an API server does: keep-alive connections, Content-Length, 30 s of patience. */
export class AuditClient {
  readonly #agent: Agent;
  readonly #cluster: string;
  url: string;

  constructor(url: string, cluster: string, credentials: ClientCredentials, options: { readonly maxSockets?: number } = {}) {
    this.url = url;
    this.#cluster = cluster;
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: options.maxSockets ?? 8,
      ca: credentials.authority,
      cert: credentials.certificate,
      key: credentials.key,
    });
  }

  post(body: string | Uint8Array, { path, headers = {}, timeoutMs = 30_000 }: PostOptions = {}): Promise<PostResult> {
    const startedAt = performance.now();
    const msSince = (): number => performance.now() - startedAt;
    return new Promise((resolve) => {
      const none = (error: NodeJS.ErrnoException): void => resolve({ kind: 'none', code: error.code ?? error.message, ms: msSince() });
      const post = request(new URL(path ?? `/${this.#cluster}/apiserver-1`, this.url), {
        method: 'POST',
        agent: this.#agent,
        headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), ...headers },
      });
      post.setTimeout(timeoutMs, () => post.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })));
      post.once('error', none);
      post.once('response', (response) => {
        text(response).then(
          (answer) =>
            resolve({
              kind: 'answer',
              status: response.statusCode as number,
              retryAfter: response.headers['retry-after'],
              body: answer,
              ms: msSince(),
            }),
          none,
        );
      });
      post.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
