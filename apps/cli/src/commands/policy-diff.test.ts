import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

const PUBLISHED = resolve(import.meta.dirname, '../../../../fixtures/guide/audit-policy.yaml');
const HEAD = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n';
let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'policy-diff-'));
  writeFileSync(join(cwd, 'old.yaml'), `${HEAD}- {level: None, users: [a, b]}\n- {level: Metadata}\n`);
  writeFileSync(join(cwd, 'same.yaml'), `${HEAD}- {level: None, users: [b]}\n- {level: None, users: [a]}\n- {level: Metadata}\n`);
  writeFileSync(join(cwd, 'new.yaml'), `${HEAD}- {level: None, users: [a, "o'brien"]}\n- {level: Metadata, omitStages: [Panic]}\n`);
  const crossed = Array.from({ length: 800 }, (_, index) => {
    const levels = ['None', 'Metadata', 'Request'];
    return `- {level: ${levels[index % 3]}, ${[`users: [u${index}]`, `namespaces: [n${index}]`, `userGroups: [g${index}]`][index % 3]}, resources: [{resources: [r${index % 7}, "*/x${index}"]}]}\n`;
  });
  writeFileSync(join(cwd, 'crossed.yaml'), `${HEAD}${crossed.join('')}- {level: Metadata}\n`);
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const diff = (...args: readonly string[]): Promise<CommandResult> => runCommand(['policy', 'diff', ...args], { cwd });

describe('policy diff', () => {
  it('shows in requests what the slip of the published policy costs', async () => {
    const { stdout, exitCode } = await diff(PUBLISHED, 'profile:guide');

    expect(exitCode).toBe(1);
    await expect(stdout).toMatchFileSnapshot('../../golden/policy-diff.txt');
  });

  it('says so, with 0, where two files record the same', async () => {
    expect(await diff('old.yaml', 'same.yaml')).toMatchObject({
      exitCode: 0,
      stdout: 'old.yaml and same.yaml record the same of every request\n',
    });
  });

  it('quotes for a shell, and tells stages apart from levels', async () => {
    const { stdout } = await diff('old.yaml', 'new.yaml');

    expect(stdout).toContain(`--user 'o'\\''brien'`);
    expect(stdout).toContain('Metadata -> Metadata, no Panic any more');
    expect(stdout).toContain('None -> Metadata\n');
  });

  it('gives a program the exact parts', async () => {
    const { stdout } = await diff('old.yaml', 'new.yaml', '-o', 'json', '--parts', '1');

    expect(JSON.parse(stdout)).toMatchObject({
      before: 'old.yaml',
      after: 'new.yaml',
      changes: expect.arrayContaining([
        expect.objectContaining({
          before: { level: 'None', omitStages: [], omitManagedFields: false },
          after: { level: 'Metadata', omitStages: ['Panic'], omitManagedFields: false },
          rules: { before: 0, after: 1 },
          isExact: true,
          partCount: 1,
          parts: [expect.objectContaining({ kind: 'resource', who: expect.objectContaining({ users: { is: ['b'] } }) })],
        }),
      ]),
    });
  });

  it.each([
    [['old.yaml'], 'nothing', 2],
    [['-', '-'], 'USAGE', 2],
    [['old.yaml', 'new.yaml', '--parts', '0'], 'USAGE', 2],
    [['old.yaml', 'missing.yaml'], 'FILE_MISSING', 1],
    [['old.yaml', PUBLISHED.replace('audit-policy.yaml', 'README.md')], 'FILE_MISSING', 1],
    [['crossed.yaml', 'profile:cis'], 'POLICY_TOO_LARGE', 1],
  ])('%j: %s, %d', async (args, code, exitCode) => {
    const result = await diff(...args);
    expect([result.failure?.code ?? 'nothing', result.exitCode]).toEqual([code, exitCode]);
  });
});
