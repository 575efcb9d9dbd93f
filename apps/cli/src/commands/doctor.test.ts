import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { CheckResult } from '@k8s-audit/checks';
import { openEmbeddedWazuh } from '@k8s-audit/embedded-wazuh';
import { openQueueReader, type QueueReader } from '@k8s-audit/wazuh-queue';
import { createWazuhTree, startIndexerStandIn, type WazuhTree } from '@k8s-audit/wazuh-server/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { setupChecksum } from '../flows/cluster/setup-checksum.ts';
import { ALL_CHECKS } from '../flows/doctor/doctor-checks.ts';
import { runCommand } from '../testing/run-command.ts';

const MANIFEST = `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
  - name: kube-apiserver
    command: [kube-apiserver, --audit-policy-file=/etc/kubernetes/audit-policy.yaml, --audit-webhook-config-file=/etc/kubernetes/audit-webhook.yaml, --audit-webhook-batch-max-size=1]
`;

let tree: WazuhTree;
let wazuh: Awaited<ReturnType<typeof openEmbeddedWazuh>>;
let reader: QueueReader;
let receiver: ChildProcess;
const at = (path: string): string => join(tree.root, path);
const CERTIFICATES = 'var/ossec/integrations/kubernetes-webhook';

/** A whole server: installed, Wazuh's protocols on its sockets, the receiver running on free ports. */
beforeAll(async () => {
  tree = createWazuhTree();
  wazuh = await openEmbeddedWazuh({ homeFolder: tree.home, controlSockets: true, archivesFile: false });
  reader = await openQueueReader({ socketPath: wazuh.home.queueSocket, onMessages: (messages) => wazuh.process(messages) });
  chmodSync(wazuh.home.queueSocket, 0o660);
  const installed = await runCommand(['wazuh', 'install', '--root', tree.root, '--host', '127.0.0.1', '--cluster', 'prod-eu', '--yes']);
  expect(installed.failure).toBeUndefined();
  await startReceiver();
}, 60_000);

afterAll(async () => {
  receiver.kill();
  await reader.close();
  await wazuh.close();
  tree.remove();
});

/** With the configuration that was installed, its places below the root, and ports that the system gives. */
async function startReceiver(): Promise<void> {
  const text = readFileSync(at('etc/k8s-audit/receiver.yaml'), 'utf8').replaceAll(': /var/', `: ${tree.root}/var/`);
  const configuration = { ...(parse(text) as object), listen: { address: '127.0.0.1', port: 0 }, admin: { address: '127.0.0.1', port: 0 } };
  writeFileSync(at('free-ports.yaml'), stringify(configuration));
  const main = join(import.meta.dirname, '../main.ts');
  receiver = spawn(process.execPath, [main, 'receiver', 'run', '--config', at('free-ports.yaml')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: receiver.stdout as NodeJS.ReadableStream })) {
    const { event, url, admin } = JSON.parse(line) as { event: string; url: string; admin: string };
    if (event !== 'ready') continue;
    const portOf = (address: string): number => Number(new URL(address).port);
    writeFileSync(at('receiver.yaml'), stringify({ listen: { port: portOf(url) }, admin: { address: '127.0.0.1', port: portOf(admin) } }));
    return;
  }
}

async function complaints(...args: readonly string[]): Promise<string[]> {
  const { stdout, failure } = await runCommand(['doctor', '--root', tree.root, '--config', at('receiver.yaml'), '-o', 'json', ...args]);
  expect(failure).toBeUndefined();
  const { results } = JSON.parse(stdout) as { results: CheckResult[] };
  // What depends on the machine that runs the tests is held by tests of its own.
  return results
    .filter(({ check, finding }) => check.category !== 'platform' && (finding.kind === 'failure' || finding.kind === 'warning'))
    .map(({ check, finding }) => `${check.id} ${finding.kind}`);
}

