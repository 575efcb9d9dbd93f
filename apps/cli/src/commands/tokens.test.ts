import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseTokenFile, TokenFile } from '@k8s-audit/client-access';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

const nowMs = Date.UTC(2026, 10, 26);
let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'tokens-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));
const run = (args: string, at = nowMs): Promise<CommandResult> => runCommand(args.split(' '), { cwd, nowMs: at });
const file = (): string => readFileSync(join(cwd, 'tokens'), 'utf8');

describe('tokens', () => {
  it('are made, printed once and kept by their hash, in a file that others cannot read', async () => {
    const { stdout, stderr, exitCode } = await run('tokens create prod-eu --file tokens --days 30');
    const token = stdout.trim();

    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^k8s-audit\.[0-9a-f]{12}\.[\w-]{43}\n$/)]);
    expect(stderr).toContain('of cluster prod-eu, until 2026-12-26T00:00:00Z');
    expect(file()).not.toContain(token.split('.')[2]);
    expect(new TokenFile(parseTokenFile(file())).find(token, nowMs)?.cluster).toBe('prod-eu');
    expect(statSync(join(cwd, 'tokens')).mode & 0o777).toBe(0o640);
  });

  it('are listed without their hash, and taken back by their id', async () => {
    await run('tokens create prod-eu --file tokens');
    await run('tokens create prod-us --file tokens --days 1');
    const listed = JSON.parse((await run('tokens list --file tokens -o json', nowMs + 2 * 86_400_000)).stdout) as { id: string }[];

    expect(listed).toMatchObject([
      { cluster: 'prod-eu', state: 'valid' },
      { cluster: 'prod-us', state: 'ended' },
    ]);
    expect(JSON.stringify(listed)).not.toContain('sha256');
    const [eu] = listed;
    expect(await run(`tokens revoke ${eu?.id} --file tokens`)).toMatchObject({ exitCode: 0, stdout: `Revoked: ${eu?.id} (prod-eu)\n` });
    expect((await run('tokens list --file tokens')).stdout).not.toContain('prod-eu');
    const before = file();
    expect(await run(`tokens revoke ${eu?.id} --file tokens`)).toMatchObject({ exitCode: 1, failure: { code: 'TOKEN_UNKNOWN' } });
    expect(file()).toBe(before);
  });

  it('can be tried dry: what would happen is said, no token is shown, nothing changes', async () => {
    const dry = await run('tokens create prod-eu --file tokens --days 1 --dry-run');
    expect(dry).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^Dry run, nothing is written: .*prod-eu, until 2026-11-27.*tokens\.\n$/),
    });
    expect(dry.stdout + dry.stderr).not.toContain('k8s-audit.');
    expect(() => file()).toThrow('ENOENT');
    await run('tokens create prod-eu --file tokens');
    const before = file();
    const [{ id }] = JSON.parse((await run('tokens list --file tokens -o json')).stdout) as [{ id: string }];

    expect(await run(`tokens revoke ${id} --file tokens --dry-run`)).toMatchObject({
      exitCode: 0,
      stdout: `Dry run, would be revoked: ${id} (prod-eu)\n`,
    });
    expect(await run('tokens revoke 000000000000 --file tokens --dry-run')).toMatchObject({
      exitCode: 1,
      failure: { code: 'TOKEN_UNKNOWN' },
    });
    expect(file()).toBe(before);
  });

  it.each([
    ['tokens create Prod --file tokens', 2, 'CLUSTER_NAME_INVALID'],
    ['tokens create prod-eu --file tokens --days soon', 2, 'USAGE'],
    ['tokens create prod-eu --file no/such/folder/tokens', 1, 'FILE_UNWRITABLE'],
    ['tokens create prod-eu --file no/such/folder/tokens --dry-run', 1, 'FILE_UNWRITABLE'],
    ['tokens list --file tokens', 1, 'FILE_MISSING'],
    ['tokens list --file odd', 1, 'TOKEN_FILE_INVALID'],
    ['tokens create prod-eu --file odd', 1, 'TOKEN_FILE_INVALID'],
  ])('%s: %i %s', async (args, exitCode, code) => {
    writeFileSync(join(cwd, 'odd'), 'k8s-audit.pasted.token\n');

    expect(await run(args)).toMatchObject({ exitCode, failure: { code } });
    expect(readFileSync(join(cwd, 'odd'), 'utf8')).toBe('k8s-audit.pasted.token\n');
  });
});
