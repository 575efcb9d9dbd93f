import { type RequestOptions, request } from 'node:https';
import { text } from 'node:stream/consumers';

/** A request whose audit event will be looked for by its audit ID. */
export interface TracedRequest {
  /** Sent in the header `Audit-ID`, which an API server takes over. */
  readonly auditId: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly userAgent: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON unless `headers` say otherwise. */
  readonly body?: unknown;
}

export type TracedAnswer =
  | {
      readonly kind: 'answered';
      /** 101: the connection was switched to a session, and closed. */
      readonly status: number;
      /** As the API server wrote it down: a proxy in between may have dropped ours. */
      readonly auditId: string;
      readonly body: string;
      readonly sentAtMs: number;
      readonly answeredAtMs: number;
    }
  | { readonly kind: 'unanswered'; readonly auditId: string; readonly reason: string };

const TIMEOUT_MS = 10_000;

/**
 * Sends it once, and waits for its end.
 *
 * @param server `https://10.0.0.4:6443`
 * @param tls who asks and whom to trust, as options of node:https; `NOBODY` asks without credentials
 */
export async function sendTraced(server: string, traced: TracedRequest, tls: RequestOptions, now: () => number): Promise<TracedAnswer> {
  const sentAtMs = now();
  const body = traced.body === undefined ? undefined : JSON.stringify(traced.body);
  return await new Promise((resolve) => {
    const unanswered = (error: NodeJS.ErrnoException): void =>
      resolve({ kind: 'unanswered', auditId: traced.auditId, reason: error.code ?? error.message });
    const answered = (status = 0, auditId: string | string[] | undefined, said: string): void =>
      resolve({
        kind: 'answered',
        status,
        auditId: typeof auditId === 'string' ? auditId : traced.auditId,
        body: said,
        sentAtMs,
        answeredAtMs: now(),
      });
    const sent = request(new URL(traced.path, server), {
      ...tls,
      method: traced.method,
      agent: false,
      timeout: TIMEOUT_MS,
      headers: {
        ...(tls.headers as Record<string, string> | undefined),
        'User-Agent': traced.userAgent,
        'Audit-ID': traced.auditId,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
        ...traced.headers,
      },
    });
    sent.once('response', (response) => {
      text(response).then((said) => answered(response.statusCode, response.headers['audit-id'], said), unanswered);
    });
    // A session has begun: that is what there is to see of it. What it says is let through until the other side ends it.
    sent.once('upgrade', (response, socket) => {
      socket.resume();
      socket.once('error', () => undefined);
      socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
      socket.once('close', () => answered(response.statusCode, response.headers['audit-id'], ''));
    });
    sent.once('timeout', () => sent.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    sent.once('error', unanswered);
    sent.end(body);
  });
}

/** Without credentials, and without checking whom it talks to: the answer opens no door. */
export const NOBODY: RequestOptions = { rejectUnauthorized: false };