describe('the doctor on a Wazuh server', () => {
  it('finds nothing wrong after an installation', async () => {
    expect(await complaints()).toEqual([]);
  });

  // Each breaks one thing and puts it back.
  const moved = (path: string): (() => void) => {
    renameSync(path, `${path}.away`);
    return () => renameSync(`${path}.away`, path);
  };
  const written = (path: string, text: string): (() => void) => {
    writeFileSync(path, text);
    return () => rmSync(path);
  };
  const withMode = (path: string, mode: number): (() => void) => {
    const before = statSync(path).mode;
    chmodSync(path, mode);
    return () => chmodSync(path, before);
  };
  const replaced = (path: string, from: string, to: string): (() => void) => {
    const before = readFileSync(path, 'utf8');
    writeFileSync(path, before.replace(from, to));
    return () => writeFileSync(path, before);
  };
  const mute = '<group name="a,"><rule id="100900" level="0"><location>k8s</location><description>mute</description></rule></group>\n';

  it.each<[string, () => () => void, readonly string[]]>([
    ['Wazuh’s queue is gone', () => moved(wazuh.home.queueSocket), ['wazuh-queue failure']],
    ['the group may not write to the queue', () => withMode(wazuh.home.queueSocket, 0o600), ['wazuh-queue failure']],
    ['wazuh-analysisd does not answer', () => moved(join(tree.home, 'queue/sockets/analysis')), ['wazuh-daemon failure']],
    ['logtest does not answer', () => moved(join(tree.home, 'queue/sockets/logtest')), ['rules-alert failure']],
    ['the rules are gone', () => moved(join(tree.home, 'etc/rules/k8s_audit_rules.xml')), ['rules-alert failure']],
    ['somebody’s rule takes our events', () => written(join(tree.home, 'etc/rules/a_first.xml'), mute), ['rules-alert failure']],
    [
      'a rule file does not load',
      () => written(join(tree.home, 'etc/rules/broken.xml'), '<group name="a,"><rule>'),
      ['rules-alert failure'],
    ],
    ['a key is open to others', () => withMode(at(`${CERTIFICATES}/ca/ca.key`), 0o644), ['certificate-keys failure']],
    [
      'the archive is half on',
      () => replaced(at('etc/filebeat/filebeat.yml'), 'archives:\n      enabled: false', 'archives:\n      enabled: true'),
      ['archive-settings warning'],
    ],
    [
      'our rules are excluded',
      () => replaced(join(tree.home, 'etc/ossec.conf'), '0215-policy_rules.xml', 'k8s_audit_rules.xml'),
      ['rules-folder failure'],
    ],
  ])('names what is wrong when %s, and nothing else', async (_what, breakIt, expected) => {
    const putBack = breakIt();
    try {
      expect(await complaints()).toEqual(expected);
    } finally {
      putBack();
    }
  });

  it('mends what can be mended safely, on request', async () => {
    const key = at('var/ossec/integrations/kubernetes-webhook/ca/ca.key');
    chmodSync(key, 0o644);

    expect(await complaints('--fix')).toEqual([]);
    expect(statSync(key).mode & 0o777).toBe(0o600);
  });
});

it('asks the indexer that is named, and keeps the password to itself', async () => {
  const indexer = await startIndexerStandIn();
  writeFileSync(at('indexer-password'), 'secret\n');
  const asked = ['--indexer', indexer.url, '--indexer-password-file', at('indexer-password')];
  try {
    expect(await complaints(...asked)).toEqual(['index-template warning']);
    indexer.health = 'red';
    expect(await complaints(...asked)).toEqual(['indexer-reachable failure']);
    const { stdout } = await runCommand(['doctor', '--root', tree.root, ...asked]);
    expect(stdout).not.toContain('secret');
  } finally {
    await indexer.close();
  }
});

describe('the doctor where there is nothing to look at', () => {
  const resultsOf = async (...args: readonly string[]): Promise<Record<string, string>> => {
    const { stdout } = await runCommand(['doctor', '--root', at('empty'), '-o', 'json', ...args]);
    const { results } = JSON.parse(stdout) as { results: CheckResult[] };
    return Object.fromEntries(results.map(({ check, finding }) => [check.id, `${finding.kind}: ${finding.seen}`]));
  };

  it.each([
    [['--root', '/nope'], 'There is no folder /nope.'],
    [['--home', '/nope'], 'There is no folder /nope.'],
    [['--kubeconfig', '/nope'], 'There is no file /nope.'],
    [['--manifest', '/nope'], 'There is no file /nope.'],
    [['--config', '/nope'], 'There is no file /nope.'],
  ])('refuses %j', async (args, message) => {
    expect(await runCommand(['doctor', ...args])).toMatchObject({ exitCode: 1, failure: { code: 'FILE_MISSING', message } });
  });

  it('names every part that it did not look at', async () => {
    mkdirSync(at('empty'), { recursive: true });
    const { stdout } = await runCommand(['doctor', '--root', at('empty')]);
    const report = stdout
      .slice(stdout.indexOf('Certificates\n'))
      .replaceAll(tree.root, '')
      .replace(/^\d+ ok, \d+ warnings, \d+ failures/m, 'N ok, N warnings, N failures');
    await expect(report).toMatchFileSnapshot('golden/doctor-nothing.txt');

    const results = await resultsOf();
    expect(results).toMatchObject({ 'wazuh-installed': `skipped: no Wazuh in ${at('empty/var/ossec')}` });
    // The canary’s are asked with --canary alone.
    expect(Object.keys(results)).toEqual(ALL_CHECKS.filter(({ category }) => category !== 'canary').map(({ id }) => id));
  });

  it('fails where a Wazuh is needed: before an installation, and where its folder is named', async () => {
    mkdirSync(at('empty/opt'), { recursive: true });
    expect(await resultsOf('--pre')).toMatchObject({
      'wazuh-installed': `failure: There is no Wazuh in ${at('empty/var/ossec')}.`,
      'wazuh-group': 'skipped: needs wazuh-installed',
    });
    expect(await resultsOf('--home', '/opt')).toMatchObject({ 'wazuh-installed': `failure: There is no Wazuh in ${at('empty/opt')}.` });
  });
});

