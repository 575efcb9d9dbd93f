import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
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
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FileProblem, LineFile, type LineFileOptions } from './line-file.ts';

let folder: string;
let path: string;
let files: LineFile[];
let problems: FileProblem[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lines-'));
  path = join(folder, 'logs/alerts/alerts.json');
  [files, problems] = [[], []];
});
afterEach(async () => {
  for (const each of files) await each.close();
  rmSync(folder, { recursive: true, force: true });
});

const never = new AbortController().signal;
const noon = new Date(2026, 10, 23, 12).getTime();
const nextDay = new Date(2026, 10, 24, 0, 0, 1).getTime();
const text = (file = path): string => readFileSync(file, 'utf8');

function lineFile(options: Partial<LineFileOptions> = {}): { file: LineFile; append(line: string, nowMs?: number): Promise<boolean> } {
  const file = new LineFile({ path, rotation: 'never', onProblem: (problem) => problems.push(problem), ...options });
  files.push(file);
  return { file, append: (line, nowMs = noon) => file.append(Buffer.from(`${line}\n`), nowMs, never) };
}

describe('a file of lines', () => {
  it('is made with its folders, for its user and group', async () => {
    await lineFile().append('{}');
    expect(text()).toBe('{}\n');
    expect(statSync(path).mode & 0o777).toBe(0o640 & ~process.umask());
  });

  it('knows where the next line begins, also after a restart', async () => {
    const first = lineFile();
    await first.append('12345');
    expect(await first.file.nextOffset(noon)).toBe(6);
    expect(await lineFile().file.nextOffset(noon)).toBe(6);
  });

  it('closes the half line of a process that was killed', async () => {
    mkdirSync(join(folder, 'logs/alerts'), { recursive: true });
    writeFileSync(path, '{"a":1}\n{"b"');
    await lineFile().append('{"c":3}');
    expect(text()).toBe('{"a":1}\n{"b"\n{"c":3}\n');
  });

  it('goes on in a new file when somebody moved it away, in the same when somebody emptied it', async () => {
    const { file, append } = lineFile();
    await append('1');
    renameSync(path, `${path}.1`);
    expect(await file.nextOffset(noon)).toBe(0);
    await append('2');
    expect([text(`${path}.1`), text()]).toEqual(['1\n', '2\n']);
    truncateSync(path);
    await append('3');
    expect(text()).toBe('3\n');
  });

  it('is put away at the first line of a new day, where Wazuh keeps its days', async () => {
    const { file, append } = lineFile({ rotation: 'daily' });
    await append('today');
    await append('tomorrow', nextDay);
    expect(text(join(folder, 'logs/alerts/2026/Nov/ossec-alerts-23.json'))).toBe('today\n');
    expect(text()).toBe('tomorrow\n');
    expect(await file.nextOffset(nextDay)).toBe(9);
  });

  it('is put away by its own date after a stop over night, and overwrites nothing there', async () => {
    mkdirSync(join(folder, 'logs/alerts/2026/Nov'), { recursive: true });
    writeFileSync(join(folder, 'logs/alerts/2026/Nov/ossec-alerts-23.json'), 'kept\n');
    writeFileSync(path, 'old\n');
    utimesSync(path, new Date(noon), new Date(noon));
    await lineFile({ rotation: 'daily' }).append('new', nextDay);
    expect(readdirSync(join(folder, 'logs/alerts/2026/Nov')).sort()).toEqual(['ossec-alerts-23-001.json', 'ossec-alerts-23.json']);
    expect(text(join(folder, 'logs/alerts/2026/Nov/ossec-alerts-23-001.json'))).toBe('old\n');
    expect(text()).toBe('new\n');
  });

  it('stays where it is when nothing is to be put away', async () => {
    const { append } = lineFile();
    await append('today');
    await append('tomorrow', nextDay);
    expect(text()).toBe('today\ntomorrow\n');
    expect(existsSync(join(folder, 'logs/alerts/2026'))).toBe(false);
  });

  it('says once that the disk is full, and gives the lines up when it is stopped', async () => {
    const { file } = lineFile({ path: '/dev/full' });
    const stop = new AbortController();
    const waiting = file.append(Buffer.from('{}\n'), noon, stop.signal);
    while (problems.length === 0) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    expect(await waiting).toBe(false);
    expect(problems).toEqual([{ kind: 'cannot-write', path: '/dev/full', reason: expect.stringContaining('ENOSPC') }]);
  });

  it('is refused where it can never be written', async () => {
    mkdirSync(path, { recursive: true });
    await expect(lineFile().append('x')).rejects.toMatchObject({ code: 'LOG_FILE_UNUSABLE' });
  });
});

describe('on a disk that fills up', () => {
  const mount = (): string | undefined => {
    const place = mkdtempSync(join(tmpdir(), 'small-disk-'));
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place]).status === 0) return place;
    rmSync(place, { recursive: true });
    return undefined;
  };
  const disk = mount();
  const unmount = (): void => {
    if (disk !== undefined && spawnSync('umount', [disk]).status === 0) rmSync(disk, { recursive: true });
  };

  it.skipIf(disk === undefined)(
    'leaves no half line, and goes on by itself when there is room again (needs the right to mount)',
    async () => {
      try {
        writeFileSync(join(disk as string, 'ballast'), Buffer.alloc(40_000));
        const { file } = lineFile({ path: join(disk as string, 'alerts.json') });
        const first = Buffer.from(`${'a'.repeat(9_000)}\n`);
        const second = Buffer.from(`${'b'.repeat(20_000)}\n`);
        expect(await file.append(first, noon, never)).toBe(true);
        const waiting = file.append(second, noon, never);
        while (problems.length === 0) await new Promise((resolve) => setImmediate(resolve));
        expect(text(join(disk as string, 'alerts.json'))).toBe(first.toString());
        rmSync(join(disk as string, 'ballast'));
        expect(await waiting).toBe(true);
        expect(text(join(disk as string, 'alerts.json'))).toBe(first.toString() + second.toString());
        expect(problems.map((problem) => problem.kind)).toEqual(['cannot-write', 'can-write-again']);
        await file.close();
      } finally {
        unmount();
      }
    },
  );
});
