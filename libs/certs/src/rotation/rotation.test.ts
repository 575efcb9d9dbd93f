import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, issueClusterCertificate, issueServerCertificate } from '../issue.ts';
import { alternativeNamesOf } from '../subject-alternative-names.ts';
import { type AuthorityStep, changeAuthority } from './authority-change.ts';
import { type CertificateSet, certificateOf, type Leaf, phaseOf, signerOf } from './certificate-set.ts';
import { renewLeaves } from './renew-leaves.ts';

const nowMs = Date.now();
const DAY_MS = 86_400_000;
const HOSTS = ['127.0.0.1', 'audit.example.com'];
const createSet = async (
  options: { readonly algorithm?: 'rsa-2048'; readonly guideCompatible?: boolean } = {},
): Promise<CertificateSet> => {
  const issue = { nowMs, ...options };
  const authority = await createAuthority(issue);
  const trustPem = authority.certificatePem;
  return {
    authority,
    receiver: { ...(await issueServerCertificate(authority, HOSTS, issue)), trustPem },
    clusters: new Map([
      ['prod-eu', { ...(await issueClusterCertificate(authority, 'prod-eu', issue)), trustPem }],
      ['prod-us', { ...(await issueClusterCertificate(authority, 'prod-us', issue)), trustPem }],
    ]),
  };
};
const receiverOf = (set: CertificateSet): Leaf => set.receiver as Leaf;
const clusterOf = (set: CertificateSet, name = 'prod-eu'): Leaf => set.clusters.get(name) as Leaf;

/** A client with these files meets a receiver with those: mutual TLS over a real socket, both checking the other. */
const meet = async (receiver: Leaf, cluster: Leaf): Promise<'ok' | string> => {
  const server = createServer({
    cert: receiver.certificatePem,
    key: receiver.privateKeyPem,
    ca: receiver.trustPem,
    requestCert: true,
    rejectUnauthorized: true,
  });
  server.on('secureConnection', (socket: TLSSocket) => socket.end('hello'));
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    ca: cluster.trustPem,
    cert: cluster.certificatePem,
    key: cluster.privateKeyPem,
  });
  try {
    return await new Promise((resolve) => {
      client.once('data', () => resolve('ok'));
      client.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      client.once('close', () => resolve('closed'));
    });
  } finally {
    client.destroy();
    server.close();
  }
};

let steady: CertificateSet;
beforeAll(async () => {
  steady = await createSet();
});

describe('a renewal', () => {
  it('gives new keys under the same names, which old and new holders take', async () => {
    const renewed = await renewLeaves(steady, { nowMs: nowMs + 60_000 });

    expect(alternativeNamesOf(certificateOf(receiverOf(renewed)).subjectAltName).map(({ value }) => value)).toEqual(HOSTS);
    for (const [before, after] of [
      [receiverOf(steady), receiverOf(renewed)],
      [clusterOf(steady), clusterOf(renewed)],
    ] as const) {
      expect(after.privateKeyPem).not.toBe(before.privateKeyPem);
      expect(certificateOf(after).validToDate.getTime()).toBeGreaterThan(certificateOf(before).validToDate.getTime());
    }
    for (const receiver of [steady, renewed])
      for (const cluster of [steady, renewed]) expect(await meet(receiverOf(receiver), clusterOf(cluster))).toBe('ok');
  });

  it('is of those named, and leaves the others alone', async () => {
    const renewed = await renewLeaves(steady, { nowMs, only: { receiver: false, clusters: ['prod-us'] } });

    expect(renewed.receiver).toEqual(steady.receiver);
    expect(clusterOf(renewed)).toEqual(clusterOf(steady));
    expect(clusterOf(renewed, 'prod-us').certificatePem).not.toBe(clusterOf(steady, 'prod-us').certificatePem);
    await expect(renewLeaves(steady, { nowMs, only: { receiver: false, clusters: ['prod'] } })).rejects.toMatchObject({
      code: 'CERT_NOT_FOUND',
    });
  });

  it('is of what is due: it ends soon, or was cut short between key and certificate', async () => {
    expect(await renewLeaves(steady, { nowMs, endingWithinDays: 30 })).toEqual(steady);

    const late = await renewLeaves(steady, { nowMs: nowMs + 340 * DAY_MS, endingWithinDays: 30 });
    expect(clusterOf(late).certificatePem).not.toBe(clusterOf(steady).certificatePem);

    const torn = { ...steady, receiver: { ...receiverOf(steady), privateKeyPem: clusterOf(steady).privateKeyPem } };
    const mended = await renewLeaves(torn, { nowMs, endingWithinDays: 30 });
    expect(await meet(receiverOf(mended), clusterOf(steady))).toBe('ok');
    expect(clusterOf(mended)).toEqual(clusterOf(steady));
  });

  it('adds and drops names of the receiver', async () => {
    const renewed = await renewLeaves(steady, { nowMs, addHosts: ['fd00::7'], dropHosts: ['audit.example.com'] });

    expect(alternativeNamesOf(certificateOf(receiverOf(renewed)).subjectAltName).map(({ value }) => value)).toEqual([
      '127.0.0.1',
      'fd00::7',
    ]);
  });

  it.each([{ algorithm: 'rsa-2048' as const }, { guideCompatible: true }])('keeps the kind of key and subject: %j', async (options) => {
    const set = await createSet(options);
    const renewed = await changeAuthority(await changeAuthority(set, 'begin', { nowMs }), 'switch', { nowMs });

    expect(certificateOf(receiverOf(renewed)).publicKey.asymmetricKeyType).toBe('rsa');
    expect(certificateOf(receiverOf(renewed)).subject).toBe(certificateOf(receiverOf(set)).subject);
    expect(new X509Certificate(renewed.next?.certificatePem ?? '').publicKey.asymmetricKeyType).toBe('rsa');
  });
});

