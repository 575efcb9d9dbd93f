/**
 * The receiver's token file: one token a line, never the token itself.
 *
 *   ID CLUSTER sha256:HASH CREATED ENDS
 *   0f3c9a5b7d21 prod-eu sha256:9b74…c2 2026-11-26T08:00:00Z never
 *
 * Empty lines and what begins with `#` are kept for people. A line that is anything else is refused, not skipped: a
 * revocation that was mistyped must not pass for done.
 */
import { timingSafeEqual } from 'node:crypto';
import { Failure } from '@k8s-audit/failure';
import { isClusterName } from '@k8s-audit/wazuh-message';
import { hashToken, tokenId } from './token.ts';
import type { TokenEntry } from './token-entry.ts';

const HEADER =
  '# Tokens of k8s-audit, by their SHA-256: k8s-audit tokens create | list | revoke. The receiver reads it again when it changes.';
const NEVER = 'never';
const LINE =
  /^(?<id>[0-9a-f]{12}) (?<cluster>\S+) sha256:(?<sha256>[0-9a-f]{64}) (?<createdAt>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) (?<endsAt>never|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/;

/** @throws {Failure} TOKEN_FILE_INVALID with the number of the line, never its text: a token may have been pasted there */
export function parseTokenFile(text: string): readonly TokenEntry[] {
  const seen = new Set<string>();
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return [];
    const entry = parseLine(line);
    const reason = entry === undefined ? 'is no entry' : seen.has(entry.id) ? `repeats the token ${entry.id}` : undefined;
    if (entry === undefined || reason !== undefined)
      throw new Failure('TOKEN_FILE_INVALID', `Line ${index + 1} of the token file ${reason}.`, {
        hint: 'An entry is: ID CLUSTER sha256:HASH CREATED ENDS, as k8s-audit tokens create writes it.',
      });
    seen.add(entry.id);
    return [entry];
  });
}

export function renderTokenFile(entries: readonly TokenEntry[]): string {
  const lines = entries.map(
    ({ id, cluster, sha256, createdAt, endsAt = NEVER }) => `${id} ${cluster} sha256:${sha256} ${createdAt} ${endsAt}\n`,
  );
  return `${HEADER}\n${lines.join('')}`;
}

export function isEnded({ endsAt }: TokenEntry, nowMs: number): boolean {
  return endsAt !== undefined && Date.parse(endsAt) <= nowMs;
}

/** The file as the receiver asks it. */
export class TokenFile {
  readonly entries: readonly TokenEntry[];
  readonly #byId: ReadonlyMap<string, TokenEntry>;

  constructor(entries: readonly TokenEntry[]) {
    this.entries = entries;
    this.#byId = new Map(entries.map((entry) => [entry.id, entry]));
  }

  /**
   * Whose token it is. The comparison takes the same time wherever two hashes begin to differ, and an unknown id is compared
   * too: how long an answer took says nothing about a token.
   */
  find(token: string, nowMs: number): TokenEntry | undefined {
    const entry = this.#byId.get(tokenId(token) ?? '');
    const isSame = timingSafeEqual(Buffer.from(hashToken(token), 'hex'), Buffer.from(entry?.sha256 ?? NO_HASH, 'hex'));
    return entry !== undefined && isSame && !isEnded(entry, nowMs) ? entry : undefined;
  }
}

const NO_HASH = '0'.repeat(64);

function parseLine(line: string): TokenEntry | undefined {
  const fields = LINE.exec(line)?.groups as Record<'id' | 'cluster' | 'sha256' | 'createdAt' | 'endsAt', string> | undefined;
  if (fields === undefined || !isClusterName(fields.cluster)) return undefined;
  const { endsAt, ...entry } = fields;
  return { ...entry, ...(endsAt === NEVER ? {} : { endsAt }) };
}
