import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCertificates } from '@k8s-audit/certs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InspectedCertificates } from '../flows/inspect-certificates.ts';
import type { RotatedCertificates } from '../flows/rotate-certificates.ts';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

const nowMs = Date.UTC(2026, 10, 26);
const DAY_MS = 86_400_000;
let cwd: string;
beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'certs-rotate-'));
  await run('certs create --dir d --san 10.0.0.7 --cluster prod-eu --cluster prod-us');
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const run = (args: string, atMs = nowMs): Promise<CommandResult> => runCommand(args.split(' '), { cwd, nowMs: atMs });
const rotate = (args = '', atMs = nowMs): Promise<CommandResult> => run(`certs rotate --dir d${args === '' ? '' : ` ${args}`}`, atMs);
const read = (path: string): string => readFileSync(join(cwd, 'd', path), 'utf8');
const problems = async (atMs = nowMs): Promise<readonly string[]> => {
  const { certificates } = JSON.parse((await run('certs show d -o json', atMs)).stdout) as InspectedCertificates;
  return certificates.flatMap(({ file, problems: found }) => found.map(({ code }) => `${file}: ${code}`));
};
const snapshot = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(join(cwd, 'd'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((path) => [path, readFileSync(path, 'utf8')]),
  );

describe('certs rotate', () => {
  it('renews all, keeps modes, and says what must be copied where', async () => {
    const before = snapshot();
    const { stdout, exitCode } = await rotate();
    const after = snapshot();

    expect(exitCode).toBe(0);
    expect(Object.keys(after)).toEqual(Object.keys(before));
    expect(
      Object.keys(before)
        .filter((path) => before[path] !== after[path])
        .map((path) => path.split('/').at(-1))
        .sort(),
    ).toEqual(['audit-client.cert', 'audit-client.cert', 'audit-client.key', 'audit-client.key', 'server.crt', 'server.key']);
    expect(stdout).toContain(`Copy ${cwd}/d/clusters/prod-eu/audit-client.{cert,key}, ${cwd}/d/clusters/prod-us/audit-client.{cert,key}`);
    expect(stdout).toContain('within 5 minutes, without a restart');
    expect((statSync(join(cwd, 'd/receiver/server.key')).mode & 0o777).toString(8)).toBe('600');
    expect(await problems()).toEqual([]);
  });

  it('tells the serial number of what it has replaced, for the list of the revoked', async () => {
    const [{ serialNumber }] = parseCertificates(read('clusters/prod-eu/audit-client.cert'));
    const { stdout } = await rotate('--cluster prod-eu');

    expect(stdout).toContain(`Replaced: cluster prod-eu, serial ${serialNumber.toLowerCase()}\n`);
    expect(stdout).not.toContain('Replaced: receiver');
  });

  it('renews with --due what ends soon, and else nothing', async () => {
    expect(await rotate('--due')).toMatchObject({ exitCode: 0, stdout: 'Nothing to renew.\n' });
    await rotate('--cluster prod-us', nowMs + 200 * DAY_MS);
    const { stdout } = await rotate('--due 60 -o json', nowMs + 340 * DAY_MS);

    expect((JSON.parse(stdout) as RotatedCertificates).files.map(({ path }) => path.replace(`${cwd}/d/`, ''))).toEqual([
      'receiver/server.key',
      'receiver/server.crt',
      'clusters/prod-eu/audit-client.key',
      'clusters/prod-eu/audit-client.cert',
    ]);
  });

  it('mends with --due what was cut short between key and certificate', async () => {
    writeFileSync(join(cwd, 'd/receiver/server.key'), read('clusters/prod-eu/audit-client.key'));
    expect(await problems()).toHaveLength(1);
    await rotate('--due');

    expect(await problems()).toEqual([]);
  });

  it('changes the authority in three steps, each of which it asks about first', async () => {
    const old = read('ca/ca.crt');
    const begun = await rotate('--authority begin --kubernetes-version 1.35');
    const next = read('ca/next.crt');
    expect(begun.stdout).toMatch(/an API server of 1\.35 reads it at its start only: restart each, one after the other/);
    expect([read('receiver/ca.crt'), read('clusters/prod-eu/audit-ca.cert')]).toEqual([`${old}${next}`, `${old}${next}`]);

    const early = await rotate('--authority switch');
    expect(early).toMatchObject({ exitCode: 1, failure: { code: 'AUTHORITY_STEP_REFUSED' } });
    expect(early.failure?.message).toMatch(
      /every control-plane node of prod-eu, prod-us must have its new audit-ca\.cert.*before Kubernetes 1\.36/,
    );

    await rotate('--authority switch --distributed');
    expect(await problems()).toEqual([]);
    expect((await rotate('--authority finish')).failure?.message).toMatch(/for 5 minutes/);

    await rotate('--authority finish --distributed');
    expect([read('ca/ca.crt'), read('receiver/ca.crt'), read('clusters/prod-us/audit-ca.cert')]).toEqual([next, next, next]);
    expect([existsSync(join(cwd, 'd/ca/next.crt')), existsSync(join(cwd, 'd/ca/next.key'))]).toEqual([false, false]);
    expect(await problems()).toEqual([]);
  });

  it('tells a later Kubernetes that nothing has to be restarted', async () => {
    const { stdout } = await rotate('--authority begin --kubernetes-version 1.36.2');

    expect(stdout).toContain('an API server of 1.36.2 takes it within 5 minutes by itself');
    expect(stdout).not.toContain('restart each');
  });

  it('gives back the bytes from before when a change is abandoned', async () => {
    const before = snapshot();
    await rotate('--authority begin');
    await rotate('--authority abandon');

    expect(snapshot()).toEqual(before);
  });

  it('gives a cluster that comes in the middle of a change both authorities', async () => {
    await rotate('--authority begin');
    await run('certs create --dir d --cluster prod-asia');
    expect(read('clusters/prod-asia/audit-ca.cert')).toBe(read('receiver/ca.crt'));

    await rotate('--authority switch --distributed');
    await run('certs create --dir d --cluster prod-africa');
    await rotate('--authority finish --distributed');
    expect(await problems()).toEqual([]);
  });

  it('writes nothing in a dry run', async () => {
    const before = snapshot();
    const { stdout } = await rotate('--authority begin --dry-run');

    expect(snapshot()).toEqual(before);
    expect(stdout).toMatch(/^Dry run, nothing is written \(authority: overlap\):\n {2}create {3}d\/ca\/next\.key\n/);
  });

  it('adds a name to the receiver’s certificate, and leaves the clusters alone', async () => {
    const client = read('clusters/prod-eu/audit-client.cert');
    await rotate('--san fd00::7 --drop-san 10.0.0.7');
    const { certificates } = JSON.parse((await run('certs show d/receiver/server.crt -o json')).stdout) as InspectedCertificates;

    expect(certificates[0]?.names.map(({ value }) => value)).toEqual(['fd00::7']);
    expect(read('clusters/prod-eu/audit-client.cert')).toBe(client);
  });

  it.each([
    ['--cluster nobody', 1, 'CERT_NOT_FOUND'],
    ['--authority finish --distributed', 1, 'AUTHORITY_STEP_REFUSED'],
    ['--authority begin --cluster prod-eu', 2, 'USAGE'],
    ['--authority middle', 2, undefined],
    ['--due soon', 2, 'USAGE'],
    ['--days 0', 2, 'USAGE'],
    ['--drop-san 10.0.0.7', 2, 'HOST_INVALID'],
    ['--san https://x', 2, 'HOST_INVALID'],
  ])('%s ends with %i and changes nothing', async (args, exitCode, code) => {
    const before = snapshot();
    const result = await rotate(args);

    expect(result).toMatchObject({ exitCode });
    expect(result.failure?.code).toBe(code);
    expect(snapshot()).toEqual(before);
  });

  it('refuses a folder without an authority', async () => {
    expect((await run('certs rotate --dir nothing')).failure?.code).toBe('CERT_NOT_FOUND');
  });
});
