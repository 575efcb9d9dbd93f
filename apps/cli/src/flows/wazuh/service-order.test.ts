import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEmbeddedWazuh } from '@k8s-audit/embedded-wazuh';
import { openChangeStore } from '@k8s-audit/host-files';
import { createWazuhTree, type WazuhTree } from '@k8s-audit/wazuh-server/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runActions } from './host-actions.ts';
import { install, type PlannedInstallation, prepareInstall } from './install.ts';
import { type InstallOptions, startActions } from './plan-install.ts';
import { settle } from './settle.ts';
import { uninstall } from './uninstall.ts';

let tree: WazuhTree;
let wazuh: Awaited<ReturnType<typeof openEmbeddedWazuh>>;
beforeEach(async () => {
  tree = createWazuhTree();
  wazuh = await openEmbeddedWazuh({ homeFolder: tree.home, controlSockets: true, archivesFile: false });
  mkdirSync(join(tree.root, 'bin'));
});
afterEach(async () => {
  await wazuh.close();
  tree.remove();
});

/** systemd's own tool as one that notes how it was called, and whether the unit files lay there then. */
function systemctl(refuses = 'nothing'): void {
  const units = `${tree.root}/etc/systemd/system`;
  const script = `#!/bin/sh
there=gone; [ -f ${units}/k8s-audit-receiver.service ] && [ -f ${units}/k8s-audit-receiver.socket ] && there=there
echo "$1 (units $there)" >> ${tree.root}/calls
[ "$1" != ${refuses} ] || { echo "Job for k8s-audit-receiver.service failed" >&2; exit 1; }
`;
  writeFileSync(join(tree.root, 'bin/systemctl'), script);
  chmodSync(join(tree.root, 'bin/systemctl'), 0o755);
}
const calls = (): readonly string[] => {
  const file = join(tree.root, 'calls');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
};
const tools = (): { env: Record<string, string> } => ({ env: { PATH: join(tree.root, 'bin') } });

/** An installation on this machine, but for the folder that its files go to: services are begun. */
async function planned(): Promise<PlannedInstallation> {
  const options: InstallOptions = {
    root: tree.root,
    packs: ['core'],
    hosts: ['10.0.0.7'],
    clusters: [],
    program: '/opt/k8s-audit/bin/k8s-audit-receiver',
    nowMs: Date.now(),
    env: {},
  };
  const prepared = await prepareInstall(options);
  return { ...prepared, plan: { ...prepared.plan, after: startActions() } };
}

const BEGUN = ['daemon-reload (units there)', 'enable (units there)'];
/** Stopped while systemd still knows them; then it is told that they are gone. */
const ENDED = ['disable (units there)', 'daemon-reload (units gone)'];

it('starts services when their units lie there, and stops them before the units go', async () => {
  systemctl();
  const prepared = await planned();
  await install(prepared, { ...tools(), mayRestart: false });
  expect(calls()).toEqual(BEGUN);

  const options = { root: tree.root, dryRun: false, mayRestart: false, leavesServers: false, nowMs: Date.now() };
  expect((await uninstall(prepared.installation, options, tools()))?.problems).toEqual([]);
  expect(calls()).toEqual([...BEGUN, ...ENDED]);
});

it('keeps that order when a later step of the installation fails', async () => {
  systemctl();
  // A rule of somebody's that takes every event: the probe raises no alert, when services run already.
  writeFileSync(
    join(tree.home, 'etc/rules/a_first.xml'),
    '<group name="a,"><rule id="100900" level="0"><location>k8s</location><description>mute</description></rule></group>\n',
  );
  await expect(install(await planned(), { ...tools(), mayRestart: false })).rejects.toMatchObject({ code: 'RULES_REFUSED' });
  expect(calls()).toEqual([...BEGUN, ...ENDED]);
});

it('takes the units back when a service does not start', async () => {
  systemctl('enable');
  await expect(install(await planned(), { ...tools(), mayRestart: false })).rejects.toMatchObject({
    code: 'HOST_ACTION_FAILED',
    message: expect.stringContaining('Job for k8s-audit-receiver.service failed'),
  });
  expect(calls()).toEqual([...BEGUN, 'daemon-reload (units gone)']);
});

it('keeps that order when an installation that was killed is rolled back', async () => {
  systemctl();
  const { installation, plan, files } = await planned();
  const store = await openChangeStore({ folder: join(tree.root, 'var/lib/k8s-audit-install') });
  const change = await store.begin('install on Wazuh', files, { data: { actions: plan.after, edited: {} } });
  await change.apply();
  await runActions(plan.after, tools());
  // Killed here: nothing says that it is finished.
  store.close();

  const settled = await settle(installation, { root: tree.root, direction: 'rollback', mayRestart: false }, tools());
  expect(settled).toEqual({ kind: 'rolled-back', problems: [] });
  expect(calls()).toEqual([...BEGUN, ...ENDED]);
});
