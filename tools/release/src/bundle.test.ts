import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { RECEIVER_FLAGS } from '@k8s-audit/cli/receiver-flags';
import { createWazuhTree } from '@k8s-audit/wazuh-server/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleRelease } from './bundle.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'release-'));
  await bundleRelease(resolve(import.meta.dirname, '../../..'), join(folder, 'k8s-audit'));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (program: string, ...args: readonly string[]): ReturnType<typeof spawnSync> =>
  // Nothing of the tree, no Node on the PATH.
  spawnSync(join(folder, program), args, { cwd: folder, env: { PATH: '/usr/bin:/bin' }, encoding: 'utf8' });

it('runs its commands without the source tree, through a link too', () => {
  symlinkSync(join(folder, 'k8s-audit/bin/k8s-audit'), join(folder, 'linked'));

  expect(run('linked', '--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(run('k8s-audit/bin/k8s-audit', 'rules', 'render', '--help').status).toBe(0);
  expect(run('k8s-audit/bin/k8s-audit-receiver', '--help').stdout).toContain('Usage: k8s-audit-receiver');
});

it('takes recorded events the whole way to their alerts', async () => {
  const { stdout, stderr } = await promisify(execFile)(
    join(folder, 'linked'),
    ['start', '--once', '--port', '0', '--state', join(folder, 'state')],
    {
      cwd: folder,
      env: { PATH: '/usr/bin:/bin' },
      timeout: 60_000,
    },
  );

  expect(stdout.split('\n').filter((line) => line.startsWith('118')).length).toBeGreaterThan(30);
  // The receiver is gone by then: nobody is told what to send it next.
  expect(stderr).not.toMatch(/Ctrl-C|replay/);
}, 60_000);

it('installs the receiver so that systemd starts the release’s own program', () => {
  const tree = createWazuhTree();
  const flags = ['--root', tree.root, '--host', '10.0.0.7', '--cluster', 'prod', '--dry-run'];
  const { stdout } = run('k8s-audit/bin/k8s-audit', 'wazuh', 'install', ...flags);
  tree.remove();

  const program = join(folder, 'k8s-audit/bin/k8s-audit-receiver');
  expect(stdout).toContain(`ExecStart=${program} --config`);
  expect(readFileSync(program, 'utf8')).toContain(` ${RECEIVER_FLAGS.join(' ')} `);
});

it('brings the programs and pages that its units name, where they are looked for in /opt/k8s-audit', () => {
  const units = ['deploy/systemd/k8s-audit-agent.service', 'lib/k8s-audit-receiver.service', 'lib/k8s-audit-receiver.socket'];
  const named = units.flatMap((unit) =>
    [
      ...readFileSync(join(folder, 'k8s-audit', unit), 'utf8').matchAll(/^(?:Documentation=file:\/\/|ExecStart=)\/opt\/k8s-audit\/(\S+)/gm),
    ].map(([, path]) => path as string),
  );

  // The receiver's ExecStart is written anew by `wazuh install`; as it stands it is a checkout's.
  const shipped = named.filter((path) => !path.startsWith('node_modules/'));
  expect(shipped.length).toBeGreaterThanOrEqual(4);
  for (const path of shipped) expect(existsSync(join(folder, 'k8s-audit', path)), path).toBe(true);
});

it('holds nothing but what it names', () => {
  expect(readdirSync(join(folder, 'k8s-audit')).sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'bin', 'deploy', 'docs', 'lib']);
  expect(readdirSync(join(folder, 'k8s-audit/lib')).sort()).toEqual(
    [
      'guide-policy.eventlists.jsonl',
      'k8s-audit-receiver.cjs',
      'k8s-audit-receiver.service',
      'k8s-audit-receiver.socket',
      'k8s-audit.cjs',
      'koffi',
      'large-events.worker.cjs',
      'node',
      'reader.worker.cjs',
      'sender.worker.cjs',
    ].sort(),
  );
});
