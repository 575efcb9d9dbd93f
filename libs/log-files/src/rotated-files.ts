import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** A file that a rotation left beside the one that is followed. */
export interface RotatedFile {
  readonly file: string;
  readonly isPacked: boolean;
  readonly bytes: number;
  readonly modifiedMs: number;
  /** Changes when the file does. */
  readonly mark: string;
}

/**
 * The rotated files of a log, oldest first, by the names that rotations give:
 *
 *     audit-2026-11-26T04-38-31.123.log    kube-apiserver itself (lumberjack), `.gz` when it packs them
 *     audit.log.1, audit.log.2.gz          logrotate
 *     audit.log-20261126, audit.log-20261126-1764131911.gz   logrotate with dateext
 *
 * Anything else beside the log is somebody's own and is not read.
 */
export async function listRotated(path: string): Promise<readonly RotatedFile[]> {
  const folder = dirname(path);
  const patterns = rotationPatterns(basename(path));
  const found: { readonly order: Order; readonly rotated: RotatedFile }[] = [];
  for (const name of await readdir(folder)) {
    const order = orderOf(name, patterns);
    if (order === undefined) continue;
    const file = join(folder, name);
    const stats = await stat(file, { bigint: true }).catch(ignoreMissing);
    if (stats?.isFile() !== true) continue;
    const rotated = {
      file,
      isPacked: name.endsWith('.gz'),
      bytes: Number(stats.size),
      modifiedMs: Number(stats.mtimeMs),
      mark: `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}`,
    };
    found.push({ order, rotated });
  }
  return found.toSorted((a, b) => compare(a.order, b.order) || a.rotated.modifiedMs - b.rotated.modifiedMs).map(({ rotated }) => rotated);
}

/** `number` grows with age; `date` shrinks with it, as text, because the dates of one rotation are of one length. */
type Order = { readonly kind: 'number'; readonly number: number } | { readonly kind: 'date'; readonly date: string };

interface RotationPatterns {
  readonly date: readonly RegExp[];
  readonly number: RegExp;
}

function rotationPatterns(name: string): RotationPatterns {
  const dot = name.lastIndexOf('.');
  const [stem, extension] = dot <= 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)];
  return {
    date: [
      // lumberjack v2.2.1, lumberjack.go: backupTimeFormat = "2006-01-02T15-04-05.000"
      new RegExp(`^${literal(stem)}-(\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\d\\.\\d{3})${literal(extension)}(?:\\.gz)?$`),
      new RegExp(`^${literal(name)}[-.](\\d{8}(?:[-_.T]?\\d+)*)(?:\\.gz)?$`),
    ],
    number: new RegExp(`^${literal(name)}\\.(\\d{1,7})(?:\\.gz)?$`),
  };
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|-]/g, '\\$&');
}

function orderOf(name: string, { date, number }: RotationPatterns): Order | undefined {
  const numbered = number.exec(name)?.[1];
  if (numbered !== undefined) return { kind: 'number', number: Number(numbered) };
  for (const pattern of date) {
    const dated = pattern.exec(name)?.[1];
    if (dated !== undefined) return { kind: 'date', date: dated };
  }
  return undefined;
}

function compare(a: Order, b: Order): number {
  if (a.kind === 'number' && b.kind === 'number') return b.number - a.number;
  if (a.kind === 'date' && b.kind === 'date') return a.date < b.date ? -1 : a.date > b.date ? 1 : 0;
  return 0;
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
