import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LogCheckpoint, parseCheckpoint, renderCheckpoint } from './checkpoint.ts';
import { type FollowedLog, type FollowOptions, followLog } from './follow-log.ts';
import type { LogEvent } from './log-event.ts';

const QUICK = { pollMs: 2, scanMs: 20, saveMs: 5, retryMs: 5, quietMs: 50, absentMs: 30 };

let folder: string;
let path: string;
let checkpointFile: string;
let lines: string[];
let events: LogEvent[];
let following: FollowedLog | undefined;
let next: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'follow-log-'));
  path = join(folder, 'audit.log');
  checkpointFile = join(folder, 'checkpoint');
  [lines, events, following, next] = [[], [], undefined, 0];
});
afterEach(async () => {
  await following?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function start(options: Partial<FollowOptions> = {}): FollowedLog {
  const checkpoint = existsSync(checkpointFile) ? parseCheckpoint(readFileSync(checkpointFile, 'utf8')) : undefined;
  following = followLog({
    path,
    ...(checkpoint === undefined ? {} : { checkpoint }),
    take: async (read) => {
      const chunks: Buffer[] = [];
      for await (const chunk of read) chunks.push(Buffer.from(chunk));
      lines.push(...Buffer.concat(chunks).toString().trimEnd().split('\n'));
    },
    save: async (saved: LogCheckpoint) => writeFileSync(checkpointFile, renderCheckpoint(saved)),
    onEvent: (event) => events.push(event),
    times: QUICK,
    ...options,
  });
  return following;
}

async function stop(): Promise<void> {
  await following?.stop();
  following = undefined;
}

/** As kube-apiserver writes them: each its own. */
function write(count: number, file = path): void {
  for (let each = 0; each < count; each++) appendFileSync(file, `{"auditID":"${next++}","pad":"${'x'.repeat(next % 7)}"}\n`);
}

const ids = (): number[] => lines.map((line) => Number((JSON.parse(line) as { auditID: string }).auditID));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, id) => id);
const gaps = (): string[] => events.flatMap((event) => (event.kind === 'gap' ? [event.reason] : []));

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited in vain; lines ${ids().join()}; events ${JSON.stringify(events)}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Waits for all lines, and a little for what must not come. */
async function expectAll(): Promise<void> {
  await until(() => lines.length >= next);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(ids()).toEqual(upTo(next));
  expect(gaps()).toEqual([]);
}

const lumberjack = (minute: number): string => join(folder, `audit-2026-11-26T04-${String(minute).padStart(2, '0')}-31.123.log`);

function pack(file: string, to = `${file}.gz`): void {
  const { mtime } = statSync(file);
  writeFileSync(to, gzipSync(readFileSync(file)));
  rmSync(file);
  utimesSync(to, mtime, mtime);
}

