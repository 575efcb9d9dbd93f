import { randomBytes } from 'node:crypto';
import { createToken, isEnded, parseTokenFile, renderTokenFile, type TokenEntry } from '@k8s-audit/client-access';
import { Failure } from '@k8s-audit/failure';
import { readHostText, requireWritable, writeFileAtomically } from '@k8s-audit/host-files';

/** Readable by the owner and the group: the receiver runs as another user than the one who makes tokens. */
const MODE = 0o640;

/** A dry run makes no token that could be shown: it would let nobody in. */
export type PlannedToken = { readonly file: string; readonly cluster: string; readonly endsAt?: string } & (
  | { readonly written: true; readonly token: string; readonly id: string }
  | { readonly written: false }
);

/** @throws {Failure} CLUSTER_NAME_INVALID, TOKEN_FILE_INVALID, of the file */
export async function addToken(
  file: string,
  cluster: string,
  { dryRun, ...options }: { readonly nowMs: number; readonly days?: number; readonly dryRun: boolean },
): Promise<PlannedToken> {
  const entries = await readEntries(file, 'may-be-missing');
  const { token, entry } = createToken(cluster, { ...options, randomBytes });
  await (dryRun ? requireWritable(file) : writeEntries(file, [...entries, entry]));
  const kept = dryRun ? { written: false as const } : { written: true as const, token, id: entry.id };
  return { file, cluster, ...kept, ...(entry.endsAt === undefined ? {} : { endsAt: entry.endsAt }) };
}

export interface ListedToken extends Omit<TokenEntry, 'sha256'> {
  readonly state: 'valid' | 'ended';
}

export async function listTokens(file: string, nowMs: number): Promise<readonly ListedToken[]> {
  const entries = await readEntries(file, 'must-exist');
  return entries.map(({ sha256: _, ...entry }) => ({ ...entry, state: isEnded({ ...entry, sha256: '' }, nowMs) ? 'ended' : 'valid' }));
}

/** @throws {Failure} TOKEN_UNKNOWN, and nothing is changed then */
export async function revokeTokens(
  file: string,
  ids: readonly string[],
  { dryRun }: { readonly dryRun: boolean },
): Promise<readonly TokenEntry[]> {
  const entries = await readEntries(file, 'must-exist');
  const unknown = ids.find((id) => !entries.some((entry) => entry.id === id));
  if (unknown !== undefined)
    throw new Failure('TOKEN_UNKNOWN', `${file} holds no token ${unknown}.`, { hint: `k8s-audit tokens list --file ${file}` });
  const rest = entries.filter(({ id }) => !ids.includes(id));
  if (!dryRun) await writeEntries(file, rest);
  return entries.filter(({ id }) => ids.includes(id));
}

async function readEntries(file: string, missing: 'may-be-missing' | 'must-exist'): Promise<readonly TokenEntry[]> {
  try {
    return parseTokenFile(await readHostText(file));
  } catch (error) {
    if (missing === 'may-be-missing' && error instanceof Failure && error.code === 'FILE_MISSING') return [];
    throw error;
  }
}

/** The mode and the owner of a file that is there stay. */
async function writeEntries(file: string, entries: readonly TokenEntry[]): Promise<void> {
  const text = renderTokenFile(entries);
  try {
    await writeFileAtomically(file, text, { mode: MODE });
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'FILE_EXISTS') throw error;
    await writeFileAtomically(file, text, { existing: 'replace' });
  }
}