describe('a change of the authority', () => {
  it('lets everybody meet everybody, whoever is a step behind', async () => {
    const begun = await changeAuthority(steady, 'begin', { nowMs });
    const switched = await changeAuthority(begun, 'switch', { nowMs });
    const finished = await changeAuthority(switched, 'finish', { nowMs });
    const steps = [steady, begun, switched, finished];

    expect(steps.map(phaseOf)).toEqual(['steady', 'overlap', 'switched', 'steady']);
    for (let step = 0; step < steps.length; step++)
      for (const other of [step - 1, step, step + 1].filter((each) => each >= 0 && each < steps.length))
        expect([step, other, await meet(receiverOf(steps[step] as CertificateSet), clusterOf(steps[other] as CertificateSet))]).toEqual([
          step,
          other,
          'ok',
        ]);
    expect(finished.authority).toEqual(begun.next);
    expect(finished.next).toBeUndefined();
  });

  it('cuts off who is two steps behind: why no step may be taken before the last has arrived', async () => {
    const switched = await changeAuthority(await changeAuthority(steady, 'begin', { nowMs }), 'switch', { nowMs });

    expect(await meet(receiverOf(switched), clusterOf(steady))).not.toBe('ok');
  });

  it('signs by the old one until the switch, by the new one after it', async () => {
    const begun = await changeAuthority(steady, 'begin', { nowMs });
    const switched = await changeAuthority(begun, 'switch', { nowMs });

    expect([signerOf(steady), signerOf(begun), signerOf(switched)]).toEqual([steady.authority, steady.authority, begun.next]);
  });

  it('goes back before the switch, to the bytes from before', async () => {
    const begun = await changeAuthority(steady, 'begin', { nowMs });

    expect(await changeAuthority(begun, 'abandon', { nowMs })).toEqual(steady);
  });

  it('ends with a second try what the first left half done', async () => {
    const begun = await changeAuthority(steady, 'begin', { nowMs });
    expect(await changeAuthority(begun, 'begin', { nowMs: nowMs + 1 })).toEqual(begun);

    const switched = await changeAuthority(begun, 'switch', { nowMs });
    const half = { ...begun, receiver: receiverOf(switched) };
    const again = await changeAuthority(half, 'switch', { nowMs });
    expect(phaseOf(half)).toBe('switched');
    expect(again.receiver).toEqual(switched.receiver);
    expect(await meet(receiverOf(again), clusterOf(again))).toBe('ok');

    // The new authority is in its place, and its old place is not yet empty.
    const finished = await changeAuthority({ ...switched, authority: switched.next ?? switched.authority }, 'finish', { nowMs });
    expect(finished).toEqual(await changeAuthority(switched, 'finish', { nowMs }));
  });

  it.each([
    ['steady', 'switch'],
    ['steady', 'finish'],
    ['steady', 'abandon'],
    ['overlap', 'finish'],
    ['switched', 'abandon'],
    ['switched', 'begin'],
  ] satisfies [string, AuthorityStep][])('in phase %s refuses to %s', async (phase, step) => {
    const begun = await changeAuthority(steady, 'begin', { nowMs });
    const set = phase === 'steady' ? steady : phase === 'overlap' ? begun : await changeAuthority(begun, 'switch', { nowMs });

    await expect(changeAuthority(set, step, { nowMs })).rejects.toMatchObject({ code: 'AUTHORITY_STEP_REFUSED' });
  });
});
