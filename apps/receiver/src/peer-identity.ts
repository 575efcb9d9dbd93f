import type { TLSSocket } from 'node:tls';
import { type Identity, identityOf } from '@k8s-audit/certs';

/** A connection carries many requests and one certificate: it is read once. */
const known = new WeakMap<TLSSocket, Identity>();

/** The cluster that the connection's client certificate stands for. TLS has verified the chain before a request arrives. */
export function peerIdentity(socket: TLSSocket): Identity {
  let identity = known.get(socket);
  if (identity === undefined) {
    const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined;
    identity = certificate === undefined ? { kind: 'refused', reason: 'no-cluster-uri' } : identityOf(certificate);
    known.set(socket, identity);
  }
  return identity;
}
