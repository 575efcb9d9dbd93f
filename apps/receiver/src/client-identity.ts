import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { type Identity, identityOf } from '@k8s-audit/certs';
import type { CertificateMarks } from '@k8s-audit/client-access';
import type { Trust } from './trust.ts';

/** Who a client has shown to be, and by what: never by what it says of itself. */
export type ClientIdentity =
  | { readonly kind: 'cluster'; readonly cluster: string; readonly by: 'certificate' | 'token' | 'migration'; readonly endsAtMs?: number }
  | { readonly kind: 'refused'; readonly status: 401 | 403; readonly code: string; readonly message: string };

interface ShownCertificate extends CertificateMarks {
  readonly identity: Identity;
  readonly endsAtMs: number;
}

/** A connection carries many requests and one certificate: it is read once. */
const shown = new WeakMap<TLSSocket, ShownCertificate | 'none'>();

/**
 * The cluster that a request is of. A certificate decides where there is one (TLS has verified its chain), then a bearer token, then
 * the address as long as a migration lasts.
 */
export function identifyClient(
  { socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>,
  trust: Trust,
  nowMs: number,
): ClientIdentity {
  const certificate = socket instanceof TLSSocket ? certificateOf(socket) : 'none';
  if (certificate !== 'none') return byCertificate(certificate, trust, nowMs);
  if (headers.authorization !== undefined && trust.tokens !== undefined) return byToken(headers.authorization, trust, nowMs);
  const { migration } = trust;
  if (migration?.covers(socket.remoteAddress ?? '') === true) {
    if (nowMs < migration.endsAtMs) return { kind: 'cluster', cluster: migration.cluster, by: 'migration' };
    return refused(401, 'migration-over', 'the migration has ended: this client needs a certificate or a token');
  }
  return refused(401, 'no-credentials', 'no client certificate, and no bearer token that could take its place');
}

/** As soon as the handshake is done, before any request. Undefined when the connection says nothing yet. */
export function identifyConnection(socket: TLSSocket, trust: Trust, nowMs: number): ClientIdentity | undefined {
  const certificate = certificateOf(socket);
  return certificate === 'none' ? undefined : byCertificate(certificate, trust, nowMs);
}

function byCertificate(certificate: ShownCertificate, trust: Trust, nowMs: number): ClientIdentity {
  const { identity, endsAtMs } = certificate;
  // A connection outlives the list and the day that it was let in under: both are asked at each request.
  if (trust.isRevoked(certificate)) return refused(403, 'certificate-revoked', `the client certificate ${certificate.serial} is revoked`);
  if (nowMs > endsAtMs) return refused(403, 'certificate-ended', `the client certificate ${certificate.serial} has ended`);
  if (identity.kind === 'refused') return refused(403, identity.reason, `the client certificate names no cluster (${identity.reason})`);
  return { kind: 'cluster', cluster: identity.cluster, by: 'certificate', endsAtMs };
}

function byToken(authorization: string, { tokens }: Trust, nowMs: number): ClientIdentity {
  const token = /^bearer +(\S+)$/i.exec(authorization)?.[1];
  const entry = token === undefined ? undefined : tokens?.find(token, nowMs);
  if (entry === undefined) return refused(401, 'token-unknown', 'the bearer token is unknown, revoked or has ended');
  return { kind: 'cluster', cluster: entry.cluster, by: 'token' };
}

function certificateOf(socket: TLSSocket): ShownCertificate | 'none' {
  let certificate = shown.get(socket);
  if (certificate === undefined) {
    const peer = socket.authorized ? socket.getPeerX509Certificate() : undefined;
    certificate =
      peer === undefined
        ? 'none'
        : {
            identity: identityOf(peer),
            serial: peer.serialNumber,
            fingerprint: peer.fingerprint256,
            endsAtMs: peer.validToDate.getTime(),
          };
    shown.set(socket, certificate);
  }
  return certificate;
}

function refused(status: 401 | 403, code: string, message: string): ClientIdentity {
  return { kind: 'refused', status, code, message };
}
