import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AuditEndpoint, originOf } from './audit-endpoint.ts';
import { UNNAMED_API_SERVER } from './audit-path.ts';
import type { OriginBooks } from './books.ts';

/**
 * `GET /CLUSTER[/APISERVER]`: what became of a cluster's own events, for whoever may post as that cluster: counts and times, no event.
 * A control-plane node cannot reach the admin listener, and must be able to tell whether its events arrive.
 */
export function answerOwnBooks(request: IncomingMessage, response: ServerResponse, endpoint: AuditEndpoint): void {
  const origin = originOf(request, endpoint);
  if ('status' in origin) {
    const { status, code, message } = origin;
    endpoint.refusals.report(status, code, { detail: message, remote: request.socket.remoteAddress });
    send(response, status, { code, message });
    return;
  }
  const apiServers = endpoint.intake.books
    .snapshot()
    .origins.filter(({ cluster, apiServer }) => cluster === origin.cluster && isAskedFor(apiServer, origin.apiServer))
    .map(rowOf);
  send(response, 200, { cluster: origin.cluster, apiServers });
}

function rowOf({ cluster: _, lastReceivedAtMs, ...row }: OriginBooks): Readonly<Record<string, unknown>> {
  return { ...row, ...(lastReceivedAtMs === 0 ? {} : { lastReceivedAt: new Date(lastReceivedAtMs).toISOString() }) };
}

function isAskedFor(apiServer: string, asked: string): boolean {
  return asked === UNNAMED_API_SERVER || apiServer === asked;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
  });
  response.end(text);
}
