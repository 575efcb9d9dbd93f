import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCertificates } from '@k8s-audit/certs';
import { parseRevokedList } from '@k8s-audit/client-access';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RevokedCertificate } from '../flows/revoke-certificate.ts';
import type { RotatedCertificates } from '../flows/rotate-certificates.ts';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

const nowMs = Date.UTC(2026, 10, 26);
let cwd: string;
beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'certs-revoke-'));
  await run('certs create --dir d --san 10.0.0.7 --cluster prod-eu');
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const run = (args: string): Promise<CommandResult> => runCommand(args.split(' '), { cwd, nowMs });
const revoke = (args: string): Promise<CommandResult> => run(`certs revoke --list revoked ${args}`);
const list = (): string => readFileSync(join(cwd, 'revoked'), 'utf8');
const marks = (): { readonly serial: string; readonly fingerprint: string } => {
  const [{ serialNumber, fingerprint256 }] = parseCertificates(readFileSync(join(cwd, 'd/clusters/prod-eu/audit-client.cert'), 'utf8'));
  return { serial: serialNumber, fingerprint: fingerprint256 };
};

it.each(['--dir d --cluster prod-eu', '--file d/clusters/prod-eu/audit-client.cert'])(
  'adds the certificate of %s, in the form that the receiver reads',
  async (which) => {
    const { exitCode, stdout } = await revoke(which);

    expect(exitCode).toBe(0);
    expect(stdout).toBe(`${marks().serial.toLowerCase()} is revoked, in revoked.\n`);
    expect(parseRevokedList(list()).has(marks())).toBe(true);
  },
);

it('takes the serial number that a renewal has told, with a note that stays on its line', async () => {
  const { stdout } = await run('certs rotate --dir d --cluster prod-eu -o json');
  const [replaced] = (JSON.parse(stdout) as RotatedCertificates).replaced;
  const { exitCode } = await runCommand(
    ['certs', 'revoke', '--list', 'revoked', '--serial', replaced?.serial ?? '', '--note', 'key\ncopied'],
    { cwd, nowMs },
  );

  expect(replaced?.what).toBe('cluster prod-eu');
  expect(exitCode).toBe(0);
  expect(list()).toBe(`${replaced?.serial}  revoked on 2026-11-26, key copied\n`);
  expect(parseRevokedList(list()).has(marks())).toBe(false);
});

it('keeps what others have written, and changes nothing the second time', async () => {
  writeFileSync(join(cwd, 'revoked'), '# by hand\nab:cd  old', { mode: 0o640 });
  await revoke('--dir d --cluster prod-eu');
  const once = list();
  const again = await revoke('--dir d --cluster prod-eu -o json');

  expect(once).toMatch(/^# by hand\nab:cd {2}old\n[0-9a-f]{32} {2}prod-eu, revoked on 2026-11-26\n$/);
  expect(JSON.parse(again.stdout) as RevokedCertificate).toMatchObject({ outcome: 'was revoked already', written: false });
  expect(list()).toBe(once);
  expect((statSync(join(cwd, 'revoked')).mode & 0o777).toString(8)).toBe('640');
});

it('writes nothing in a dry run', async () => {
  expect((await revoke('--dir d --cluster prod-eu --dry-run')).stdout).toMatch(/^Dry run, nothing is written: /);
  expect(existsSync(join(cwd, 'revoked'))).toBe(false);
});

it.each([
  ['--dir d --cluster nobody', 1, 'CERT_NOT_FOUND'],
  ['--cluster prod-eu', 2, 'USAGE'],
  ['--serial ab --file x', 2, 'USAGE'],
  ['', 2, 'USAGE'],
  ['--serial prod-eu', 1, 'REVOKED_LIST_INVALID'],
  ['--serial ', 1, 'REVOKED_LIST_INVALID'],
  ['--file d/ca/ca.crt', 1, 'CERT_NOT_FOUND'],
  ['--file d/ca/ca.key', 1, 'CERT_UNREADABLE'],
  ['--file missing', 1, 'FILE_MISSING'],
])('%s ends with %i and writes nothing', async (args, exitCode, code) => {
  const result = await runCommand(['certs', 'revoke', '--list', 'revoked', ...(args === '' ? [] : args.split(' '))], { cwd, nowMs });

  expect(result).toMatchObject({ exitCode });
  expect(result.failure?.code).toBe(code);
  expect(existsSync(join(cwd, 'revoked'))).toBe(false);
});

it('does not add to a list with a mistake, which the receiver would not read, nor through a link', async () => {
  writeFileSync(join(cwd, 'revoked'), 'prod-us\n');
  expect((await revoke('--dir d --cluster prod-eu')).failure?.code).toBe('REVOKED_LIST_INVALID');
  expect(list()).toBe('prod-us\n');

  rmSync(join(cwd, 'revoked'));
  writeFileSync(join(cwd, 'elsewhere'), '');
  symlinkSync('elsewhere', join(cwd, 'revoked'));
  expect((await revoke('--dir d --cluster prod-eu')).failure?.code).toBe('FILE_IS_SYMLINK');
});
