import { createServer as createPlainServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import express from 'express';
import { type AuditEndpoint, handleAuditPost } from './audit-endpoint.ts';
import { identifyConnection } from './client-identity.ts';
import type { Limits } from './limits-configuration.ts';
import { answerOwnBooks } from './own-books.ts';
import type { TlsMaterial } from './trust.ts';

export interface DataListener {
  readonly server: HttpServer | HttpsServer;
  /** From now on for new connections; open ones go on, unless their certificate has been revoked. */
  trustChanged(): void;
}

/** Node looks for slow clients every so often; its own 30 s would turn ten seconds into forty. */
const CHECK_INTERVAL_MS = 1_000;

/**
 * The listener for API servers: TLS 1.2 or newer, a client certificate of our authority or no handshake, HTTP/1.1 only. Where tokens or
 * a migration are configured, a client without a certificate is let in to show a token; one with a certificate that is not ours is not.
 *
 * A POST goes straight to its handler; express routes and words all the rest. The hot way steps past express because its
 * router costs more than the whole scan of a small batch (docs/decisions/0004-http-1-1-and-express.md).
 */
export function createDataListener(limits: Limits, endpoint: AuditEndpoint): DataListener {
  const others = createOtherRoutes(endpoint);
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (endpoint.isStopping()) response.setHeader('Connection', 'close');
    if (request.method === 'POST') void handleAuditPost(request, response, endpoint);
    else if (request.method === 'GET') answerOwnBooks(request, response, endpoint);
    else others(request, response);
  };
  const options = {
    headersTimeout: limits.headerSeconds * 1000,
    requestTimeout: limits.bodySeconds * 1000,
    keepAliveTimeout: limits.idleSeconds * 1000,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    maxHeaderSize: limits.headerBytes,
    insecureHTTPParser: false,
  };
  const { tls } = endpoint.trust();
  if (tls === undefined) {
    const server = createPlainServer(options, answer);
    server.on('clientError', (error, socket) => refuseUnreadable(error, socket, endpoint));
    server.on('connection', (socket: Socket) => endpoint.connections.opened(socket));
    return { server, trustChanged: () => undefined };
  }
  const server = createServer(
    {
      ...options,
      ...secureContext(tls),
      requestCert: true,
      rejectUnauthorized: needsCertificate(endpoint.trust()),
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: limits.handshakeSeconds * 1000,
    },
    answer,
  );
  server.on('connection', (socket: Socket) => endpoint.connections.opened(socket));
  const secure = new Set<TLSSocket>();
  // Before the HTTP server's own listener: who is not let in never gets to speak.
  server.prependListener('secureConnection', (socket) => {
    if (isStranger(socket)) return refuseHandshake(socket, String(socket.authorizationError), endpoint);
    secure.add(socket);
    socket.once('close', () => secure.delete(socket));
    const identity = identifyConnection(socket, endpoint.trust(), endpoint.now());
    if (identity?.kind === 'cluster') endpoint.connections.identified(socket, identity.cluster);
  });
  server.on('clientError', (error, socket) => refuseUnreadable(error, socket, endpoint));
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    const code = untrusted(socket) ?? error.code ?? 'tls-error';
    // A peer that opens and closes without a word is a health probe of a load balancer, or a port scan: not worth a line.
    if (code !== 'ECONNRESET') refuseHandshake(socket, code, endpoint);
  });
  return {
    server,
    trustChanged() {
      const trust = endpoint.trust();
      if (trust.tls !== undefined) server.setSecureContext({ ...secureContext(trust.tls), minVersion: 'TLSv1.2' });
      for (const socket of secure) {
        const identity = identifyConnection(socket, trust, endpoint.now());
        if (identity?.kind === 'refused' && identity.code === 'certificate-revoked') refuseHandshake(socket, identity.code, endpoint);
      }
    },
  };
}

/** Without tokens and migration a client without a certificate has no business here. */
export function needsCertificate(trust: { readonly tokens?: unknown; readonly migration?: unknown }): boolean {
  return trust.tokens === undefined && trust.migration === undefined;
}

/** It showed a certificate, and not one that our authority vouches for. */
function isStranger(socket: TLSSocket): boolean {
  return !socket.authorized && socket.getPeerX509Certificate() !== undefined;
}

const UNREADABLE: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** What the HTTP parser refuses, or what comes too slowly: answered as Node does by itself, and counted, which it does not. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex, { refusals }: AuditEndpoint): void {
  const code = error.code ?? 'unreadable';
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const statusLine = UNREADABLE[code] ?? '400 Bad Request';
  refusals.report(Number.parseInt(statusLine, 10), code, { remote: (socket as Socket).remoteAddress });
  // Not left to the peer to close: one that never does would keep the connection for ever.
  socket.end(`HTTP/1.1 ${statusLine}\r\nConnection: close\r\n\r\n`, () => socket.destroy());
}

function refuseHandshake(socket: Socket, code: string, { refusals }: AuditEndpoint): void {
  refusals.report(0, code, { remote: socket.remoteAddress });
  socket.destroy();
}

/** Node closes the connection of a peer that it does not trust with a mere reset; why, it says on the socket: a code, whatever its type says. */
function untrusted(socket: TLSSocket): string | undefined {
  const reason: unknown = socket.authorizationError;
  return typeof reason === 'string' ? reason : undefined;
}

function secureContext({ certificate, key, clientAuthority, crl }: TlsMaterial): { cert: string; key: string; ca: string; crl?: string } {
  return { cert: certificate, key, ca: clientAuthority, ...(crl === undefined ? {} : { crl }) };
}

function createOtherRoutes({ refusals }: AuditEndpoint): (request: IncomingMessage, response: ServerResponse) => void {
  const app = express();
  app.disable('x-powered-by');
  app.use((request, response) => {
    refusals.report(405, 'method', { remote: request.socket.remoteAddress });
    response.status(405).set('Allow', 'POST, GET').json({
      code: 'method',
      message:
        'this port takes audit events by POST to /CLUSTER, and a GET there shows their books; health and metrics have a listener of their own',
    });
  });
  return app;
}
