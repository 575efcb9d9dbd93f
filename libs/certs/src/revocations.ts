import 'reflect-metadata'; // As in sign-ecdsa.ts.
import { webcrypto } from 'node:crypto';
import { Failure } from '@k8s-audit/failure';
import * as x509 from '@peculiar/x509';

/** What a file of certificate revocation lists (CRLs) says. */
export interface Revocations {
  /** Serial numbers in hexadecimal, lower case, without leading zeros. */
  readonly serials: readonly string[];
  /** When the first of the lists runs out: from then on OpenSSL refuses every client of its authority. */
  readonly endsAtMs: number;
  readonly publishedAtMs: number;
}

const PEM_CRL = /-----BEGIN X509 CRL-----[^-]+-----END X509 CRL-----/g;

/**
 * Reads PEM CRLs and holds them against the authorities: each must be signed by one of them and still be in force, and each
 * authority must have one, because OpenSSL, once it is given a CRL, refuses every client whose authority has none.
 *
 * @throws {Failure} CERT_REVOCATION_UNREADABLE
 */
export async function parseRevocations(pem: string, authorityPem: string, nowMs: number): Promise<Revocations> {
  const lists = readLists(pem);
  const authorities = (authorityPem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (each) => new x509.X509Certificate(each),
  );
  for (const list of lists) {
    const issuers = authorities.filter(({ subject }) => subject === list.issuer);
    const verified = await Promise.all(issuers.map((issuer) => list.verify({ publicKey: issuer }, webcrypto).catch(() => false)));
    if (!verified.includes(true)) throw unreadable(`The list of ${list.issuer} is not signed by an authority of the clients`);
    if (list.nextUpdate === undefined) throw unreadable(`The list of ${list.issuer} does not say when the next one comes`);
    if (list.nextUpdate.getTime() <= nowMs) throw unreadable(`The list of ${list.issuer} ran out on ${list.nextUpdate.toISOString()}`);
  }
  const bare = authorities.find(({ subject }) => !lists.some(({ issuer }) => issuer === subject));
  if (bare !== undefined) throw unreadable(`The authority ${bare.subject} has no list, so all of its clients would be refused`);
  return {
    serials: lists.flatMap(({ entries }) => entries.map(({ serialNumber }) => serialNumber.toLowerCase().replace(/^0+/, ''))),
    endsAtMs: Math.min(...lists.map(({ nextUpdate }) => nextUpdate?.getTime() ?? 0)),
    publishedAtMs: Math.min(...lists.map(({ thisUpdate }) => thisUpdate.getTime())),
  };
}

function readLists(pem: string): readonly x509.X509Crl[] {
  const blocks = pem.match(PEM_CRL) ?? [];
  if (blocks.length === 0) throw unreadable('There is no PEM revocation list in it');
  try {
    return blocks.map((block) => new x509.X509Crl(block));
  } catch (cause) {
    throw unreadable('It holds a revocation list that cannot be parsed', cause);
  }
}

function unreadable(what: string, cause?: unknown): Failure {
  return new Failure('CERT_REVOCATION_UNREADABLE', `${what}.`, {
    hint: 'Publish a new list: openssl ca -gencrl, as PEM. For a list without an authority’s help see k8s-audit certs revoke.',
    cause,
  });
}