it('asks again until nothing fails, or the time is over', async () => {
  mkdirSync(at('empty'), { recursive: true });
  const indexer = await startIndexerStandIn();
  writeFileSync(at('indexer-password'), 'secret\n');
  const named = ['--indexer', indexer.url, '--indexer-password-file', at('indexer-password')];
  const waited = async (seconds: string): Promise<number> =>
    (await runCommand(['doctor', '--root', at('empty'), ...named, '--wait', seconds, '--ignore', 'platform-clock', 'platform-disk']))
      .exitCode;
  let looks = 0;
  Object.defineProperty(indexer, 'health', { get: () => (looks++ === 0 ? 'red' : 'green') });
  try {
    expect(await waited('60')).toBe(0);
    expect(looks).toBe(2);
    Object.defineProperty(indexer, 'health', { get: () => 'red' });
    expect(await waited('1')).toBe(1);
  } finally {
    await indexer.close();
  }
  expect((await runCommand(['doctor', '--wait', 'long'])).failure).toMatchObject({ code: 'USAGE' });
});

describe('the doctor on a control-plane node', () => {
  const mounted = (checksum: string): string => `${MANIFEST.replace(
    'metadata: {',
    `metadata: {annotations: {k8s-audit/checksum: "${checksum}"}, `,
  )}    volumeMounts:
    - {name: audit, mountPath: /etc/kubernetes, readOnly: true}
  volumes:
  - {name: audit, hostPath: {path: /etc/kubernetes/audit}}
`;
  const found = ['api-server-batches failure', 'cis-1.2.16 failure', 'cis-1.2.17 failure', 'cis-1.2.18 failure', 'cis-1.2.19 failure'];

  it('finds the hand-made flags of the guide', async () => {
    writeFileSync(at('manifest.yaml'), MANIFEST);
    expect(await complaints('--manifest', at('manifest.yaml'))).toEqual([
      ...found,
      'api-server-policy-loaded failure',
      'cis-3.2.1 failure',
    ]);
  });

  it('reads the policy where the manifest mounts it from, and says whether it is the one that was loaded', async () => {
    const policy = (await runCommand(['policy', 'render', '--profile', 'cis'])).stdout;
    mkdirSync(at('etc/kubernetes/audit'), { recursive: true });
    writeFileSync(at('etc/kubernetes/audit/audit-policy.yaml'), policy);
    writeFileSync(at('manifest.yaml'), mounted(setupChecksum({ policy })));
    expect(await complaints('--manifest', at('manifest.yaml'))).toEqual(found);

    writeFileSync(at('etc/kubernetes/audit/audit-policy.yaml'), `${policy}# changed\n`);
    expect(await complaints('--manifest', at('manifest.yaml'))).toEqual([...found, 'api-server-policy-loaded failure']);
  });

  it('reports as its golden', async () => {
    cpSync(at('etc/kubernetes'), at('node/etc/kubernetes'), { recursive: true });
    const { stdout } = await runCommand(['doctor', '--root', at('node'), '--manifest', at('manifest.yaml')]);
    const report = stdout
      .slice(stdout.indexOf('API server\n'))
      .replaceAll(tree.root, '')
      .replace(/^\d+ ok, \d+ warnings/m, 'N ok, N warnings');
    await expect(report).toMatchFileSnapshot('golden/doctor-control-plane.txt');
  });
});

it('asks before an installation only what can be told then, and refuses ids that are none', async () => {
  const { stdout } = await runCommand(['doctor', '--root', tree.root, '--pre', '-o', 'json']);
  const ids = (JSON.parse(stdout) as { results: CheckResult[] }).results.map(({ check }) => check.id);

  expect(ids).toEqual(['platform-supported', 'platform-node', 'platform-disk', 'platform-clock', 'wazuh-installed', 'wazuh-group']);
  expect((await runCommand(['doctor', '--ignore', 'nonsense'])).exitCode).toBe(2);
});

it('says how to look after a receiver that is stopped, whose socket lies below the root', async () => {
  mkdirSync(at('stopped/etc/k8s-audit'), { recursive: true });
  writeFileSync(at('stopped/etc/k8s-audit/receiver.yaml'), 'admin: {address: /run/admin.sock}\n');
  const { stdout } = await runCommand(['doctor', '--root', at('stopped'), '-o', 'json']);
  const { results } = JSON.parse(stdout) as { results: CheckResult[] };

  expect(results.find(({ check }) => check.id === 'receiver-ready')?.finding).toEqual({
    kind: 'failure',
    seen: `${at('stopped/run/admin.sock')}/readyz: connect ENOENT ${at('stopped/run/admin.sock')}`,
    next: 'systemctl status k8s-audit-receiver',
  });
});

it('says so when the receiver is gone, last of all tests', async () => {
  receiver.kill();
  await once(receiver, 'close');
  expect(await complaints()).toEqual(['receiver-port failure', 'receiver-ready failure']);
});
