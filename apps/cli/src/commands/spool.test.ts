import { mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSpool } from '@k8s-audit/spool';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

let cwd: string;
beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'spool-commands-'));
  const spool = await openSpool({
    folder: join(cwd, 'spool'),
    segmentBytes: 8 * 1024,
    cursorFileBytes: 256 * 1024,
    maxBytes: 1 << 20,
    rewindRecords: 0,
  });
  for (let id = 1; id <= 30; id++) await spool.append([Buffer.alloc(500, id)]);
  await spool.next({ maxRecords: 10 });
  spool.commit(10);
  await spool.close();
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const run = (...args: string[]): Promise<CommandResult> => runCommand(['spool', ...args], { cwd });

function damageSecondSegment(): void {
  const [, second = ''] = readdirSync(join(cwd, 'spool'))
    .filter((name) => name.startsWith('segment-'))
    .sort();
  writeSync(openSync(join(cwd, 'spool', second), 'r+'), Buffer.from('damage'), 0, 6, 4_096 + 100);
}

describe('spool status', () => {
  it('says what waits', async () => {
    const { stdout, exitCode } = await run('status', 'spool');
    expect(stdout).toMatch(/^20 events wait \(10640 bytes, the oldest stored \d+ s ago\); delivered up to record 10 of 30\.$/m);
    expect(exitCode).toBe(0);
  });

  it('prints the same as JSON', async () => {
    const { stdout } = await run('status', 'spool', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ cursor: 10, lastPosition: 30, undelivered: { records: 20 }, missing: [] });
  });

  it('says what to do about a folder that is none', async () => {
    expect(await run('status', 'nowhere')).toMatchObject({ exitCode: 1, failure: { code: 'SPOOL_UNUSABLE' } });
  });
});

describe('spool verify', () => {
  it('is content with a whole spool', async () => {
    const { stdout, exitCode } = await run('verify', 'spool');
    expect(stdout).toContain('Whole: 20 events wait, none is missing.');
    expect(exitCode).toBe(0);
  });

  it('tells file, place and record of a damage, and fails', async () => {
    damageSecondSegment();
    const { stdout, exitCode } = await run('verify', 'spool');
    expect(stdout).toMatch(/damage: segment-\d+: 532 bytes at 4096 are no records/);
    expect(exitCode).toBe(1);
  });
});

it('does not take any folder for a whole spool', async () => {
  mkdirSync(join(cwd, 'empty'));
  expect(await run('verify', 'empty')).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('no file of a spool') });
});

describe('spool quarantine', () => {
  const note = {
    at: '2026-11-26T10:00:00.000Z',
    origin: { cluster: 'prod-eu', apiServer: 'a', source: 'webhook' },
    place: 'accept',
    reason: 'not-an-object',
    index: 7,
    byteLength: 1,
    sha256: 'ab12',
  };

  it('exports the notes, of both files, and counts a half line', async () => {
    mkdirSync(join(cwd, 'spool/quarantine'));
    writeFileSync(join(cwd, 'spool/quarantine/quarantine.jsonl.1'), `${JSON.stringify(note)}\n`);
    writeFileSync(
      join(cwd, 'spool/quarantine/quarantine.jsonl'),
      `${JSON.stringify({ ...note, origin: { ...note.origin, cluster: 'b' } })}\n{"at":`,
    );

    expect(JSON.parse((await run('quarantine', 'spool', '-o', 'json')).stdout)).toMatchObject({
      notes: [note, { origin: { cluster: 'b' } }],
      unreadableLines: 1,
    });
    const { stdout } = await run('quarantine', 'spool', '--cluster', 'prod-eu');
    expect(stdout).toMatch(/2026-11-26T10:00:00.000Z {2}prod-eu {2}a +accept, item 7 {2}not-an-object {2}1 +ab12/);
    expect(stdout).toContain('1 lines are no notes');
  });

  it('has nothing to say of a spool that refused nothing', async () => {
    expect((await run('quarantine', 'spool')).stdout).toBe('Nothing was refused.\n');
  });
});
