import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { SpoolFileSystem } from './file-system.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { openSpool } from './spool.ts';

it('resolves an append only when everything that it wrote has been synced', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spool-sync-'));
  let [written, synced] = [0, 0];
  // The real disk, with a count of what has been written and of what a finished sync covered.
  const fileSystem: SpoolFileSystem = {
    ...nodeFileSystem,
    async open(path, how) {
      const file = await nodeFileSystem.open(path, how);
      if (!path.includes('segment-')) return file;
      return {
        ...file,
        write: async (bytes, offset) => {
          await file.write(bytes, offset);
          written += bytes.byteLength;
        },
        datasync: async () => {
          const covered = written;
          await file.datasync();
          synced = Math.max(synced, covered);
        },
      };
    },
  };
  const spool = await openSpool({ folder: join(folder, 'spool'), segmentBytes: 1 << 20, maxBytes: 1 << 30, fileSystem });
  try {
    for (let i = 0; i < 5; i++) {
      const before = written;
      await spool.append([Buffer.from(`record ${i}`)]);
      expect(written).toBeGreaterThan(before);
      expect(synced).toBe(written);
    }
  } finally {
    await spool.close();
    rmSync(folder, { recursive: true });
  }
});
