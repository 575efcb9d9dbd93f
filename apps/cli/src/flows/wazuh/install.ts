import { dirname, join } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { type Change, type ChangePlan, hasChanges, interrupted, makeFolder, openChangeStore, planChanges } from '@k8s-audit/host-files';
import { askDaemon } from '@k8s-audit/wazuh-queue';
import { askLogtest, inspectInstallation, PLACES, type RulesReload, reloadRules, type WazuhInstallation } from '@k8s-audit/wazuh-server';
import { type ActionTools, type HostAction, isUserAction, runActions, undoActions } from './host-actions.ts';
import { hostPlaces } from './host-places.ts';
import { type InstallOptions, type InstallPlan, planInstall } from './plan-install.ts';
import { probeEvent } from './probe-event.ts';

export interface PlannedInstallation {
  readonly installation: WazuhInstallation;
  readonly plan: InstallPlan;
  readonly files: ChangePlan;
}

export interface Installed {
  readonly changedFiles: readonly string[];
  readonly reload: RulesReload | { readonly kind: 'nothing-new' };
  /** The rule that takes a probe event, asked of the manager's own logtest. */
  readonly probe: { readonly kind: 'alert'; readonly rule: string } | { readonly kind: 'not-asked'; readonly because: string };
}

/** What a change of an installation remembers for its undo, beside the bytes. */
export interface InstallRecord {
  readonly actions: readonly HostAction[];
  /** People's own files as we left them, by path: to tell our lines from others' later. */
  readonly edited: Readonly<Record<string, string>>;
}

/** Looks, checks and plans; changes nothing. */
export async function prepareInstall(options: InstallOptions, home?: string): Promise<PlannedInstallation> {
  const installation = await inspectInstallation(options.root, home);
  await refuseInterrupted(hostPlaces(options.root, installation.home).changes);
  const plan = await planInstall(installation, options);
  return { installation, plan, files: await planChanges(plan.wanted) };
}

/**
 * The user -> the files, journalled -> services -> rules read anew -> a probe event through the manager's own logtest. Where a step
 * fails, everything before it is taken back, and the rules that were in force before stay so.
 *
 * @throws Failure RULES_REFUSED with the manager's words, HOST_ACTION_FAILED, what host-files throws
 */
export async function install(
  { installation, plan }: PlannedInstallation,
  options: InstallOptions,
  { mayRestart, ...tools }: ActionTools & { readonly mayRestart: boolean },
): Promise<Installed> {
  const { changes } = hostPlaces(options.root, installation.home);
  await makeFolder(dirname(changes), { mode: 0o755, existing: 'keep' });
  const store = await openChangeStore({ folder: changes, now: () => options.nowMs });
  const done: HostAction[] = [];
  let change: Change | undefined;
  try {
    await runActions(plan.before, tools);
    done.push(...plan.before);
    // Once more: now the user is there that some files belong to.
    const files = await planChanges((await planInstall(installation, options)).wanted);
    const edited = files.files.filter(({ before, path }) => before.kind === 'file' && !isOurs(path, options.root, installation.home));
    const record: InstallRecord = {
      actions: [...plan.before, ...plan.after],
      edited: Object.fromEntries(edited.map(({ path, afterBytes }) => [path, afterBytes.toString()])),
    };
    change = await store.begin('install on Wazuh', files, { data: record });
    await change.apply();
    await runActions(plan.after, tools);
    done.push(...plan.after);
    const reload = await rulesInForce(installation, files, mayRestart);
    const probe = await probed(installation, options.nowMs);
    await change.finish();
    return { changedFiles: files.files.map(({ path }) => path), reload, probe };
  } catch (error) {
    // Services before their unit files, the user after the files that belong to it.
    await undoActions(
      done.filter((action) => !isUserAction(action)),
      tools,
    );
    await change?.rollBack();
    await undoActions(done.filter(isUserAction), tools);
    if (change !== undefined && installation.type === 'manager') await reloadRules(installation, { ask: askDaemon, mayRestart });
    throw error;
  } finally {
    store.close();
  }
}

/** @throws Failure CHANGE_INTERRUPTED */
async function refuseInterrupted(changes: string): Promise<void> {
  if (!(await hasChanges(changes))) return;
  const store = await openChangeStore({ folder: changes });
  store.close();
  if (store.unfinished !== undefined) throw interrupted(store.unfinished);
}

/** Files that are people's and get lines of ours; every other one is ours alone. */
function isOurs(path: string, root: string, home: string): boolean {
  return path !== join(home, PLACES.configuration) && path !== hostPlaces(root, home).filebeat;
}

async function rulesInForce(installation: WazuhInstallation, { files }: ChangePlan, mayRestart: boolean): Promise<Installed['reload']> {
  const folder = join(installation.home, PLACES.rules);
  if (!files.some(({ path }) => dirname(path) === folder)) return { kind: 'nothing-new' };
  const reload = await reloadRules(installation, { ask: askDaemon, mayRestart });
  if (reload.kind === 'refused')
    throw new Failure('RULES_REFUSED', `wazuh-analysisd keeps its rules: ${reload.messages.join('; ')}`, {
      hint: 'Nothing was changed. See what it complains about: k8s-audit rules check',
    });
  return reload;
}

/** logtest reads the files, whether or not the daemon has. */
async function probed({ home, type, node }: WazuhInstallation, nowMs: number): Promise<Installed['probe']> {
  if (type !== 'manager' || node === 'worker') return { kind: 'not-asked', because: 'rules are another node’s' };
  const verdict = await askLogtest(home, probeEvent(nowMs), 'k8s', askDaemon);
  if (verdict.kind === 'unavailable') return { kind: 'not-asked', because: `logtest does not answer (${verdict.reason})` };
  if (verdict.kind === 'refused')
    throw new Failure('RULES_REFUSED', `logtest cannot load the rules: ${verdict.reason}`, {
      hint: 'Nothing was changed. See: k8s-audit rules check',
    });
  if (!verdict.isAlert || verdict.rule === undefined)
    throw new Failure('RULES_REFUSED', 'A created deployment raises no alert with the rules that are there.', {
      hint: 'Nothing was changed. Another rule takes the event: k8s-audit rules explain tells which.',
    });
  return { kind: 'alert', rule: verdict.rule.id };
}