describe('while it is followed, a log', () => {
  it('is read from its beginning, and on as it grows', async () => {
    write(3);
    start();
    await until(() => lines.length === 3);
    write(2);
    await expectAll();
    expect(following?.progress()).toMatchObject({ byte: statSync(path).size, gaps: 0 });
  });

  it('is read from its end where that is wanted, and then at whole lines', async () => {
    write(3);
    const half = '{"auditID":"3","pad":';
    appendFileSync(path, half);
    start({ start: 'end' });
    await until(() => events.some(({ kind }) => kind === 'reading'));
    appendFileSync(path, '""}\n');
    await until(() => lines.length > 0);
    expect(ids()).toEqual([3]);
  });

  it('gives no line before it is whole', async () => {
    start();
    write(1);
    await until(() => lines.length === 1);
    appendFileSync(path, '{"auditID":');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(lines).toHaveLength(1);
    appendFileSync(path, '"1"}\n');
    next = 2;
    await expectAll();
  });

  it('gives a line longer than a read, whole', async () => {
    const long = JSON.stringify({ auditID: '0', pad: 'y'.repeat(1_300_000) });
    writeFileSync(path, long.slice(0, 1_000_000));
    start();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(lines).toEqual([]);
    appendFileSync(path, `${long.slice(1_000_000)}\n`);
    next = 1;
    write(1);
    await expectAll();
    expect(lines[0]).toBe(long);
  });

  it('goes on in the next file when it is renamed, with what was written to the old one last', async () => {
    start();
    for (let minute = 0; minute < 5; minute++) {
      write(3);
      if (minute % 2 === 0) await until(() => lines.length === next);
      renameSync(path, lumberjack(minute));
      write(2, lumberjack(minute));
      write(4);
    }
    await expectAll();
  });

  it('is read to its end by its descriptor when it is removed', async () => {
    write(1);
    let isHeld = true;
    start({
      take: async (read) => {
        for await (const chunk of read) lines.push(...Buffer.from(chunk).toString().trimEnd().split('\n'));
        while (isHeld) await new Promise((resolve) => setTimeout(resolve, 1));
      },
    });
    await until(() => lines.length === 1);
    write(5);
    rmSync(path);
    write(3);
    isHeld = false;
    await expectAll();
  });

  it('is read on from the copy when it is copied and truncated', async () => {
    start();
    write(3);
    await until(() => lines.length === 3);
    // Between two looks: three more lines, the copy, the truncation, and a longer file than before.
    write(3);
    copyFileSync(path, join(folder, 'audit.log.1'));
    truncateSync(path);
    write(20);
    await until(() => lines.length >= next);
    expect(ids().toSorted((a, b) => a - b)).toEqual(upTo(next));
    expect(gaps()).toEqual([]);
  });

  it('that is emptied without a copy leaves a gap, which is told', async () => {
    start();
    write(3);
    await until(() => lines.length === 3);
    truncateSync(path);
    write(2);
    await until(() => lines.length === 5);
    await until(() => gaps().length === 1);
    expect(events.find(({ kind }) => kind === 'gap')).toMatchObject({ reason: 'truncated', atByte: expect.any(Number) });
    expect(ids()).toEqual(upTo(5));
  });

  it('that is cut in the middle goes on behind the cut, and the gap is told', async () => {
    start();
    write(4);
    await until(() => lines.length === 4);
    truncateSync(path, readFileSync(path).indexOf('\n') + 1);
    await until(() => gaps().length === 1);
    write(2);
    await until(() => lines.length === 6);
    expect(ids()).toEqual(upTo(6));
  });

  it('keeps what could not be taken, and gives it again', async () => {
    let failures = 3;
    start({
      take: async (read) => {
        if (failures-- > 0) throw new Error('the disk is full');
        for await (const chunk of read) lines.push(...Buffer.from(chunk).toString().trimEnd().split('\n'));
      },
    });
    write(4);
    await expectAll();
    expect(events.filter(({ kind }) => kind === 'refused' || kind === 'taken-again')).toMatchObject([
      { kind: 'refused', detail: 'the disk is full' },
      { kind: 'taken-again' },
    ]);
  });

  it('may come later, and says that it is awaited, once', async () => {
    start();
    await until(() => events.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(events).toEqual([expect.objectContaining({ kind: 'waiting', code: 'ENOENT' })]);
    write(2);
    await expectAll();
  });

  it.each([['a folder'], ['a file that may not be read']])('is awaited where %s stands', async (what) => {
    if (what === 'a folder') path = folder;
    else {
      if (process.getuid?.() === 0) return; // root may read everything
      writeFileSync(path, 'x', { mode: 0o000 });
    }
    start();
    await until(() => events.length > 0);
    expect(events[0]).toMatchObject({ kind: 'waiting', file: path });
  });

  it('leaves other files in its folder alone', async () => {
    write(2);
    for (const name of ['audit.log.bak', 'audit-policy.yaml', 'audit.log.1.swp', 'other.log.1', 'audit-2026.log'])
      writeFileSync(join(folder, name), '{"auditID":"99"}\n');
    start();
    await until(() => lines.length === 2);
    for (const name of ['audit.log~', 'audit.log.old']) writeFileSync(join(folder, name), '{"auditID":"98"}\n');
    await expectAll();
  });
});

describe('after a restart, a log', () => {
  async function readFirst(count: number): Promise<void> {
    write(count);
    start();
    await until(() => lines.length === count);
    await stop();
  }

  it('is read on where reading ended', async () => {
    await readFirst(3);
    write(2);
    start();
    await expectAll();
  });

  it('is read on over two rotations: the rest of the old one, the one between, the new one', async () => {
    await readFirst(3);
    write(2);
    renameSync(path, lumberjack(1));
    write(4);
    renameSync(path, lumberjack(2));
    write(1);
    start();
    await expectAll();
  });

  it('is read on over two rotations of logrotate, packed or not, also where an old inode is used again', async () => {
    await readFirst(3);
    write(2);
    renameSync(path, join(folder, 'audit.log.1'));
    write(4);
    renameSync(join(folder, 'audit.log.1'), join(folder, 'audit.log.2'));
    renameSync(path, join(folder, 'audit.log.1'));
    pack(join(folder, 'audit.log.2'));
    write(5);
    start();
    await expectAll();
  });

  it('that was packed meanwhile is read on in the middle of the packed file', async () => {
    await readFirst(3);
    write(2);
    renameSync(path, lumberjack(1));
    pack(lumberjack(1));
    write(4);
    renameSync(path, lumberjack(2));
    pack(lumberjack(2));
    write(1);
    start();
    await expectAll();
    await stop();
    // And not once more.
    start();
    await expectAll();
  });

  it('that was copied and truncated meanwhile is read on in the copy', async () => {
    await readFirst(3);
    write(2);
    copyFileSync(path, join(folder, 'audit.log.1'));
    truncateSync(path);
    write(1);
    start();
    await expectAll();
  });

  it('that is gone leaves a gap, which is told; what came after it is read', async () => {
    await readFirst(3);
    write(2);
    rmSync(path);
    next = 5;
    write(2);
    start();
    await until(() => lines.length === 5);
    expect(gaps()).toEqual(['gone']);
    expect(ids()).toEqual([0, 1, 2, 5, 6]);
    await stop();
    start();
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(gaps()).toEqual(['gone']);
  });

  it('is not read a second time when what was there before the first start is rotated on', async () => {
    for (const minute of [1, 2]) writeFileSync(lumberjack(minute), `{"auditID":"old ${minute}"}\n`);
    pack(lumberjack(1));
    await readFirst(3);
    renameSync(path, lumberjack(3));
    pack(lumberjack(2));
    pack(lumberjack(3));
    write(2);
    start();
    await expectAll();
  });

  it('that ended in half a line is given that line when nobody writes to it any more', async () => {
    await readFirst(3);
    appendFileSync(path, '{"auditID":"3"}');
    renameSync(path, lumberjack(1));
    next = 4;
    write(1);
    start();
    await until(() => lines.length === 5);
    expect(ids().toSorted()).toEqual(upTo(5));
  });

  it('whose packed file breaks off gives what can be read, and tells the gap', async () => {
    await readFirst(1);
    write(2_000);
    const packed = gzipSync(readFileSync(path), { level: 1 });
    writeFileSync(`${lumberjack(1)}.gz`, packed.subarray(0, packed.length - 200));
    rmSync(path);
    next = 3_000;
    write(1);
    start();
    await until(() => ids().includes(3_000));
    expect(gaps()).toEqual(['unreadable']);
    expect(ids().slice(0, 100)).toEqual(upTo(100));
  });

  it('is read once more from where it was last written down, not from the beginning, after a crash', async () => {
    write(3);
    start();
    await until(() => lines.length === 3);
    await until(() => existsSync(checkpointFile));
    const saved = readFileSync(checkpointFile);
    write(2);
    await until(() => lines.length === 5);
    await stop();
    writeFileSync(checkpointFile, saved);
    start();
    await until(() => lines.length >= 7);
    expect(ids()).toEqual([0, 1, 2, 3, 4, 3, 4]);
  });
});

describe('the checkpoint', () => {
  it.each([
    '',
    'x',
    '{}',
    '{"version":2,"files":[]}',
    '{"version":1,"files":[{"head":1}]}',
    '{"version":1,"files":[{"head":"a","byte":-1,"isComplete":true}]}',
    '[]',
    'null',
  ])('is not taken from %j', (text) => expect(parseCheckpoint(text)).toBeUndefined());

  it('is read as it was written', () => {
    const checkpoint = { files: new Map([['20-ab', { byte: 7, isComplete: false }]]) };
    expect(parseCheckpoint(renderCheckpoint(checkpoint))).toEqual(checkpoint);
  });
});
