import { X509Certificate } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { inspectCertificate } from './inspect.ts';
import { createAuthority, issueClusterCertificate, issueServerCertificate, type KeyAndCertificate } from './issue.ts';
import { parseCertificates, parsePrivateKey } from './pem.ts';
import { signWithNames } from './testing/odd-certificate.ts';

const nowMs = Date.UTC(2026, 10, 24);
const DAY_MS = 86_400_000;
let authority: KeyAndCertificate;
let server: KeyAndCertificate;
let client: KeyAndCertificate;
beforeAll(async () => {
  authority = await createAuthority({ nowMs });
  server = await issueServerCertificate(authority, ['10.0.0.7', 'fd00:0::7', 'audit.example.com'], { nowMs });
  client = await issueClusterCertificate(authority, 'prod-eu', { nowMs });
});
const read = ({ certificatePem }: KeyAndCertificate): X509Certificate => new X509Certificate(certificatePem);
const codesAt = (certificate: X509Certificate, atMs: number): readonly string[] =>
  inspectCertificate(certificate, { nowMs: atMs }).problems.map(({ code }) => code);

it('reports everything about a server certificate', () => {
  expect(inspectCertificate(read(server), { nowMs, authorities: [read(authority)], privateKeyPem: server.privateKeyPem })).toEqual({
    role: 'server',
    subject: 'O=k8s-audit, CN=k8s-audit receiver',
    issuer: 'O=k8s-audit, CN=k8s-audit CA 2026-11-24',
    names: [
      { kind: 'ip', value: '10.0.0.7' },
      { kind: 'ip', value: 'fd00::7' },
      { kind: 'dns', value: 'audit.example.com' },
    ],
    key: 'EC P-256',
    serial: expect.stringMatching(/^[0-7][0-9a-f]{31}$/),
    fingerprint: expect.stringMatching(/^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/),
    notBefore: '2026-11-23T23:00:00.000Z',
    notAfter: '2027-11-24T00:00:00.000Z',
    daysLeft: 365,
    problems: [],
  });
});

it('knows each certificate’s part', () => {
  expect(inspectCertificate(read(authority), { nowMs })).toMatchObject({ role: 'authority', problems: [] });
  expect(inspectCertificate(read(client), { nowMs })).toMatchObject({ role: 'cluster', cluster: 'prod-eu', problems: [] });
});

it.each([
  [-1, ['not-yet-valid']],
  [0, []],
  [335, []],
  [336, ['expires-soon']],
  [365, ['expired']],
  [400, ['expired']],
])('on day %i of 365 finds %j', (day, codes) => {
  expect(codesAt(read(client), nowMs + day * DAY_MS)).toEqual(codes);
});

it('finds a key and an authority that do not belong to it', async () => {
  const stranger = await createAuthority({ nowMs });
  const report = inspectCertificate(read(client), { nowMs, authorities: [read(stranger)], privateKeyPem: server.privateKeyPem });

  expect(report.problems.map(({ code }) => code)).toEqual(['key-mismatch', 'issuer-mismatch']);
});

it('finds a key that cannot be read', () => {
  expect(inspectCertificate(read(client), { nowMs, privateKeyPem: 'hello' }).problems).toEqual([
    { severity: 'error', code: 'key-mismatch', message: 'the key beside it cannot be read' },
  ]);
});

it('accepts any one of several authorities, as during a change', async () => {
  const next = await createAuthority({ nowMs });
  expect(inspectCertificate(read(client), { nowMs, authorities: [read(next), read(authority)] }).problems).toEqual([]);
});

it('finds a server certificate that Go would refuse, and an identity that the receiver would', () => {
  expect(codesAt(signWithNames([]), nowMs)).toEqual(['no-names']);
  expect(
    codesAt(
      signWithNames([
        { kind: 'uri', value: 'k8s-audit://cluster/A' },
        { kind: 'dns', value: 'a' },
      ]),
      nowMs,
    ),
  ).toEqual(['odd-identity']);
});

it('reads a file with several certificates, and text around them', () => {
  const text = `subject=/CN=x\n${authority.certificatePem}\nnoise\n${server.certificatePem}`;
  expect(parseCertificates(text).map(({ serialNumber }) => serialNumber)).toEqual([
    read(authority).serialNumber,
    read(server).serialNumber,
  ]);
});

it.each(['', 'hello', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', '-----BEGIN CERTIFICATE-----\n'])(
  'refuses %j as a certificate',
  (text) => {
    expect(() => parseCertificates(text)).toThrow(expect.objectContaining({ code: 'CERT_UNREADABLE' }));
  },
);

it('refuses a text that is no private key', () => {
  expect(() => parsePrivateKey(server.certificatePem)).toThrow(expect.objectContaining({ code: 'KEY_UNREADABLE' }));
});
