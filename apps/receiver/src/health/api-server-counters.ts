import { request } from 'node:https';
import { readHostText } from '@k8s-audit/host-files';
import type { ScrapedApiServer } from '../health-configuration.ts';

export type ApiServerCounters =
  | { readonly kind: 'counters'; readonly dropped: number }
  | { readonly kind: 'unavailable'; readonly reason: string };

const TIMEOUT_MS = 10_000;
/** A real API server's metrics are 1 to 3 MB; not more is read than this. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Each event that a back end gave up counts once, under the part that gave up: buffered (the buffer was full), webhook, truncate. */
const DROPPED = /^apiserver_audit_error_total\{[^}]*plugin="(?:buffered|webhook|truncate)[^"]*"[^}]*\} (\S+)$/gm;

/** Reads `/metrics` of one API server: GET on the non-resource URL /metrics is what its credentials need, and no more. */
export async function readApiServerCounters(server: ScrapedApiServer): Promise<ApiServerCounters> {
  try {
    return { kind: 'counters', dropped: droppedIn(await get(server)) };
  } catch (error) {
    return { kind: 'unavailable', reason: (error as Error).message };
  }
}

/** @param metrics text exposition format of Prometheus */
export function droppedIn(metrics: string): number {
  let dropped = 0;
  for (const [, value] of metrics.matchAll(DROPPED)) dropped += Number(value);
  return dropped;
}

async function get({ url, authority, token, certificate, key }: ScrapedApiServer): Promise<string> {
  const read = async (file: string | undefined): Promise<string | undefined> =>
    file === undefined ? undefined : (await readHostText(file)).trim();
  const [ca, bearer, cert, clientKey] = await Promise.all([read(authority), read(token), read(certificate), read(key)]);
  const options = {
    ca: ca as string,
    headers: bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` },
    ...(cert === undefined || clientKey === undefined ? {} : { cert, key: clientKey }),
    agent: false as const,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  };
  return new Promise((resolve, reject) => {
    const sent = request(new URL('/metrics', url), options, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_BYTES) sent.destroy(new Error(`/metrics holds more than ${MAX_BYTES} bytes`));
        chunks.push(chunk);
      });
      response.once('error', reject);
      response.once('end', () =>
        response.statusCode === 200
          ? resolve(Buffer.concat(chunks).toString())
          : reject(new Error(`/metrics was answered with ${response.statusCode}`)),
      );
    });
    sent.once('error', reject);
    sent.end();
  });
}
