import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseRevocations } from './index.ts';
import { createAuthority, issueClusterCertificate, type KeyAndCertificate } from './issue.ts';
import { publishCrl } from './testing/revocation-list.ts';

const nowMs = Date.UTC(2026, 10, 26);
const HOUR_MS = 3_600_000;
const inForce = { thisUpdateMs: nowMs - HOUR_MS, nextUpdateMs: nowMs + HOUR_MS };
let authority: KeyAndCertificate;
let stranger: KeyAndCertificate;
let serial: string;
beforeAll(async () => {
  authority = await createAuthority({ nowMs });
  // The same subject, another key.
  stranger = await createAuthority({ nowMs });
  serial = new X509Certificate((await issueClusterCertificate(authority, 'prod-eu', { nowMs })).certificatePem).serialNumber;
});

it('reads the serial numbers, and when the list runs out', async () => {
  const pem = await publishCrl(authority, [serial, '0a01'], inForce);

  expect(await parseRevocations(pem, authority.certificatePem, nowMs)).toEqual({
    serials: [serial.toLowerCase().replace(/^0+/, ''), 'a01'],
    endsAtMs: nowMs + HOUR_MS,
    publishedAtMs: nowMs - HOUR_MS,
  });
});

describe('refuses', () => {
  it.each([
    ['a list that ran out', async () => publishCrl(authority, [serial], { ...inForce, nextUpdateMs: nowMs - 1 }), /ran out on 2026/],
    ['a list that another authority of the same name signed', async () => publishCrl(stranger, [serial], inForce), /not signed by/],
    ['an empty file', async () => '', /no PEM revocation list/],
    ['a certificate', async () => authority.certificatePem, /no PEM revocation list/],
    [
      'half a list',
      async () => (await publishCrl(authority, [serial], inForce)).replace(/\n.{40}/, '\n'),
      /cannot be parsed|not signed by/,
    ],
  ])('%s', async (_, make, message) => {
    await expect(parseRevocations(await make(), authority.certificatePem, nowMs)).rejects.toMatchObject({
      code: 'CERT_REVOCATION_UNREADABLE',
      message: expect.stringMatching(message),
    });
  });

  it('a file that leaves one of two authorities out: all of its clients would be refused', async () => {
    const other = await createAuthority({ nowMs: nowMs - 48 * HOUR_MS });
    const pem = await publishCrl(authority, [], inForce);

    await expect(parseRevocations(pem, `${authority.certificatePem}${other.certificatePem}`, nowMs)).rejects.toMatchObject({
      message: expect.stringContaining('CA 2026-11-24 has no list'),
    });
  });
});
