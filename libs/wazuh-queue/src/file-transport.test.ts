import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { frame } from '@k8s-audit/wazuh-message';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileTransport, type FileTransportOptions } from './file-transport.ts';
import type { Transport, TransportState } from './transport.ts';

let folder: string;
let path: string;
let transports: Transport[];
let states: TransportState[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-'));
  path = join(folder, 'k8s.ndjson');
  [transports, states] = [[], []];
});
afterEach(async () => {
  for (const each of transports) await each.close();
  rmSync(folder, { recursive: true, force: true });
});

function transport(options: Partial<FileTransportOptions> = {}): Transport {
  const made = createFileTransport({ path, onState: (state) => states.push(state), ...options });
  transports.push(made);
  return made;
}

const event = (n: number): Buffer => frame('[000] (prod) audit->k8s', `{"n": ${n}}`);
const lines = (file = path): string[] => readFileSync(file, 'utf8').split('\n');

describe('the file transport', () => {
  it('writes an event a line, without the queue’s header', async () => {
    const made = transport();
    expect(await made.send([event(1), event(2)])).toEqual({ kind: 'sent' });
    expect(await made.send([event(3)])).toEqual({ kind: 'sent' });
    expect(lines()).toEqual(['{"n": 1}', '{"n": 2}', '{"n": 3}', '']);
    expect(statSync(path).mode & 0o777 & ~process.umask()).toBe(0o640 & ~process.umask());
  });

  it('keeps an event one line, however it was printed', async () => {
    await transport().send([frame('k8s', '{\n "a":\n 1}')]);
    expect(lines()).toEqual(['{  "a":  1}', '']);
  });

  it('goes on behind what is there', async () => {
    writeFileSync(path, '{"n": 0}\n');
    await transport().send([event(1)]);
    expect(lines()).toEqual(['{"n": 0}', '{"n": 1}', '']);
  });

  it('closes the half line of a crash, so that it cannot swallow the next', async () => {
    writeFileSync(path, '{"n": 0}\n{"n": 1');
    await transport().send([event(1)]);
    expect(lines()).toEqual(['{"n": 0}', '{"n": 1', '{"n": 1}', '']);
  });

  it('renames the file before it grows beyond its limit, and keeps the last few', async () => {
    const made = transport({ maxFileBytes: 20, keptFiles: 2 });
    for (let n = 0; n < 7; n++) await made.send([event(n)]);
    expect([path, `${path}.1`, `${path}.2`].map((file) => lines(file))).toEqual([
      ['{"n": 6}', ''],
      ['{"n": 4}', '{"n": 5}', ''],
      ['{"n": 2}', '{"n": 3}', ''],
    ]);
    expect(existsSync(`${path}.3`)).toBe(false);
  });

  it('follows when somebody renames the file, removes it, or empties it in place', async () => {
    const made = transport();
    await made.send([event(1)]);
    renameSync(path, `${path}-rotated`);
    await made.send([event(2)]);
    expect(lines()).toEqual(['{"n": 2}', '']);
    rmSync(path);
    await made.send([event(3)]);
    truncateSync(path);
    await made.send([event(4)]);
    expect(lines()).toEqual(['{"n": 4}', '']);
    expect(lines(`${path}-rotated`)).toEqual(['{"n": 1}', '']);
  });

  it('waits for a folder that is not there yet, and says so', async () => {
    path = join(folder, 'later', 'k8s.ndjson');
    const sleeps: number[] = [];
    const made = transport({
      clock: {
        now: () => 0,
        sleep: async (ms) => {
          sleeps.push(ms);
          mkdirSync(join(folder, 'later'));
        },
      },
    });
    expect(await made.send([event(1)])).toEqual({ kind: 'sent' });
    expect(states.map((each) => each.state)).toEqual(['waiting', 'connected']);
    expect(sleeps).toHaveLength(1);
    expect(lines()).toEqual(['{"n": 1}', '']);
  });

  it('writes nothing twice and nothing half when the disk is full', async () => {
    // /dev/full says ENOSPC to every write: the next best thing to a disk that is full.
    const full = createFileTransport({ path: '/dev/full', onState: (state) => states.push(state) });
    transports.push(full);
    const sending = full.send([event(1)]);
    while (states.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(states[0]).toMatchObject({ state: 'waiting', reason: 'no-resources', detail: expect.stringContaining('ENOSPC') });
    await full.close();
    expect(await sending).toEqual({ kind: 'stopped', sent: 0 });
  });

  it.each([
    ['a folder', () => mkdirSync(path)],
    [
      'a symbolic link, which could lead anywhere',
      () => {
        writeFileSync(join(folder, 'elsewhere'), '');
        symlinkSync(join(folder, 'elsewhere'), path);
      },
    ],
  ])('does not write to %s', async (_, prepare) => {
    prepare();
    await expect(transport().send([event(1)])).rejects.toMatchObject({ code: 'TRANSPORT_FILE_UNUSABLE' });
  });

  it('refuses what a follower would drop', async () => {
    const made = transport();
    const [fits, doesNot] = [Buffer.alloc(65_000, 'x'), Buffer.alloc(65_001, 'x')];
    expect(await made.send([fits, doesNot])).toEqual({ kind: 'oversize', indexes: [1] });
    expect(existsSync(path)).toBe(false);
  });

  it('stays usable when others append to the same file', async () => {
    const made = transport();
    await made.send([event(1)]);
    appendFileSync(path, 'foreign\n');
    chmodSync(path, 0o600);
    await made.send([event(2)]);
    expect(lines()).toEqual(['{"n": 1}', 'foreign', '{"n": 2}', '']);
  });
});
