import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderPack } from '@k8s-audit/detections';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'rules-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));
const run = (args: string): Promise<CommandResult> =>
  runCommand(['rules', 'render', ...args.split(' ').filter((each) => each !== '')], { cwd });

it('prints the pack core, each file under its name', async () => {
  const { stdout, exitCode } = await run('');

  expect(exitCode).toBe(0);
  expect(stdout).toBe([...renderPack('core')].map(([name, text]) => `<!-- ${name} -->\n${text}`).join('\n'));
});

it('prints a single file as it is, so that it can be redirected', async () => {
  expect((await run('--pack guide')).stdout).toBe([...renderPack('guide').values()][0]);
});

it('writes the files of both packs, with other ids, and says where', async () => {
  const { stdout } = await run('--pack core guide --id-base 105000 --out etc/rules');

  expect(readdirSync(join(cwd, 'etc/rules'))).toEqual(['k8s_audit_rules.xml', 'k8s_guide_rules.xml', 'zz_k8s_audit_end.xml']);
  expect(readFileSync(join(cwd, 'etc/rules/zz_k8s_audit_end.xml'), 'utf8')).toContain('id="105999"');
  expect((statSync(join(cwd, 'etc/rules/k8s_audit_rules.xml')).mode & 0o777).toString(8)).toBe('644');
  expect(stdout.split('\n')).toContain('Written: etc/rules/k8s_guide_rules.xml');
});

it('leaves what is there alone, all of it, unless told', async () => {
  writeFileSync(join(cwd, 'zz_k8s_audit_end.xml'), 'mine');

  expect(await run('--out .')).toMatchObject({ exitCode: 1, failure: { code: 'FILE_EXISTS' } });
  expect(readdirSync(cwd)).toEqual(['zz_k8s_audit_end.xml']);
  expect((await run('--out . --force')).exitCode).toBe(0);
  expect(readFileSync(join(cwd, 'zz_k8s_audit_end.xml'), 'utf8')).toBe(renderPack('core').get('zz_k8s_audit_end.xml'));
});

it('gives a program the files by name', async () => {
  expect(JSON.parse((await run('--pack guide -o json')).stdout)).toEqual({ files: Object.fromEntries(renderPack('guide')) });
});

it.each([
  ['--pack other', 2, undefined],
  ['--id-base x', 2, 'USAGE'],
  ['--pack guide --id-base 105000', 2, 'USAGE'],
  ['--id-base 118001', 2, 'RULE_ID_BASE_INVALID'],
  ['--id-base 110000', 2, 'RULE_ID_BASE_INVALID'],
])('%s ends with %i', async (args, exitCode, code) => {
  const result = await run(args);
  expect(result).toMatchObject({ exitCode, stdout: '' });
  expect(result.failure?.code).toBe(code);
});
