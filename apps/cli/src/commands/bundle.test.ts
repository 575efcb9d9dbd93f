import { createPrivateKey } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

let shared: string;
let cwd: string;
beforeAll(async () => {
  shared = mkdtempSync(join(tmpdir(), 'bundle-'));
  await runCommand(['certs', 'create', '--dir', join(shared, 'certs'), '--san', '127.0.0.1', '--cluster', 'prod-eu']);
});
beforeEach(() => {
  cwd = mkdtempSync(join(shared, 'cwd-'));
});
afterAll(() => rmSync(shared, { recursive: true, force: true }));

const bundle = (...args: string[]): Promise<CommandResult> =>
  runCommand(['bundle', 'prod-eu', '--receiver', '10.0.0.7', '--certs', join(shared, 'certs'), '--out', 'b', ...args], { cwd });
const read = (path: string): string => readFileSync(join(cwd, 'b', path), 'utf8');
const files = (): readonly string[] =>
  readdirSync(join(cwd, 'b'), { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(cwd, 'b', path)).isFile());
const originalKey = (): string => readFileSync(join(shared, 'certs/clusters/prod-eu/audit-client.key'), 'utf8');
const der = (pem: string, passphrase?: string): string =>
  createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) })
    .export({ type: 'pkcs8', format: 'der' })
    .toString('hex');

it('holds all that a node needs, a patch for each distribution, and no key in clear', async () => {
  const { exitCode, stdout } = await bundle('--log');
  expect(exitCode).toBe(0);
  expect(files().toSorted()).toEqual([
    'README.md',
    'audit/audit-ca.cert',
    'audit/audit-client.cert',
    'audit/audit-client.key.enc',
    'audit/policy.yaml',
    'audit/webhook.yaml',
    ...[
      'k0s.yaml',
      'k3s-config.yaml',
      'kind.yaml',
      'kops.yaml',
      'kubeadm-v1beta3.yaml',
      'kubeadm-v1beta4.yaml',
      'microk8s-arguments.txt',
      'minikube-arguments.txt',
      'rke2-config.yaml',
      'static-pod.yaml',
      'talos-patch.yaml',
    ].map((name) => `patches/${name}`),
  ]);
  // minikube would make an authority of the node of each of those.
  expect(files().filter((path) => /\.(crt|pem)$/.test(path))).toEqual([]);
  expect(files().filter((path) => /-----BEGIN (EC |RSA )?PRIVATE KEY-----/.test(read(path)))).toEqual([]);

  const passphrase = /: (\S{16,})\n/.exec(stdout)?.[1] ?? '';
  expect(der(read('audit/audit-client.key.enc'), passphrase)).toBe(der(originalKey()));
  expect(() => createPrivateKey(read('audit/audit-client.key.enc'))).toThrow();
  expect(files().filter((path) => read(path).includes(passphrase))).toEqual([]);
});

it('has YAML that reads as YAML, and a webhook that may lie in any folder', async () => {
  await bundle('--api-server', 'cp-1');
  for (const path of files().filter((each) => each.endsWith('.yaml')))
    for (const document of parseAllDocuments(read(path), { version: '1.1' })) expect([path, document.errors]).toEqual([path, []]);
  expect(parse(read('audit/webhook.yaml')).clusters[0].cluster).toEqual({
    server: 'https://10.0.0.7:8080/prod-eu/cp-1',
    'certificate-authority': 'audit-ca.cert',
  });
  expect(read('patches/minikube-arguments.txt')).toContain(
    '--extra-config=apiserver.audit-policy-file=/etc/ssl/certs/k8s-audit/policy.yaml\n',
  );
});

it('encrypts with a passphrase of one’s own, and not at all when that is asked for', async () => {
  writeFileSync(join(cwd, 'secret'), 'correct horse battery\nsecond line\n');
  const own = await bundle('--passphrase-file', 'secret');
  expect(own.stdout).not.toContain('Passphrase');
  expect(der(read('audit/audit-client.key.enc'), 'correct horse battery')).toBe(der(originalKey()));

  rmSync(join(cwd, 'b'), { recursive: true });
  await bundle('--plain-secrets');
  expect(read('audit/audit-client.key')).toBe(originalKey());
  expect(parse(read('patches/talos-patch.yaml')).machine.files.at(-1).content).toBe(originalKey());
  expect(['audit/audit-client.key', 'patches/talos-patch.yaml'].map((path) => statSync(join(cwd, 'b', path)).mode & 0o77)).toEqual([0, 0]);
});

it('is not written over something', async () => {
  mkdirSync(join(cwd, 'b'));
  writeFileSync(join(cwd, 'b/theirs'), '');
  expect((await bundle()).failure?.code).toBe('FILE_EXISTS');
  expect(files()).toEqual(['theirs']);
});

it.each([
  [['--plain-secrets', '--passphrase-file', 'x'], 2, 'USAGE'],
  [['--passphrase-file', 'short'], 2, 'USAGE'],
  [['--passphrase-file', 'missing'], 1, 'FILE_MISSING'],
  [['--rate', '0'], 2, 'USAGE'],
  [['--policy', 'missing.yaml'], 1, 'FILE_MISSING'],
])('with %j it ends with %i, and makes no folder', async (args, exitCode, code) => {
  writeFileSync(join(cwd, 'short'), 'short\n');
  const result = await bundle(...args);
  expect([result.exitCode, result.failure?.code]).toEqual([exitCode, code]);
  expect(readdirSync(cwd)).toEqual(['short']);
});
