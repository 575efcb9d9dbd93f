import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

const FIXTURES = resolve(import.meta.dirname, '../../../../fixtures');
const RECORDING = `${FIXTURES}/recorded/guide-policy.eventlists.jsonl`;
const PUBLISHED = `${FIXTURES}/guide/audit-policy.yaml`;

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'policy-simulate-'));
  const lines = readFileSync(RECORDING, 'utf8').trim().split('\n').slice(0, 50);
  const items = lines.map((line) => (JSON.parse(line) as { readonly items: readonly object[] }).items[0]);
  writeFileSync(join(cwd, 'lists.jsonl'), lines.join('\r\n'));
  writeFileSync(
    join(cwd, 'log.jsonl'),
    `\n${items.map((item) => JSON.stringify({ kind: 'Event', apiVersion: 'audit.k8s.io/v1', ...item })).join('\n')}\n\n`,
  );
  writeFileSync(join(cwd, 'bare.jsonl'), items.map((item) => JSON.stringify(item)).join('\n'));
  writeFileSync(
    join(cwd, 'pretty.json'),
    JSON.stringify({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items }, null, 2),
  );
  writeFileSync(join(cwd, 'packed'), gzipSync(lines.join('\n')));
  writeFileSync(join(cwd, 'cut.gz'), gzipSync(lines.join('\n')).subarray(0, 20));
  const many = Array.from({ length: 40 }, () => lines).flat();
  const packed = gzipSync(many.join('\n'));
  writeFileSync(join(cwd, 'half.gz'), packed.subarray(0, packed.length / 2));
  packed.fill(0, Math.floor(packed.length / 2), Math.floor(packed.length / 2) + 64);
  writeFileSync(join(cwd, 'broken.gz'), packed);
  writeFileSync(join(cwd, 'odd.jsonl'), `${lines[0]}\nno JSON\n{"kind":"Pod"}\n${lines[1]}\n`);
  writeFileSync(join(cwd, 'nothing.txt'), 'Lorem ipsum\n');
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const simulate = (...args: readonly string[]): Promise<CommandResult> => runCommand(['policy', 'simulate', ...args], { cwd });
const numbers = async (...args: readonly string[]): Promise<Record<string, unknown>> =>
  JSON.parse((await simulate(...args, '-o', 'json')).stdout) as Record<string, unknown>;

describe('policy simulate', () => {
  it('shows what a policy keeps, by level, resource, verb and user, against another', async () => {
    const { stdout, exitCode } = await simulate('profile:guide', '--events', RECORDING, '--against', PUBLISHED, '--top', '5');

    expect(exitCode).toBe(0);
    await expect(stdout).toMatchFileSnapshot('../../golden/policy-simulate.txt');
  });

  it.each(['lists.jsonl', 'log.jsonl', 'bare.jsonl', 'pretty.json', 'packed'])('reads %s', async (file) => {
    expect(await numbers('profile:guide', '--events', file)).toMatchObject({ events: 50, refused: 0, kept: { events: 50 } });
  });

  it('adds up several recordings, and counts what is no event', async () => {
    expect(await numbers('profile:guide', '--events', 'lists.jsonl', 'odd.jsonl')).toMatchObject({ events: 52, refused: 2 });
  });

  it.each(['half.gz', 'broken.gz'])('counts what can be read of %s, and says that it ends early, with 1', async (file) => {
    const { stdout, exitCode } = await simulate('profile:guide', '--events', file);

    expect(exitCode).toBe(1);
    expect(Number(/^(\d+) events/.exec(stdout)?.[1])).toBeGreaterThan(100);
    expect(stdout).toContain(`${file} ends early (`);
  });

  it('draws a picture', async () => {
    await simulate('profile:guide', '--events', 'lists.jsonl', '--svg', 'kept.svg');

    expect(readFileSync(join(cwd, 'kept.svg'), 'utf8')).toMatch(/^<svg .*<title>50 recorded events, 50 kept<\/title>.*<\/svg>\n$/s);
  });

  it.each([
    [['--events', 'nothing.txt'], 'RECORDING_EMPTY'],
    [['--events', 'missing'], 'FILE_MISSING'],
    [['--events', '.'], 'FILE_UNREADABLE'],
    [['--events', 'cut.gz'], 'FILE_UNREADABLE'],
    [['--events', 'lists.jsonl', '--against', 'lists.jsonl'], 'POLICY_REFUSED'],
    [['--events', 'lists.jsonl', '--top', '0'], 'USAGE'],
    [['--events', '-', '--against', '-'], 'USAGE'],
  ])('fails with %s: %s', async (args, code) => {
    expect((await simulate('profile:guide', ...args)).failure?.code).toBe(code);
  });
});
