import { createHash } from 'node:crypto';
import { parseClusterName } from '@k8s-audit/certs';
import type { TokenEntry } from './token-entry.ts';

export interface IssuedToken {
  /** What the API server sends behind `Authorization: Bearer`. It is shown once and kept nowhere. */
  readonly token: string;
  /** What the receiver's token file keeps of it. */
  readonly entry: TokenEntry;
}

export interface TokenOptions {
  readonly nowMs: number;
  /** Absent: until it is revoked. */
  readonly days?: number;
  /** `randomBytes` of node:crypto. */
  readonly randomBytes: (count: number) => Uint8Array;
}

const PREFIX = 'k8s-audit';
const ID_BYTES = 6;
/** 256 bits: nobody guesses it, so a plain SHA-256 of it is safe at rest and costs a request next to nothing. */
const SECRET_BYTES = 32;
const TOKEN = /^k8s-audit\.([0-9a-f]{12})\.[A-Za-z0-9_-]{43}$/;
const DAY_MS = 86_400_000;

/**
 * A bearer token for one cluster: `k8s-audit.ID.SECRET`. The id is no secret: it finds the entry and names it in lists and logs.
 *
 * @throws {Failure} CLUSTER_NAME_INVALID
 */
export function createToken(cluster: string, { nowMs, days, randomBytes }: TokenOptions): IssuedToken {
  const id = Buffer.from(randomBytes(ID_BYTES)).toString('hex');
  const token = `${PREFIX}.${id}.${Buffer.from(randomBytes(SECRET_BYTES)).toString('base64url')}`;
  return {
    token,
    entry: {
      id,
      cluster: parseClusterName(cluster),
      sha256: hashToken(token),
      createdAt: atSecond(nowMs),
      ...(days === undefined ? {} : { endsAt: atSecond(nowMs + days * DAY_MS) }),
    },
  };
}

/** The id inside a token, undefined for what cannot be one. */
export function tokenId(token: string): string | undefined {
  return TOKEN.exec(token)?.[1];
}

/** Hexadecimal. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function atSecond(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
