import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCommand } from '../testing/run-command.ts';

let folder: string;
let kubeconfig: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drill-'));
  kubeconfig = join(folder, 'admin.conf');
  writeFileSync(kubeconfig, 'never asked');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('lists what there is, and why something is not', async () => {
  const { stdout } = await runCommand(['drill', 'list']);

  expect(stdout).toContain('exec-into-pod              create a pod that does nothing; ask for a session');
  expect(stdout).toContain('No drill for controller-denied: only with the credentials');
});

it('says what it would do, and does nothing', async () => {
  const { stdout, exitCode } = await runCommand(['drill', 'run', 'workload-deleted', '--kubeconfig', kubeconfig, '--dry-run']);

  expect(exitCode).toBe(0);
  expect(stdout).toBe(`Would do, on the cluster of ${kubeconfig}:
  make a namespace k8s-audit-drill-…
  workload-deleted: create a deployment without any replica
  workload-deleted: delete it
  take the namespace away
`);
});

it('refuses a drill that is none, one that cannot be, and a cluster that is not named', async () => {
  const refused = async (...args: readonly string[]): Promise<string | undefined> =>
    (await runCommand(['drill', 'run', ...args])).failure?.message;

  expect(await refused('nonsense', '--kubeconfig', kubeconfig)).toBe('There is no drill nonsense.');
  expect(await refused('controller-denied', '--kubeconfig', kubeconfig)).toContain('controller-denied: only with');
  expect(await refused('workload-deleted', '--root', folder)).toBe('There is no cluster to do it on.');
});

it('takes a kubeconfig that cannot be used for what it is', async () => {
  const { failure, exitCode } = await runCommand(['drill', 'all', '--kubeconfig', kubeconfig, '--root', folder]);
  expect([failure?.code, exitCode]).toEqual(['CLUSTER_UNREACHABLE', 1]);
});
