import { open } from 'node:fs/promises';

export interface JsonLines<Entry> {
  /** Everything written so far, oldest first. Reads only what is new; a line that is still being written waits for the next call. */
  read(): Promise<readonly Entry[]>;
}

const NEWLINE = 0x0a;

/**
 * Follows a file of JSON lines that somebody else appends to, from byte `startAt`. It need not exist yet. A file that is shorter than what was
 * read of it has been rotated: it is read from its beginning, and what was read before is kept.
 */
export function openJsonLines<Entry>(path: string, startAt: number = 0): JsonLines<Entry> {
  const entries: Entry[] = [];
  let offset = startAt;
  let pending: Promise<unknown> = Promise.resolve();

  async function readNew(): Promise<readonly Entry[]> {
    const bytes = await readFrom(path, offset);
    if (bytes === 'shorter') {
      offset = 0;
      return readNew();
    }
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    offset += end;
    for (const line of bytes.subarray(0, end).toString().split('\n')) if (line !== '') entries.push(JSON.parse(line) as Entry);
    return entries;
  }
  return {
    // One after the other: two readers at once would read the same lines twice.
    read() {
      const next = pending.then(readNew);
      pending = next.catch(() => undefined);
      return next;
    },
  };
}

async function readFrom(path: string, offset: number): Promise<Buffer | 'shorter'> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return offset === 0 ? Buffer.alloc(0) : 'shorter';
    throw error;
  }
  try {
    const { size } = await file.stat();
    if (size < offset) return 'shorter';
    const bytes = Buffer.alloc(size - offset);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
