import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CreatedCertificates } from '../flows/create-certificates.ts';
import type { InspectedCertificates } from '../flows/inspect-certificates.ts';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

const nowMs = Date.UTC(2026, 10, 24);
const DAY_MS = 86_400_000;
let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'certs-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const run = (args: string, atMs = nowMs): Promise<CommandResult> => runCommand(args.split(' '), { cwd, nowMs: atMs });
const read = (path: string): string => readFileSync(join(cwd, path), 'utf8');
const modeOf = (path: string): string => (statSync(join(cwd, path)).mode & 0o7777).toString(8);
const shown = async (args: string, atMs = nowMs): Promise<InspectedCertificates & { exitCode: number }> => {
  const { stdout, exitCode } = await run(`certs show ${args} -o json`, atMs);
  return { ...(JSON.parse(stdout) as InspectedCertificates), exitCode };
};

describe('certs create', () => {
  it('keeps the authority apart from the receiver, and every key closed', async () => {
    const { exitCode, stdout } = await run('certs create --dir d --san 10.0.0.7 --san fd00::7 --cluster prod-eu --cluster prod-us');

    expect(exitCode).toBe(0);
    expect(stdout).toContain('The receiver can be dialled as: 10.0.0.7, fd00::7');
    expect(['d/ca', 'd/receiver', 'd/clusters/prod-eu'].map(modeOf)).toEqual(['700', '750', '700']);
    expect(['d/ca/ca.key', 'd/receiver/server.key', 'd/clusters/prod-us/audit-client.key'].map(modeOf)).toEqual(['600', '600', '600']);
    expect(read('d/receiver/ca.crt')).toBe(read('d/ca/ca.crt'));
    expect(read('d/clusters/prod-eu/audit-ca.cert')).toBe(read('d/ca/ca.crt'));
    for (const file of ['server.crt', 'server.key', 'ca.crt'])
      expect(read(`d/receiver/${file}`)).not.toContain(read('d/ca/ca.key').slice(30, 90));
  });

  it('makes what certs show finds in order', async () => {
    await run('certs create --dir d --san 10.0.0.7 --cluster prod-eu');
    const { certificates, closed, exitCode } = await shown('d');

    expect(exitCode).toBe(0);
    expect(closed).toEqual([]);
    expect(certificates.map(({ role, cluster, problems }) => [role, cluster, problems])).toEqual([
      ['authority', undefined, []],
      ['authority', undefined, []],
      ['cluster', 'prod-eu', []],
      ['authority', undefined, []],
      ['server', undefined, []],
    ]);
  });

  it('refuses to overwrite, naming every file, and changes nothing', async () => {
    await run('certs create --dir d --san 10.0.0.7 --cluster prod-eu');
    const before = read('d/receiver/server.crt');
    const again = await run('certs create --dir d --san 10.0.0.8 --cluster prod-eu --cluster prod-us');

    expect(again).toMatchObject({ exitCode: 1, failure: { code: 'FILE_EXISTS' } });
    for (const file of ['receiver/server.crt', 'receiver/server.key', 'clusters/prod-eu/audit-client.key'])
      expect(again.failure?.message).toContain(join(cwd, 'd', file));
    expect(read('d/receiver/server.crt')).toBe(before);
    expect(existsSync(join(cwd, 'd/clusters/prod-us'))).toBe(false);
  });

  it('adds a cluster with the authority that is there, and leaves the receiver alone', async () => {
    await run('certs create --dir d --san 10.0.0.7 --cluster prod-eu');
    const [authority, server] = [read('d/ca/ca.key'), read('d/receiver/server.crt')];
    const { stdout } = await run('certs create --dir d --cluster prod-us -o json', nowMs + DAY_MS);

    expect(JSON.parse(stdout) as CreatedCertificates).toMatchObject({ authority: 'used again', clusters: ['prod-us'], written: true });
    expect([read('d/ca/ca.key'), read('d/receiver/server.crt')]).toEqual([authority, server]);
    expect((await shown('d', nowMs + DAY_MS)).exitCode).toBe(0);
  });

  it('renews with --force: new keys, the same names, the same authority', async () => {
    await run('certs create --dir d --san 10.0.0.7 --san audit.example.com --cluster prod-eu');
    const [authority, key] = [read('d/ca/ca.key'), read('d/receiver/server.key')];
    const renewed = await run('certs create --dir d --force', nowMs + 300 * DAY_MS);
    const { certificates } = await shown('d/receiver', nowMs + 300 * DAY_MS);

    expect(renewed.exitCode).toBe(0);
    expect(read('d/ca/ca.key')).toBe(authority);
    expect(read('d/receiver/server.key')).not.toBe(key);
    expect(certificates.find(({ role }) => role === 'server')).toMatchObject({
      daysLeft: 365,
      problems: [],
      names: [
        { kind: 'ip', value: '10.0.0.7' },
        { kind: 'dns', value: 'audit.example.com' },
      ],
    });
  });

  it('writes nothing in a dry run, and says what it would write', async () => {
    const { stdout } = await run('certs create --dir d --san 10.0.0.7 --cluster prod-eu --dry-run');

    expect(existsSync(join(cwd, 'd'))).toBe(false);
    expect(stdout).toMatch(/Dry run.*\n(?: {2}create {3}6[04][04] {2}d\/\S+\n){8}/);
  });

  it('makes the guide’s certificates on request', async () => {
    await run('certs create --dir d --guide-compatible --san 192.168.1.5 --cluster minikube');
    const { certificates } = await shown('d/receiver');

    expect(certificates.find(({ role }) => role === 'server')).toMatchObject({
      key: 'RSA 2048',
      subject: 'C=US, ST=California, L=San Jose, O=Wazuh, OU=Research and development, emailAddress=info@wazuh.com, CN=192.168.1.5',
    });
  });

  it('names this machine without --san, and takes RSA and a term', async () => {
    await run('certs create --dir d --algorithm rsa --days 30');
    const server = (await shown('d/receiver')).certificates.find(({ role }) => role === 'server');

    expect(server).toMatchObject({ key: 'RSA 2048', daysLeft: 30 });
    expect(server?.names.map(({ value }) => value)).toEqual(expect.arrayContaining(['localhost', '127.0.0.1']));
  });

  it.each([
    ['certs create', 2, undefined],
    ['certs create --dir d --algorithm dsa', 2, undefined],
    ['certs create --dir d --days 0', 2, 'USAGE'],
    ['certs create --dir d --days 3651', 2, 'USAGE'],
    ['certs create --dir d --san https://10.0.0.7', 2, 'HOST_INVALID'],
    ['certs create --dir d --cluster Prod', 2, 'CLUSTER_NAME_INVALID'],
    ['certs create --dir d --receiver-owner no-such-user-here', 1, 'OWNER_UNKNOWN'],
  ])('%s ends with %i', async (args, exitCode, code) => {
    const result = await run(args);
    expect(result).toMatchObject({ exitCode });
    expect(result.failure?.code).toBe(code);
    expect(existsSync(join(cwd, 'd'))).toBe(false);
  });

  it('does not sign with half an authority, nor through a link', async () => {
    await run('certs create --dir d --san a');
    rmSync(join(cwd, 'd/ca/ca.key'));
    expect((await run('certs create --dir d --cluster b')).failure?.code).toBe('FILE_MISSING');
    writeFileSync(join(cwd, 'elsewhere.key'), 'x');
    symlinkSync('../../elsewhere.key', join(cwd, 'd/ca/ca.key'));
    expect((await run('certs create --dir d --cluster b')).failure?.code).toBe('FILE_IS_SYMLINK');
  });

  // Needs root: another user must exist to be kept out.
  it.skipIf(process.getuid?.() !== 0)('gives the receiver its files, and keeps the authority’s key from it', async () => {
    chmodSync(cwd, 0o755);
    await run('certs create --dir d --san 10.0.0.7 --receiver-owner 65534:65534');
    const readAs = (file: string): number | null => spawnSync('cat', [join(cwd, file)], { uid: 65_534, gid: 65_534 }).status;

    expect(readAs('d/receiver/server.key')).toBe(0);
    expect(readAs('d/receiver/ca.crt')).toBe(0);
    expect(readAs('d/ca/ca.key')).not.toBe(0);
  });
});

