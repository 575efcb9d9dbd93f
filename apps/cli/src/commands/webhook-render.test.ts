import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'webhook-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));
const run = (args: string): Promise<CommandResult> => runCommand(['webhook', 'render', ...args.split(' ')], { cwd });

it('prints the kubeconfig', async () => {
  const { stdout, exitCode } = await run('--server [fd00::7] --cluster prod-eu --api-server cp-1 --tls-server-name audit.example.com');

  expect(exitCode).toBe(0);
  expect(parse(stdout)).toMatchObject({
    clusters: [
      {
        cluster: {
          server: 'https://[fd00::7]:8080/prod-eu/cp-1',
          'certificate-authority': '/etc/kubernetes/audit/audit-ca.cert',
          'tls-server-name': 'audit.example.com',
        },
      },
    ],
  });
});

it('prints the flags for a rate, as lines and as YAML items', async () => {
  const lines = await run('--server 10.0.0.7 --cluster a --flags --rate 800 --set audit-webhook-batch-max-wait=500ms');
  expect(lines.stdout).toContain('--audit-webhook-batch-throttle-qps=80\n');
  expect(lines.stdout).toContain('--audit-webhook-batch-max-wait=500ms\n');

  const items = await run('--server 10.0.0.7 --cluster a --flags yaml --rate 800 --set audit-webhook-batch-max-wait=500ms');
  expect(items.stdout).toMatch(
    /^# Carries 8000 events a second\. The receiver may be away for 243 s; until then about 486 MB of memory\.\n/,
  );
  expect(parse(items.stdout)).toEqual(lines.stdout.trim().split('\n'));
});

it('gives a program everything at once', async () => {
  const { stdout } = await run('--server 10.0.0.7 --cluster a -o json');

  expect(JSON.parse(stdout)).toMatchObject({
    kubeconfig: expect.stringContaining('https://10.0.0.7:8080/a'),
    flags: expect.arrayContaining([{ name: 'audit-webhook-mode', value: 'batch' }]),
    estimate: { ceilingEventsPerSecond: 5_000 },
  });
});

it('writes a file, and does not overwrite it unasked', async () => {
  expect((await run('--server 10.0.0.7 --cluster a --out w.yaml')).stdout).toBe('Written: w.yaml\n');
  expect(readFileSync(join(cwd, 'w.yaml'), 'utf8')).toContain('https://10.0.0.7:8080/a');
  expect((await run('--server 10.0.0.7 --cluster b --out w.yaml')).failure?.code).toBe('FILE_EXISTS');
  expect((await run('--server 10.0.0.7 --cluster b --out w.yaml --force')).exitCode).toBe(0);
  expect(readFileSync(join(cwd, 'w.yaml'), 'utf8')).toContain('https://10.0.0.7:8080/b');
});

it.each([
  ['--cluster a', 2, undefined],
  ['--server 10.0.0.7', 2, undefined],
  ['--server 10.0.0.7 --cluster a --flags toml', 2, undefined],
  ['--server 10.0.0.7 --cluster a --rate many', 2, 'USAGE'],
  ['--server 10.0.0.7 --cluster a --rate 0', 1, 'EVENT_RATE_INVALID'],
  ['--server http://10.0.0.7 --cluster a', 2, 'WEBHOOK_SERVER_INVALID'],
  ['--server 10.0.0.7 --cluster A', 2, 'CLUSTER_NAME_INVALID'],
  ['--server 10.0.0.7 --cluster a --set audit-webhook-mode=blocking', 1, 'APISERVER_FLAG_REFUSED'],
])('%s ends with %i', async (args, exitCode, code) => {
  const result = await run(args);
  expect(result).toMatchObject({ exitCode, stdout: '' });
  expect(result.failure?.code).toBe(code);
});
