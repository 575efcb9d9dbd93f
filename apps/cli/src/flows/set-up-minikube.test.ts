import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseOsRelease } from '../minikube/os-release.ts';
import { planSetup, renderSetup, type SetupOptions } from '../minikube/setup-plan.ts';
import { type SetUpResult, setUpMinikube } from './set-up-minikube.ts';

/**
 * A machine made of stand-ins: a path on which nothing can change the real one. `sudo` writes down what it is asked and does nothing else, `curl` serves
 * from a folder; bash, checksums and archives are real.
 */
let machine: string;
beforeEach(() => {
  machine = mkdtempSync(join(tmpdir(), 'minikube-'));
  for (const folder of ['bin', 'web', 'tmp']) mkdirSync(join(machine, folder));
  for (const tool of ['bash', 'cut', 'cat', 'mktemp', 'rm', 'grep', 'awk', 'sha256sum', 'tar', 'gzip'])
    symlinkSync(execFileSync('/bin/sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim(), join(machine, 'bin', tool));
  tool('id', '[ "$1" = -u ] && echo 1000 || echo somebody');
  tool('sudo', `echo "sudo $*" >> ${machine}/asked; [ "$1" != tee ] || cat > /dev/null`);
  tool(
    'curl',
    `while [ $# -gt 1 ]; do [ "$1" = --output ] && out=$2; shift; done; echo "curl $1" >> ${machine}/asked; cat "${machine}/web/\${1##*/}" > "$out"`,
  );
  tool('nproc', 'echo 4');
  tool('sg', `echo "sg $*" >> ${machine}/asked`);
  for (const name of ['systemctl', 'dpkg-query', 'rpm']) tool(name, 'exit 1');
});
afterEach(() => rmSync(machine, { recursive: true, force: true }));

function tool(name: string, script: string): void {
  writeFileSync(join(machine, 'bin', name), `#!${join(machine, 'bin/bash')}\n${script}\n`);
  chmodSync(join(machine, 'bin', name), 0o755);
}
/** Puts a file on the web, with a checksum beside it: its own, or another's. */
function publish(name: string, content: string | Buffer, { sumOf = content }: { readonly sumOf?: string | Buffer } = {}): void {
  writeFileSync(join(machine, 'web', name), content);
  writeFileSync(join(machine, 'web', `${name}.sha256`), `${createHash('sha256').update(sumOf).digest('hex')}  ${name}\n`);
}
const asked = (): readonly string[] =>
  existsSync(join(machine, 'asked')) ? readFileSync(join(machine, 'asked'), 'utf8').trimEnd().split('\n') : [];
const plan = (over: Partial<SetupOptions> = {}): ReturnType<typeof planSetup> =>
  planSetup({
    distribution: parseOsRelease('ID=debian\nVERSION_CODENAME=bookworm'),
    architecture: 'amd64',
    driver: 'docker',
    kubernetesVersion: 'v1.36.2',
    skip: [],
    ...over,
  });
const env = (): Record<string, string> => ({ PATH: join(machine, 'bin'), TMPDIR: join(machine, 'tmp') });
let said = '';
const setUp = async (over: Partial<SetupOptions> = {}): Promise<SetUpResult> => {
  const progress = new PassThrough();
  try {
    return await setUpMinikube(plan(over), { progress, env: env(), signal: new AbortController().signal });
  } finally {
    said = String(progress.read() ?? '');
  }
};
const ONLY_KUBECTL = ['preflight', 'packages', 'docker', 'minikube', 'start'];

it('installs a file whose checksum is the published one, as root', async () => {
  publish('kubectl', 'the real one');

  expect(await setUp({ skip: ONLY_KUBECTL })).toEqual({ steps: [{ name: 'kubectl', outcome: 'done' }] });
  expect(asked()).toEqual([
    'curl https://dl.k8s.io/release/v1.36.2/bin/linux/amd64/kubectl',
    'curl https://dl.k8s.io/release/v1.36.2/bin/linux/amd64/kubectl.sha256',
    expect.stringMatching(/^sudo install -m 0755 \/\S+\/file \/usr\/local\/bin\/kubectl$/),
  ]);
});

it.each([
  ['another file', 'kubectl', 'not the one', { sumOf: 'the real one' }],
  ['an error page in the place of the checksum', 'kubectl', 'the real one', {}],
])('installs nothing for %s, and names the step', async (what, name, content, sum) => {
  publish(name, content, sum);
  if (what.startsWith('an error')) writeFileSync(join(machine, 'web/kubectl.sha256'), '<html>404</html>');

  await expect(setUp({ skip: ONLY_KUBECTL })).rejects.toMatchObject({
    code: 'MINIKUBE_STEP_FAILED',
    message: expect.stringContaining('The step kubectl ended with 1'),
    hint: expect.stringContaining('--skip kubectl'),
  });
  expect(asked().some((line) => line.startsWith('sudo'))).toBe(false);
  expect(execFileSync('ls', [join(machine, 'tmp')], { encoding: 'utf8' })).toBe('');
});

it('installs nothing of cri-dockerd that is not the pinned file, whatever is published beside it', async () => {
  publish('cri-dockerd-0.4.6.amd64.tgz', 'not the one');

  await expect(
    setUp({ driver: 'none', skip: ['preflight', 'packages', 'docker', 'kubectl', 'minikube', 'crictl', 'cni-plugins', 'start'] }),
  ).rejects.toMatchObject({
    code: 'MINIKUBE_STEP_FAILED',
  });
  expect(asked()).toEqual(['curl https://github.com/Mirantis/cri-dockerd/releases/download/v0.4.6/cri-dockerd-0.4.6.amd64.tgz']);
  expect(said).toMatch(/sha256sum: WARNING/);
});

it('takes no packages by another key than Docker’s, nor by a second one beside it', async () => {
  writeFileSync(join(machine, 'web/gpg'), 'a key');
  const skip = ['preflight', 'packages', 'kubectl', 'minikube', 'start'];
  const key = (fingerprint: string): string =>
    `printf 'pub:-:4096:1:X:1::::::scESC:\\nfpr:::::::::${fingerprint}:\\nsub:-:4096:1:Y:1::::::s:\\nfpr:::::::::FFFF:\\n'`;
  for (const keys of [key('AAAA'), `${key('9DC858229FC7DD38854AE2D88D81803C0EBFCD88')}; ${key('AAAA')}`, 'true']) {
    tool('gpg', keys);
    await expect(setUp({ skip })).rejects.toMatchObject({ code: 'MINIKUBE_STEP_FAILED' });
    expect(said).toContain("not the key of Docker's packages");
  }
  expect(asked().some((line) => line.startsWith('sudo'))).toBe(false);

  tool('gpg', key('9DC858229FC7DD38854AE2D88D81803C0EBFCD88'));
  tool('dpkg', 'echo amd64');
  await setUp({ skip });
  expect(asked().at(-1)).toBe('sudo usermod -aG docker somebody');
});

it('passes over what is done, and goes on where it ended', async () => {
  publish('kubectl', 'one');
  publish('minikube-linux-amd64', 'two', { sumOf: 'other' });
  const skip = ['preflight', 'packages', 'docker', 'start'];
  await expect(setUp({ skip })).rejects.toMatchObject({ message: expect.stringContaining('minikube') });
  tool('kubectl', 'echo "Client Version: v1.36.2"');
  publish('minikube-linux-amd64', 'two');
  rmSync(join(machine, 'asked'));

  expect(await setUp({ skip })).toEqual({
    steps: [
      { name: 'kubectl', outcome: 'was done already' },
      { name: 'minikube', outcome: 'done' },
    ],
  });
  expect(asked().some((line) => line.includes('kubectl'))).toBe(false);
  expect(said).toContain('[1/2] kubectl: done already\n[2/2] minikube: minikube v1.38.1, checked against its published checksum\n');
});

it('ends before anything changes on a machine that cannot do it', async () => {
  tool('nproc', 'echo 1');
  await expect(setUp()).rejects.toMatchObject({ message: expect.stringContaining('preflight') });
  expect(said).toContain('minikube needs 2 CPUs');

  tool('nproc', 'echo 4');
  tool('id', 'echo 0');
  await expect(setUp()).rejects.toMatchObject({ message: expect.stringContaining('preflight') });
  expect(said).toContain('minikube refuses root with this driver');
  expect(asked()).toEqual([]);
});

it('says what SELinux is, and leaves it', async () => {
  tool('getenforce', 'echo Enforcing');
  await setUp({ skip: ['packages', 'docker', 'kubectl', 'minikube', 'start'] });

  expect(said).toContain('SELinux: Enforcing, stays as it is');
});

it('does the same as the script that a dry run prints', async () => {
  publish('kubectl', 'one');
  publish('minikube-linux-amd64', 'two');
  const skip = ['docker'];
  await setUp({ skip });
  const bySteps = asked();
  rmSync(join(machine, 'asked'));
  execFileSync(join(machine, 'bin/bash'), ['-c', renderSetup(plan({ skip }))], { env: env(), stdio: 'pipe' });
  const anyFolder = (line: string): string => line.replaceAll(/\/tmp\/tmp\.\w+/g, '/tmp/X');

  expect(asked().map(anyFolder)).toEqual(bySteps.map(anyFolder));
  expect(bySteps).toContain('sudo env DEBIAN_FRONTEND=noninteractive apt-get -y install curl ca-certificates tar gnupg');
  expect(bySteps.at(-1)).toBe('sg docker -c minikube start --driver=docker --kubernetes-version=v1.36.2');
});
