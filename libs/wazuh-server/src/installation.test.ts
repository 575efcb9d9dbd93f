import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { AskDaemon } from './ask-daemon.ts';
import { inspectInstallation } from './installation.ts';
import { askLogtest } from './logtest.ts';
import { reloadRules } from './reload-rules.ts';
import { createWazuhTree, type WazuhTree, type WazuhTreeOptions } from './testing/wazuh-tree.ts';
import { parseWazuhVersion } from './version.ts';

let tree: WazuhTree;
afterEach(() => tree?.remove());

async function inspected(options: WazuhTreeOptions): ReturnType<typeof inspectInstallation> {
  tree = createWazuhTree(options);
  return inspectInstallation(tree.root);
}

it.each([
  [{}, { type: 'manager', version: { major: 4, minor: 14, patch: 7 }, node: 'single', container: 'none' }],
  [{ version: 'v4.3.10' }, { version: { major: 4, minor: 3, patch: 10 } }],
  [{ node: 'master' }, { node: 'master' }],
  [{ node: 'worker' }, { node: 'worker' }],
  [{ type: 'agent' }, { type: 'agent', node: 'single' }],
  [{ container: 'docker' }, { container: 'docker' }],
  [{ container: 'kubernetes' }, { container: 'kubernetes' }],
] as const)('recognises %j', async (options, expected) => {
  expect(await inspected(options)).toMatchObject(expected);
});

it('says what is not a Wazuh that it knows', async () => {
  tree = createWazuhTree();
  const control = join(tree.home, 'bin/wazuh-control');
  writeFileSync(control, '#!/bin/sh\necho WAZUH_VERSION=weird\n');
  await expect(inspectInstallation(tree.root)).rejects.toMatchObject({ code: 'WAZUH_UNSUPPORTED' });
  chmodSync(control, 0o600);
  await expect(inspectInstallation(tree.root)).rejects.toMatchObject({ code: 'WAZUH_UNSUPPORTED' });
  rmSync(control);
  await expect(inspectInstallation(tree.root)).rejects.toMatchObject({ code: 'WAZUH_MISSING' });
});

it('tells a user who may not look from a Wazuh that is not there', () => {
  tree = createWazuhTree();
  chmodSync(tree.home, process.getuid?.() === 0 ? 0o750 : 0o000);
  // Root may look everywhere: the child gives that up once it has read its modules.
  const look = `
    const { inspectInstallation } = await import(${JSON.stringify(new URL('./installation.ts', import.meta.url).href)});
    if (process.getuid() === 0) { process.setgroups([]); process.setgid(65534); process.setuid(65534); }
    await inspectInstallation(${JSON.stringify(tree.root)}).catch(({ code, message, hint }) => console.log(JSON.stringify({ code, message, hint })));`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', look], { encoding: 'utf8' });
  chmodSync(tree.home, 0o750);

  expect(JSON.parse(stdout)).toEqual({
    code: 'FILE_UNREADABLE',
    message: `This user may not look into ${tree.home}.`,
    hint: 'Run it with sudo.',
  });
});

it.each(['', 'v4', '4.14', 'latest', 'v4.14.7\nv5', 'v4.1400.7'])('reads no version from %j', (text) => {
  expect(parseWazuhVersion(text)).toBeUndefined();
});

const answers =
  (...all: readonly Awaited<ReturnType<AskDaemon>>[]): AskDaemon =>
  async () =>
    all[0] as Awaited<ReturnType<AskDaemon>>;

it('reloads hot where the manager can, and tells what it said', async () => {
  const installation = await inspected({});
  const ask = answers({ kind: 'answer', error: 0, message: 'ok', data: ['(7612): Rule ID duplicated'] });
  expect(await reloadRules(installation, { ask, mayRestart: false })).toEqual({
    kind: 'reloaded',
    messages: ['(7612): Rule ID duplicated'],
  });

  const refusal = answers({ kind: 'answer', error: 1, message: 'due', data: ['(5107): Error loading the rules'] });
  expect(await reloadRules(installation, { ask: refusal, mayRestart: true })).toEqual({
    kind: 'refused',
    messages: ['(5107): Error loading the rules'],
  });
});

it('restarts an older manager only when it may', async () => {
  const installation = await inspected({ version: 'v4.12.0' });
  const never: AskDaemon = () => Promise.reject(new Error('asked'));

  expect(await reloadRules(installation, { ask: never, mayRestart: false })).toEqual({ kind: 'restart-needed' });
  expect(await reloadRules(installation, { ask: never, mayRestart: true })).toEqual({ kind: 'restarted' });
  expect(readFileSync(join(tree.home, 'logs/restarts.log'), 'utf8')).toBe('restart\n');
});

it.each([
  [
    { token: 'aa', messages: [], alert: true, codemsg: 0, output: { rule: { id: '118211', level: 5 } } },
    { kind: 'verdict', rule: { id: '118211', level: 5 }, isAlert: true },
  ],
  [
    { token: 'aa', messages: ['INFO: …'], alert: false, codemsg: 0, output: {} },
    { kind: 'verdict', isAlert: false, messages: ['INFO: …'] },
  ],
  [
    { messages: ['ERROR: (7312): rules'], codemsg: -1 },
    { kind: 'refused', reason: 'ERROR: (7312): rules' },
  ],
])('reads %j of logtest', async (data, expected) => {
  expect(await askLogtest('/nowhere', '{}', 'k8s', answers({ kind: 'answer', error: 0, message: '', data }))).toMatchObject(expected);
});
