import { X509Certificate } from 'node:crypto';
import { Failure } from '@k8s-audit/failure';
import { beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, type IssueOptions, issueClusterCertificate, issueServerCertificate, type KeyAndCertificate } from './issue.ts';

const nowMs = Date.UTC(2026, 10, 24, 12, 30, 15, 999);
const DAY_MS = 86_400_000;
const KINDS = [
  { kind: 'ecdsa', options: { nowMs } },
  { kind: 'rsa', options: { nowMs, algorithm: 'rsa-2048' } },
  { kind: 'guide', options: { nowMs, guideCompatible: true } },
] as const satisfies readonly { kind: string; options: IssueOptions }[];

describe.each(KINDS)('$kind', ({ kind, options }) => {
  let authority: KeyAndCertificate;
  let server: X509Certificate;
  let client: X509Certificate;
  beforeAll(async () => {
    authority = await createAuthority(options);
    server = new X509Certificate(
      (await issueServerCertificate(authority, ['10.0.0.7', 'fd00::7', 'audit.example.com'], options)).certificatePem,
    );
    client = new X509Certificate((await issueClusterCertificate(authority, 'prod-eu', options)).certificatePem);
  });

  it('signs both leaves with the authority', () => {
    const issuer = new X509Certificate(authority.certificatePem);
    for (const leaf of [server, client]) expect(leaf.checkIssued(issuer) && leaf.verify(issuer.publicKey)).toBe(true);
  });

  it('holds the server’s names and addresses, IPv6 included, and nothing else', () => {
    expect(server.checkIP('10.0.0.7')).toBe('10.0.0.7');
    expect(server.checkIP('fd00:0:0::7')).toBeTruthy();
    expect(server.checkHost('audit.example.com')).toBe('audit.example.com');
    expect(server.checkHost('example.com')).toBeUndefined();
    expect(server.checkIP('10.0.0.8')).toBeUndefined();
  });

  it('says for what each may be used', () => {
    expect(new X509Certificate(authority.certificatePem).ca).toBe(true);
    expect([server.ca, client.ca]).toEqual([false, false]);
    expect(client.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(server.keyUsage).toEqual(kind === 'guide' ? undefined : ['1.3.6.1.5.5.7.3.1']);
  });

  it('begins an hour early, ends after a year, and the authority after ten', () => {
    const seconds = Math.floor(nowMs / 1_000) * 1_000;
    expect(server.validFromDate.getTime()).toBe(seconds - 3_600_000);
    expect(server.validToDate.getTime()).toBe(seconds + 365 * DAY_MS);
    expect(new X509Certificate(authority.certificatePem).validToDate.getTime()).toBe(seconds + 3_650 * DAY_MS);
  });

  it('never lets a leaf outlive its authority', async () => {
    const short = await createAuthority({ ...options, days: 10 });
    const leaf = await issueClusterCertificate(short, 'a', { ...options, days: 5_000 });

    expect(new X509Certificate(leaf.certificatePem).validTo).toBe(new X509Certificate(short.certificatePem).validTo);
  });
});

it('carries the guide’s subject', async () => {
  const options = { nowMs, guideCompatible: true };
  const server = await issueServerCertificate(await createAuthority(options), ['192.168.1.5'], options);

  expect(new X509Certificate(server.certificatePem).subject.split('\n')).toEqual([
    'C=US',
    'ST=California',
    'L=San Jose',
    'O=Wazuh',
    'OU=Research and development',
    'emailAddress=info@wazuh.com',
    'CN=192.168.1.5',
  ]);
});

it('gives every certificate its own positive serial number of 16 bytes', async () => {
  const authority = await createAuthority({ nowMs });
  const leaves = await Promise.all(Array.from({ length: 40 }, (_, index) => issueClusterCertificate(authority, `c${index}`, { nowMs })));
  const serials = leaves.map(({ certificatePem }) => new X509Certificate(certificatePem).serialNumber);

  expect(new Set(serials).size).toBe(40);
  for (const serial of serials) expect(serial).toMatch(/^[0-7][0-9A-F]{31}$/);
});

it('names a host once, however often it is given', async () => {
  const server = await issueServerCertificate(await createAuthority({ nowMs }), ['::1', '[0:0::1]', 'A.example', 'a.example.'], { nowMs });

  expect(new X509Certificate(server.certificatePem).subjectAltName).toBe('IP Address:0:0:0:0:0:0:0:1, DNS:a.example');
});

it('signs across algorithms: an elliptic key under an RSA authority and the other way round', async () => {
  for (const [own, other] of [
    ['rsa-2048', 'ecdsa-p256'],
    ['ecdsa-p256', 'rsa-2048'],
  ] as const) {
    const authority = await createAuthority({ nowMs, algorithm: own });
    const leaf = new X509Certificate((await issueClusterCertificate(authority, 'a', { nowMs, algorithm: other })).certificatePem);
    const issuer = new X509Certificate(authority.certificatePem);
    expect(leaf.checkIssued(issuer) && leaf.verify(issuer.publicKey)).toBe(true);
  }
});

describe('an authority that cannot sign', () => {
  it('has ended', async () => {
    const authority = await createAuthority({ nowMs, days: 1 });
    await refused(() => issueClusterCertificate(authority, 'a', { nowMs: nowMs + 2 * DAY_MS }), /ended on 2026-11-25/);
  });

  it('is a leaf', async () => {
    const leaf = await issueClusterCertificate(await createAuthority({ nowMs }), 'a', { nowMs });
    await refused(() => issueClusterCertificate(leaf, 'b', { nowMs }), /not an authority/);
  });

  it('has another’s key', async () => {
    const [one, other] = [await createAuthority({ nowMs }), await createAuthority({ nowMs })];
    await refused(() => issueServerCertificate({ ...one, privateKeyPem: other.privateKeyPem }, ['a'], { nowMs }), /does not belong/);
  });

  async function refused(work: () => Promise<unknown>, message: RegExp): Promise<void> {
    const error = await work().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ code: 'CERT_AUTHORITY_UNUSABLE', message: expect.stringMatching(message) });
  }
});

it.each(['', 'Prod', '-a', 'a/b', 'a b', 'x'.repeat(64), 'a\n'])('refuses the cluster name %j', async (name) => {
  const authority = await createAuthority({ nowMs });
  await expect(issueClusterCertificate(authority, name, { nowMs })).rejects.toMatchObject({ code: 'CLUSTER_NAME_INVALID' });
});

it('refuses a server certificate without a name', async () => {
  const authority = await createAuthority({ nowMs });
  await expect(issueServerCertificate(authority, [], { nowMs })).rejects.toMatchObject({ code: 'HOST_INVALID' });
});
