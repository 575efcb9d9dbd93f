import { createPrivateKey, X509Certificate } from 'node:crypto';
import { BlockList, isIPv6 } from 'node:net';
import { parseCertificates, parseRevocations, type Revocations } from '@k8s-audit/certs';
import { type CertificateMarks, parseRevokedList, parseTokenFile, type RevokedList, TokenFile } from '@k8s-audit/client-access';
import { Failure } from '@k8s-audit/failure';
import { readHostText } from '@k8s-audit/host-files';
import type { MigrationSettings, TlsSettings, TrustSettings } from './trust-configuration.ts';

/** Whom the receiver believes, as read from the files of its configuration. Replaced as a whole, never changed. */
export interface Trust {
  /** Absent with plain HTTP. */
  readonly tls?: TlsMaterial;
  readonly isRevoked: (certificate: CertificateMarks) => boolean;
  /** Present when the configuration names a token file. */
  readonly tokens?: TokenFile;
  readonly migration?: Migration;
  /** Certificates, lists and tokens that end, with what a person calls them. */
  readonly ends: readonly Ending[];
}

export interface TlsMaterial {
  readonly certificate: string;
  readonly key: string;
  readonly clientAuthority: string;
  readonly crl?: string;
}

/** Clients that may post without certificate and token, until their API servers have got one. */
export interface Migration {
  readonly cluster: string;
  readonly endsAtMs: number;
  covers(address: string): boolean;
}

export interface Ending {
  readonly kind: 'certificate' | 'authority' | 'crl' | 'token';
  /** A path, or the id of a token. */
  readonly name: string;
  readonly endsAtMs: number;
  /** Of a CRL: when it was published. One that is renewed each week is no news six days before its end. */
  readonly beganAtMs?: number;
}

const DAY_MS = 86_400_000;

/**
 * Reads every file that the configuration names and holds them against each other, so that a mistake is named here and not by a
 * client's alert.
 *
 * @throws {Failure} of the files, `TLS_UNUSABLE`, `CERT_REVOCATION_UNREADABLE`, `REVOKED_LIST_INVALID`, `TOKEN_FILE_INVALID`
 */
export async function readTrust({ tls, tokens, migration }: TrustSettings, nowMs: number): Promise<Trust> {
  const material = tls === undefined ? undefined : await readTls(tls, nowMs);
  const crl = material?.crl === undefined ? undefined : await parseRevocations(material.crl, material.clientAuthority, nowMs);
  const revoked = tls?.revoked === undefined ? undefined : parseRevokedList(await readHostText(tls.revoked));
  const tokenFile = tokens === undefined ? undefined : new TokenFile(parseTokenFile(await readHostText(tokens)));
  return {
    isRevoked: revocationsOf(crl, revoked),
    ends: endsOf(tls, material, crl, tokenFile),
    ...(material === undefined ? {} : { tls: material }),
    ...(tokenFile === undefined ? {} : { tokens: tokenFile }),
    ...(migration === undefined ? {} : { migration: migrationOf(migration) }),
  };
}

async function readTls(files: TlsSettings, nowMs: number): Promise<TlsMaterial> {
  const read = (file: string): Promise<string> => readHostText(file);
  const material = {
    certificate: await read(files.certificate),
    key: await read(files.key),
    clientAuthority: await read(files.clientAuthority),
    ...(files.crl === undefined ? {} : { crl: await read(files.crl) }),
  };
  const reason = whyUnusable(material, nowMs);
  if (reason !== undefined)
    throw new Failure('TLS_UNUSABLE', reason, { hint: `look at the files with: k8s-audit certs show ${files.certificate}` });
  return material;
}

function whyUnusable({ certificate, key, clientAuthority }: TlsMaterial, nowMs: number): string | undefined {
  try {
    const own = new X509Certificate(certificate);
    if (!own.checkPrivateKey(createPrivateKey(key))) return 'tls.key is not the key of tls.certificate';
    if (nowMs > own.validToDate.getTime()) return `tls.certificate ended on ${own.validTo}`;
    if (parseCertificates(clientAuthority).some(({ ca }) => !ca))
      return 'tls.clientAuthority is no authority: it may not sign certificates';
    return undefined;
  } catch (error) {
    return `tls: ${(error as Error).message}`;
  }
}

/** OpenSSL looks at the CRL in each handshake; here it is looked at again for connections that were open when it came. */
function revocationsOf(crl: Revocations | undefined, list: RevokedList | undefined): Trust['isRevoked'] {
  const serials = new Set(crl?.serials);
  return (certificate) => serials.has(certificate.serial.toLowerCase().replace(/^0+/, '')) || list?.has(certificate) === true;
}

function migrationOf({ addresses, cluster, until }: MigrationSettings): Migration {
  const list = new BlockList();
  for (const entry of addresses) {
    const [address = '', prefix] = entry.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return {
    cluster,
    // The day that is named is the last of it.
    endsAtMs: Date.parse(until) + DAY_MS,
    // An IPv4 client of a socket for both families is written ::ffff:10.0.0.7, which the list knows how to read.
    covers: (address) => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'),
  };
}

function endsOf(
  files: TlsSettings | undefined,
  material: TlsMaterial | undefined,
  crl: Revocations | undefined,
  tokens: TokenFile | undefined,
): readonly Ending[] {
  const endOf = (pem: string): number => Math.min(...parseCertificates(pem).map(({ validToDate }) => validToDate.getTime()));
  return [
    ...(files === undefined || material === undefined
      ? []
      : [
          { kind: 'certificate' as const, name: files.certificate, endsAtMs: endOf(material.certificate) },
          { kind: 'authority' as const, name: files.clientAuthority, endsAtMs: endOf(material.clientAuthority) },
          ...(crl === undefined
            ? []
            : [{ kind: 'crl' as const, name: files.crl ?? '', endsAtMs: crl.endsAtMs, beganAtMs: crl.publishedAtMs }]),
        ]),
    ...(tokens?.entries ?? []).flatMap(({ id, endsAt }) =>
      endsAt === undefined ? [] : [{ kind: 'token' as const, name: id, endsAtMs: Date.parse(endsAt) }],
    ),
  ];
}