describe('certs show', () => {
  beforeEach(() => run('certs create --dir d --san 10.0.0.7 --cluster prod-eu'));

  it('prints a table', async () => {
    const { stdout, exitCode } = await run('certs show d/receiver/server.crt --ca d/ca/ca.crt');

    expect(exitCode).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'FILE                   WHAT               SUBJECT                             NAMES     ENDS                      PROBLEMS',
      'd/receiver/server.crt  server (EC P-256)  O=k8s-audit, CN=k8s-audit receiver  10.0.0.7  2027-11-24 (in 365 days)  -',
      '',
    ]);
  });

  it('ends with 1 once one has ended, with 0 while it only ends soon', async () => {
    const soon = await run('certs show d', nowMs + 350 * DAY_MS);
    expect(soon).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('warning: ends in 15 days') });

    const late = await run('certs show d', nowMs + 366 * DAY_MS);
    expect(late).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('error: ended on 2027-11-24') });
  });

  it('finds a key of another certificate, and another authority', async () => {
    await run('certs create --dir other --san 10.0.0.7');
    writeFileSync(join(cwd, 'd/receiver/server.key'), read('other/receiver/server.key'));
    const { certificates } = await shown('d/receiver/server.crt --ca other/ca/ca.crt');

    expect(certificates[0]?.problems.map(({ code }) => code)).toEqual(['key-mismatch', 'issuer-mismatch']);
  });

  it('passes over what is no certificate in a folder, and refuses it when it is named', async () => {
    writeFileSync(join(cwd, 'd/notes.pem'), 'hello');
    expect((await shown('d')).exitCode).toBe(0);
    expect((await run('certs show d/notes.pem')).failure?.code).toBe('CERT_UNREADABLE');
    expect((await run('certs show d/nothing')).failure?.code).toBe('FILE_MISSING');
  });

  it('finds nothing in an empty folder, and says so', async () => {
    expect(await run('certs show d/clusters/../..')).toMatchObject({ exitCode: 0 });
    rmSync(join(cwd, 'd'), { recursive: true });
    expect(await run('certs show .')).toMatchObject({ exitCode: 1, stdout: 'No certificate found.\n' });
  });
});
