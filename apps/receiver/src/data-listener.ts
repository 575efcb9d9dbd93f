import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import express from 'express';
import { type AuditEndpoint, handleAuditPost } from './audit-endpoint.ts';

export interface TlsMaterial {
  readonly certificate: string;
  readonly key: string;
  readonly clientAuthority: string;
}

/** Go's client keeps an idle connection for 90 s; ours must live longer, else a quiet API server's next POST meets a closing socket. */
const KEEP_ALIVE_MS = 120_000;
const HANDSHAKE_MS = 10_000;
const HEADERS_MS = 10_000;
/** kube-apiserver gives up after 30 s; a body that takes longer has nobody waiting for the answer. */
const REQUEST_MS = 60_000;
const MAX_HEADER_BYTES = 16 * 1024;

/**
 * The HTTPS listener for API servers: TLS 1.2 or newer, a client certificate of our authority or no handshake, HTTP/1.1 only.
 *
 * A POST goes straight to its handler; express routes and words all the rest. The hot way steps past express because its
 * router costs more than the whole scan of a small batch (docs/decisions/0004-http-1-1-and-express.md).
 */
export function createDataListener(tls: TlsMaterial, maxConnections: number, endpoint: AuditEndpoint): Server {
  const others = createOtherRoutes(endpoint);
  const server = createServer(
    {
      ...secureContext(tls),
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: HANDSHAKE_MS,
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      insecureHTTPParser: false,
    },
    (request, response) => {
      if (request.method === 'POST') void handleAuditPost(request, response, endpoint);
      else others(request, response);
    },
  );
  server.maxConnections = maxConnections;
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    const code = untrusted(socket) ?? error.code ?? 'tls-error';
    // A peer that opens and closes without a word is a health probe of a load balancer, or a port scan: not worth a line.
    if (code === 'ECONNRESET') return;
    endpoint.refusals.count(0, code);
    endpoint.log.warn({ event: 'handshake-refused', code, remote: socket.remoteAddress });
  });
  return server;
}

/** Node closes the connection of a peer that it does not trust with a mere reset; why, it says on the socket: a code, whatever its type says. */
function untrusted(socket: TLSSocket): string | undefined {
  const reason: unknown = socket.authorizationError;
  return typeof reason === 'string' ? reason : undefined;
}

export function secureContext(tls: TlsMaterial): { cert: string; key: string; ca: string } {
  return { cert: tls.certificate, key: tls.key, ca: tls.clientAuthority };
}

function createOtherRoutes({ refusals }: AuditEndpoint): (request: IncomingMessage, response: ServerResponse) => void {
  const app = express();
  app.disable('x-powered-by');
  app.use((_request, response) => {
    refusals.count(405, 'method');
    response.status(405).set('Allow', 'POST').json({
      code: 'method',
      message: 'this port takes audit events by POST to /CLUSTER; health and metrics have a listener of their own',
    });
  });
  return app;
}
