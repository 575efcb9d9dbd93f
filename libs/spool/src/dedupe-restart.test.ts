import { hash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DedupeWindow } from './dedupe-window.ts';
import type { Spool } from './spool.ts';
import { createTrialFolder, numbered, type TrialFolder, take } from './testing/trial-folder.ts';

const MINUTE_MS = 60_000;

let trial: TrialFolder;
beforeEach(() => {
  trial = createTrialFolder();
});
afterEach(() => trial.remove());

const digestOf = (id: number): Buffer => hash('sha256', `${id}`, 'buffer').subarray(0, 16);

/** A process of its own: its monotonic clock begins at 0, the wall clock goes on. */
function openAt(wallMs: () => number): Promise<Spool> {
  const startedMs = wallMs();
  return trial.open({ clock: { wallMs, monotonicMs: () => wallMs() - startedMs } });
}

async function deliverOne(spool: Spool, key: Buffer): Promise<'first' | 'duplicate'> {
  await spool.append(numbered(1, 1));
  const [record] = await take(spool, 1);
  const verdict = spool.dedupe.admit(key, record?.position as number);
  spool.commit(record?.position as number);
  await spool.flush();
  return verdict;
}

describe('a key across a restart', () => {
  it.each([
    [10, 'duplicate'],
    [29, 'duplicate'],
    [31, 'first'],
  ])('%i minutes later, with a restart in between: %s', async (minutes, verdict) => {
    let nowMs = 1_800_000_000_000;
    const before = await openAt(() => nowMs);
    expect(await deliverOne(before, digestOf(1))).toBe('first');
    nowMs += (minutes / 2) * MINUTE_MS;
    await before.close();

    const after = await openAt(() => nowMs);
    nowMs += (minutes / 2) * MINUTE_MS;
    expect(await deliverOne(after, digestOf(1))).toBe(verdict);
    expect(await deliverOne(after, digestOf(2))).toBe('first');
  });

  it('is known after two restarts, though only the first process wrote it', async () => {
    let nowMs = 1_800_000_000_000;
    for (const verdict of ['first', 'duplicate', 'duplicate']) {
      const spool = await openAt(() => nowMs);
      expect(await deliverOne(spool, digestOf(1))).toBe(verdict);
      await spool.close();
      nowMs += 8 * MINUTE_MS;
    }
  });
});

it('takes no more memory for a million keys than for as many as it keeps', () => {
  const before = process.memoryUsage().arrayBuffers;
  const window = new DedupeWindow({ windowMs: 1e9, maxKeys: 1 << 16, nowMs: () => 0 });
  // Counted up in the bytes that spread them: a hash each would take seconds.
  const key = Buffer.alloc(16);
  for (let id = 0; id < 1_000_000; id++) {
    key.writeUInt32BE(Math.imul(id, 0x9e37_79b1) >>> 0, 0);
    key.writeUInt32LE(id, 12);
    window.admit(key, id);
  }
  expect(window.size).toBe(1 << 16);
  expect(window.evictedEarly).toBe(1_000_000 - (1 << 16));
  // 45 bytes a key (dedupe-window.ts), and as much again for arrays that were outgrown and not collected yet.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * 45 * (1 << 16) + (1 << 20));
});
