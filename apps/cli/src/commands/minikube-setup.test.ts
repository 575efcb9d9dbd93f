import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SetupPlan } from '../minikube/setup-plan.ts';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'minikube-setup-'));
  writeFileSync(join(cwd, 'os-release'), 'ID=rocky\nID_LIKE="rhel centos fedora"\nPRETTY_NAME="Rocky Linux 9.6"\n');
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const run = (args: string): Promise<CommandResult> =>
  runCommand(`minikube setup --dry-run --os-release os-release --arch arm64 ${args}`.trim().split(' '), { cwd });

it('prints the plan of another machine as a script', async () => {
  const { stdout, exitCode } = await run('--driver none --skip start');

  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^#!\/usr\/bin\/env bash\n# minikube with Kubernetes v1\.36\.2, driver none, on Rocky Linux 9\.6 \(arm64\)\.\n/);
  expect(stdout).toContain('cri-dockerd-0.4.6.arm64.tgz 8705da6b47b309ecc0480972dad6f4e134bd42644d2dc72f5be264918200bf4f');
  expect(stdout).not.toContain('minikube start');
});

it('prints the same plan for machines', async () => {
  const { steps, driver } = JSON.parse((await run('-o json')).stdout) as SetupPlan;

  expect([driver, steps.map(({ name }) => name)]).toEqual(['docker', ['preflight', 'packages', 'docker', 'kubectl', 'minikube', 'start']]);
});

it.each([
  ['--skip selinux', 2, 'USAGE'],
  ['--driver a;b', 2, 'USAGE'],
  ['--kubernetes-version latest', 2, 'USAGE'],
  ['--arch s390x', 2, undefined],
  ['--os-release missing', 1, 'FILE_MISSING'],
])('%s ends with %i', async (args, exitCode, code) => {
  const result = await run(args);

  expect(result).toMatchObject({ exitCode });
  expect(result.failure?.code).toBe(code);
});
