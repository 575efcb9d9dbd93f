import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSpool, type Spool } from '../spool.ts';
import type { SpoolEvent } from '../spool-events.ts';
import type { SpoolOptions } from '../spool-options.ts';
import type { SpoolRecord } from '../spool-reader.ts';

/** A spool on the real disk for one test, with files so small that some dozen records fill several. */
export interface TrialFolder {
  readonly folder: string;
  readonly events: SpoolEvent[];
  open(options?: Partial<SpoolOptions>): Promise<Spool>;
  /** Closes what is open and removes everything. */
  remove(): Promise<void>;
}

export function createTrialFolder(): TrialFolder {
  const parent = mkdtempSync(join(tmpdir(), 'spool-'));
  const folder = join(parent, 'spool');
  const events: SpoolEvent[] = [];
  const opened: Spool[] = [];
  return {
    folder,
    events,
    open: async (options = {}) => {
      const spool = await openSpool({
        folder,
        segmentBytes: 8 * 1024,
        cursorFileBytes: 256 * 1024,
        maxBytes: 1 << 20,
        rewindRecords: 0,
        onEvent: (event) => events.push(event),
        ...options,
      });
      opened.push(spool);
      return spool;
    },
    remove: async () => {
      for (const spool of opened) await spool.close();
      rmSync(parent, { recursive: true });
    },
  };
}

/** Records say their number: `17 xxxx…`. */
export function numbered(from: number, to: number, bytes: number = 20): Buffer[] {
  return Array.from({ length: to - from + 1 }, (_, index) => Buffer.from(`${from + index} `.padEnd(bytes, 'x')));
}

export function numbersOf(records: readonly SpoolRecord[]): number[] {
  return records.map(({ bytes }) => Number.parseInt(bytes.toString('latin1'), 10));
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

export async function take(spool: Spool, count: number): Promise<SpoolRecord[]> {
  const taken: SpoolRecord[] = [];
  while (taken.length < count) taken.push(...(await spool.next({ maxRecords: count - taken.length })));
  return taken;
}
