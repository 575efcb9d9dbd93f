import { describe, expect, it } from 'vitest';
import { type DiskCall, type Image, imageAfterPowerLoss, parseJournal } from './disk-journal.ts';

/** No chance: everything that is not durable survives, or nothing of it. */
const ALL = (): number => 0;
const NOTHING = (): number => 0.9;

const text = (image: Image): Record<string, string> => Object.fromEntries([...image].map(([name, bytes]) => [name, bytes.toString()]));
const write = (file: number, at: number, bytes: string): DiskCall => ({ kind: 'write', file, at, bytes: Buffer.from(bytes) });
const synced = (file: number): DiskCall[] => [
  { kind: 'sync-begins', file },
  { kind: 'sync-ends', file },
];
const folderSynced: DiskCall[] = [
  { kind: 'folder-sync-begins', name: '' },
  { kind: 'folder-sync-ends', name: '' },
];

describe('what a loss of power leaves', () => {
  const before: Image = new Map([['a', Buffer.from('old')]]);

  it('is what a finished sync covered, and nothing that came after it', () => {
    const calls: DiskCall[] = [{ kind: 'open', file: 1, name: 'a' }, write(1, 0, 'new'), ...synced(1), write(1, 0, 'bad')];
    expect(text(imageAfterPowerLoss(before, calls, NOTHING))).toEqual({ a: 'new' });
  });

  it('is not what was written after the sync had begun', () => {
    const calls: DiskCall[] = [
      { kind: 'open', file: 1, name: 'a' },
      { kind: 'sync-begins', file: 1 },
      write(1, 0, 'new'),
      { kind: 'sync-ends', file: 1 },
    ];
    expect(text(imageAfterPowerLoss(before, calls, NOTHING))).toEqual({ a: 'old' });
    expect(text(imageAfterPowerLoss(before, calls, ALL))).toEqual({ a: 'new' });
  });

  it('tears a write between sectors', () => {
    const calls: DiskCall[] = [{ kind: 'open', file: 1, name: 'a' }, write(1, 0, 'x'.repeat(1_024))];
    let turn = 0;
    const everySecond = (): number => (turn++ % 2 === 0 ? 0 : 0.9);
    expect(text(imageAfterPowerLoss(before, calls, everySecond))['a']).toBe('x'.repeat(512));
  });

  it('knows a name only after its folder was synced', () => {
    const calls: DiskCall[] = [
      { kind: 'create', file: 2, name: 'b.new' },
      write(2, 0, 'b'),
      ...synced(2),
      { kind: 'rename', from: 'b.new', to: 'b' },
    ];
    expect(text(imageAfterPowerLoss(before, calls, NOTHING))).toEqual({ a: 'old' });
    expect(text(imageAfterPowerLoss(before, [...calls, ...folderSynced], NOTHING))).toEqual({ a: 'old', b: 'b' });
  });

  it('brings back a removed file whose folder was not synced', () => {
    const calls: DiskCall[] = [{ kind: 'unlink', name: 'a' }];
    expect(text(imageAfterPowerLoss(before, calls, NOTHING))).toEqual({ a: 'old' });
    expect(text(imageAfterPowerLoss(before, [...calls, ...folderSynced], NOTHING))).toEqual({});
  });

  it('gives each of two syncs of one folder what had happened before it began', () => {
    const calls: DiskCall[] = [
      { kind: 'create', file: 2, name: 'b' },
      { kind: 'folder-sync-begins', name: '' },
      { kind: 'create', file: 3, name: 'c' },
      { kind: 'folder-sync-begins', name: '' },
      { kind: 'folder-sync-ends', name: '' },
    ];
    expect([...imageAfterPowerLoss(before, calls, NOTHING).keys()]).toEqual(['a', 'b']);
    expect([...imageAfterPowerLoss(before, [...calls, { kind: 'folder-sync-ends', name: '' }], NOTHING).keys()]).toEqual(['a', 'b', 'c']);
  });
});

describe('the journal', () => {
  it('is read to its last whole record', () => {
    const record = Buffer.alloc(17 + 3);
    record.write('w', 0);
    record.writeInt32LE(7, 1);
    record.writeBigInt64LE(4_096n, 5);
    record.writeUInt32LE(3, 13);
    record.write('abc', 17);
    expect(parseJournal(Buffer.concat([record, record.subarray(0, 18)]))).toEqual([
      { kind: 'write', file: 7, at: 4_096, bytes: Buffer.from('abc') },
    ]);
  });
});
