import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Identity, identityOf } from './cluster-identity.ts';
import { createAuthority, type IssueOptions, issueClusterCertificate, issueServerCertificate, type KeyAndCertificate } from './issue.ts';

const nowMs = Date.now();
const KINDS = [
  { kind: 'ecdsa', options: { nowMs } },
  { kind: 'rsa', options: { nowMs, algorithm: 'rsa-2048' } },
  { kind: 'guide', options: { nowMs, guideCompatible: true } },
] as const satisfies readonly { kind: string; options: IssueOptions }[];

describe.each(KINDS)('mutual TLS with $kind certificates', ({ options }) => {
  let ca: KeyAndCertificate;
  let server: KeyAndCertificate;
  let client: KeyAndCertificate;
  const close: (() => void)[] = [];
  beforeAll(async () => {
    ca = await createAuthority(options);
    server = await issueServerCertificate(ca, ['127.0.0.1', 'localhost'], options);
    client = await issueClusterCertificate(ca, 'prod-eu', options);
  });
  afterEach(() => {
    for (const each of close.splice(0)) each();
  });

  it('tells the receiver which cluster calls', async () => {
    expect(await handshake({ ca, client })).toEqual({ kind: 'cluster', cluster: 'prod-eu' });
  });

  it('fails without a client certificate', async () => {
    await expect(handshake({ ca })).rejects.toThrow(/certificate required|handshake failure|ECONNRESET|socket/i);
  });

  it('fails with a client certificate of another authority', async () => {
    const stranger = await issueClusterCertificate(await createAuthority(options), 'prod-eu', options);
    await expect(handshake({ ca, client: stranger })).rejects.toThrow();
  });

  it('fails when the client pins another authority', async () => {
    await expect(handshake({ ca: await createAuthority(options), client })).rejects.toThrow(/certificate/);
  });

  it('fails at an address that the certificate does not hold', async () => {
    await expect(handshake({ ca, client, servername: 'other.example' })).rejects.toThrow(/does not match/);
  });

  it.skipIf('guideCompatible' in options)('does not take the receiver’s own certificate for a client', async () => {
    await expect(handshake({ ca, client: server })).rejects.toThrow();
  });

  /** Resolves with what the server makes of the client once it has greeted it; TLS 1.3 tells a client only then that it was refused. */
  async function handshake(peer: { ca: KeyAndCertificate; client?: KeyAndCertificate; servername?: string }): Promise<Identity> {
    const listener = createServer({
      cert: server.certificatePem,
      key: server.privateKeyPem,
      ca: ca.certificatePem,
      requestCert: true,
      rejectUnauthorized: true,
    });
    listener.on('tlsClientError', () => {});
    listener.on('secureConnection', (socket: TLSSocket) => {
      const certificate = socket.getPeerX509Certificate();
      socket.on('error', () => {}).end(JSON.stringify(certificate === undefined ? null : identityOf(certificate)));
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    close.push(() => listener.close());
    const socket = connect({
      host: '127.0.0.1',
      port: (listener.address() as AddressInfo).port,
      ca: peer.ca.certificatePem,
      ...(peer.client === undefined ? {} : { cert: peer.client.certificatePem, key: peer.client.privateKeyPem }),
      ...(peer.servername === undefined ? {} : { servername: peer.servername }),
    });
    close.push(() => socket.destroy());
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    return JSON.parse(text) as Identity;
  }
});
