import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { type Leaf, parseHostName } from '@k8s-audit/certs';

/** What was found at an address that API servers dial. */
export type Served =
  | { readonly kind: 'certificate' /** `AB:CD:…`, SHA-256. */; readonly fingerprint: string; readonly chainProblem?: string }
  | { readonly kind: 'unreachable'; readonly reason: string };

const DIAL_WITHIN_MS = 10_000;

/**
 * Dials as an API server does, through whatever lies between (NAT, a virtual address, a load balancer), and looks at the certificate that comes back.
 * With a cluster's own files the receiver sees a client that it knows; without, a handshake that it refuses and notes.
 */
export function dialReceiver(host: string, port: number, client: Leaf | undefined, trustPem: string): Promise<Served> {
  const { kind, value } = parseHostName(host);
  return new Promise((resolve) => {
    const socket = connect({
      host: value,
      port,
      // As Go does: no server name for an address.
      ...(kind === 'dns' ? { servername: value } : {}),
      ca: trustPem,
      ...(client === undefined ? {} : { cert: client.certificatePem, key: client.privateKeyPem }),
      // What is wrong is reported, each thing by itself.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      ALPNProtocols: ['http/1.1'],
    });
    const end = (served: Served): void => {
      socket.destroy();
      resolve(served);
    };
    socket.setTimeout(DIAL_WITHIN_MS, () => end({ kind: 'unreachable', reason: `no answer within ${DIAL_WITHIN_MS / 1_000} s` }));
    socket.once('error', (error: NodeJS.ErrnoException) => end({ kind: 'unreachable', reason: error.code ?? error.message }));
    socket.once('secureConnect', () => {
      const chainProblem: unknown = socket.authorized ? undefined : socket.authorizationError;
      end({
        kind: 'certificate',
        fingerprint: socket.getPeerCertificate().fingerprint256,
        ...(chainProblem === undefined ? {} : { chainProblem: String(chainProblem) }),
      });
    });
  });
}

/**
 * The address of this machine from which it would reach `host`, by the routing table: of several interfaces the one on the way. Nothing is sent.
 * Undefined: there is no way, or no such name.
 */
export async function addressTowards(host: string): Promise<string | undefined> {
  const { value } = parseHostName(host);
  try {
    const { address, family } = await lookup(value);
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    try {
      socket.connect(9, address);
      await once(socket, 'connect');
      return socket.address().address;
    } finally {
      socket.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined; // ENETUNREACH, ENOTFOUND
  }
}
