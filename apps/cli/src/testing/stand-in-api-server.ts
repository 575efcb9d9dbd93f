import { once } from 'node:events';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority, issueClusterCertificate, issueServerCertificate, type KeyAndCertificate } from '@k8s-audit/certs';

const RETRY_MS = 100;

/** How it posts the event of a request; `null`: not at all. */
export interface Webhook {
  /** `https://127.0.0.1:8080/prod-eu/cp-1` */
  readonly url: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

interface Asked {
  readonly method: string;
  readonly requestURI: string;
  readonly userAgent: string | undefined;
  readonly receivedAt: string;
}

/** In the place of an API server, where that is not what is tested: refuses every request, and posts its event over HTTPS as an API server does. */
export class StandInApiServer {
  readonly #server: Server;
  readonly url: string;
  webhook: Webhook | null = null;
  /** Laid over each event that it posts. */
  oddity: object = {};
  /** Of the newest request. */
  auditId = '';
  /** What the receiver answered to its event, or the error of the connection; undefined while it has none. */
  posted: number | string | undefined;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<StandInApiServer> {
    const authority = await createAuthority({ nowMs: Date.now() });
    const { certificatePem, privateKeyPem } = await issueServerCertificate(authority, ['127.0.0.1'], { nowMs: Date.now() });
    const server = createServer({ cert: certificatePem, key: privateKeyPem });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const standIn = new StandInApiServer(server);
    server.on('request', (incoming, response) => {
      standIn.auditId = String(incoming.headers['audit-id']);
      standIn.posted = undefined;
      const receivedAt = micros();
      incoming.resume();
      response.writeHead(403, { 'Content-Type': 'application/json', 'Audit-Id': standIn.auditId });
      response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Forbidden', code: 403 }));
      const { method = '', url: requestURI = '' } = incoming;
      const userAgent = incoming.headers['user-agent'];
      const event = { ...standIn.#eventOf({ method, requestURI, userAgent, receivedAt }), ...standIn.oddity };
      if (standIn.webhook !== null) void standIn.#post(standIn.webhook, event);
    });
    return standIn;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Once more where the receiver asks for it, as client-go does. */
  async #post(webhook: Webhook, event: Readonly<Record<string, unknown>>): Promise<void> {
    const { url, ...tls } = webhook;
    const body = JSON.stringify({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items: [event] });
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
    const note = (posted: number | string | undefined): void => {
      if (event['auditID'] === this.auditId) this.posted = posted;
    };
    const sent = request(url, { ...tls, method: 'POST', agent: false, headers });
    sent.once('response', (response) => {
      response.resume();
      note(response.statusCode);
      if (response.statusCode === 503 && this.#server.listening) setTimeout(() => this.#post(webhook, event), RETRY_MS).unref();
    });
    sent.once('error', (error) => note(error.message));
    sent.end(body);
  }

  /** As kube-apiserver writes it for somebody without credentials, in its order. */
  #eventOf({ method, requestURI, userAgent, receivedAt }: Asked): Readonly<Record<string, unknown>> {
    return {
      level: 'Metadata',
      auditID: this.auditId,
      stage: 'ResponseComplete',
      requestURI,
      verb: method.toLowerCase(),
      user: { username: 'system:anonymous', groups: ['system:unauthenticated'] },
      sourceIPs: ['127.0.0.1'],
      userAgent,
      objectRef: { resource: 'pods', namespace: 'default', name: 'k8s-audit-canary', apiVersion: 'v1' },
      responseStatus: { metadata: {}, status: 'Failure', message: 'pods "k8s-audit-canary" is forbidden', reason: 'Forbidden', code: 403 },
      requestReceivedTimestamp: receivedAt,
      stageTimestamp: micros(),
      annotations: { 'authorization.k8s.io/decision': 'forbid', 'authorization.k8s.io/reason': '' },
    };
  }
}

/** A client of this cluster that another authority vouches for. */
export async function strangersCertificate(cluster: string): Promise<KeyAndCertificate> {
  return await issueClusterCertificate(await createAuthority({ nowMs: Date.now() }), cluster, { nowMs: Date.now() });
}

function micros(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
