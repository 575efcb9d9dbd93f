import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';

/**
 * What one question about readiness came to. `ready` includes an API server that lets nobody ask (401, 403): it serves requests.
 * `unready`: it answers, and says that it starts or stops. `down`: nothing answers.
 */
export type Readiness =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unready'; readonly reason: string }
  | { readonly kind: 'down'; readonly reason: string };

const TIMEOUT_MS = 5_000;

/**
 * Asks `/readyz` as a kubelet's probe does: without credentials, and without checking the certificate, because the answer opens no door.
 *
 * @param url of one API server, not of a load balancer: `https://10.0.0.4:6443`
 */
export async function askReadiness(url: string): Promise<Readiness> {
  try {
    const { status, body } = await send(url, 'GET', '/readyz');
    if (status === 200 || status === 401 || status === 403) return { kind: 'ready' };
    return { kind: 'unready', reason: `readyz answers ${status}${failedChecks(body)}` };
  } catch (error) {
    return { kind: 'down', reason: (error as NodeJS.ErrnoException).code ?? (error as Error).message };
  }
}

/** `[-]etcd failed: reason withheld`: the names, of many the first. */
function failedChecks(body: string): string {
  const names = [...body.matchAll(/^\[-\](\S+)/gm)].map((match) => match[1]);
  return names.length === 0 ? '' : `: ${names.slice(0, 2).join(', ')}${names.length > 2 ? ` and ${names.length - 2} more` : ''}`;
}

export interface CanaryRequest {
  readonly verb: 'POST' | 'DELETE' | 'GET';
  /** Such that nothing happens even if it were allowed. */
  readonly path: string;
}

/** Sends a request without credentials, so that the API server has something to write an audit event about. @returns whether it was answered */
export async function sendCanary(url: string, { verb, path }: CanaryRequest): Promise<boolean> {
  return await send(url, verb, path).then(
    () => true,
    () => false,
  );
}

async function send(url: string, method: string, path: string): Promise<{ readonly status: number; readonly body: string }> {
  return await new Promise((resolve, reject) => {
    const sent = request(
      new URL(path, url),
      {
        method,
        agent: false,
        rejectUnauthorized: false,
        timeout: TIMEOUT_MS,
        headers: {
          'User-Agent': 'k8s-audit/canary',
          ...(method === 'POST' ? { 'Content-Type': 'application/json', 'Content-Length': '2' } : {}),
        },
      },
      (response) => {
        readText(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
      },
    );
    sent.once('timeout', () => sent.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    sent.once('error', reject);
    sent.end(method === 'POST' ? '{}' : undefined);
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
