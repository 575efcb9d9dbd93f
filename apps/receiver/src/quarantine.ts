import { mkdir, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Origin } from './spool-record.ts';

/** What is kept of an item that was refused: enough to find and count it, none of its content. */
export interface QuarantinedItem {
  readonly origin: Origin;
  /** Where on its way: on arrival, or when it was shaped for Wazuh. */
  readonly place: 'accept' | 'deliver';
  readonly reason: string;
  /** Its place in the list, from 0. */
  readonly index?: number;
  readonly byteLength: number;
  /** SHA-256 of the bytes as they came, hexadecimal. */
  readonly sha256: string;
}

/** One file and its predecessor are kept: a flood of odd items must not fill the disk that the spool needs. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;

export interface Quarantine {
  /** Resolves when the notes are on disk. Errors of the disk are the caller's, as those of the spool are. */
  add(items: readonly QuarantinedItem[]): Promise<void>;
}

/** Notes go to `quarantine.jsonl` in the folder, one JSON line an item, mode 0600. */
export async function openQuarantine(folder: string, now: () => number): Promise<Quarantine> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'quarantine.jsonl');
  let last: Promise<void> = Promise.resolve();
  const append = async (items: readonly QuarantinedItem[]): Promise<void> => {
    const at = new Date(now()).toISOString();
    const handle = await open(file, 'a', 0o600);
    try {
      await handle.write(items.map((item) => `${JSON.stringify({ at, ...item })}\n`).join(''));
      await handle.datasync();
    } finally {
      await handle.close();
    }
    if ((await stat(file)).size > MAX_FILE_BYTES) await rename(file, `${file}.1`);
  };
  return {
    add(items) {
      // One writer at a time, and a failed note does not stop the next.
      const done = last.then(() => append(items));
      last = done.catch(() => undefined);
      return done;
    },
  };
}
