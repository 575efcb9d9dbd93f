import { dirname, join } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { type Change, type ChangePlan, hasChanges, interrupted, makeFolder, openChangeStore, planChanges } from '@k8s-audit/host-files';
import { askDaemon } from '@k8s-audit/wazuh-queue';
import {
  askLogtest,
  inspectInstallation,
  type ManagerApi,
  PLACES,
  type RulesReload,
  reloadRules,
  type WazuhInstallation,
} from '@k8s-audit/wazuh-server';
import { type ArchiveForecast, forecastArchive } from './archive/forecast.ts';
import { type ActionTools, afterFiles, beforeFiles, type HostAction, runActions, undoActions } from './host-actions.ts';
import { hostPlaces } from './host-places.ts';
import { type InstallRecord, standingMigration } from './install-record.ts';
import { findGuideUnit } from './migration/guide-set-up.ts';
import type { Migration } from './migration/migration.ts';
import { NFTABLES_FILES } from './nftables.ts';
import { type InstallOptions, type InstallPlan, planInstall } from './plan-install.ts';
import { probeEvent } from './probe-event.ts';

export interface PlannedInstallation {
  readonly installation: WazuhInstallation;
  readonly root: string;
  readonly nowMs: number;
  /** What it is called in the record of changes. */
  readonly title: string;
  readonly plan: InstallPlan;
  readonly files: ChangePlan;
  /** The same, of the machine as it is then: some files belong to a user that is made first. */
  readonly planAgain: () => Promise<InstallPlan>;
  /** Whether an event must raise an alert afterwards. Not where the rules stay as somebody made them. */
  readonly probes: boolean;
  readonly migration?: Migration;
  /** What the archive will take, where one is asked for. */
  readonly archive?: ArchiveForecast;
}

export interface Installed {
  readonly changedFiles: readonly string[];
  readonly reload: RulesReload | { readonly kind: 'nothing-new' };
  /** Of a Wazuh cluster: those that read their rules anew, through the manager's API. */
  readonly nodes?: readonly string[];
  /** The rule that takes a probe event, asked of the manager's own logtest. */
  readonly probe: { readonly kind: 'alert'; readonly rule: string } | { readonly kind: 'not-asked'; readonly because: string };
}

/**
 * Looks, checks and plans; changes nothing. Where the guide's receiver was taken over, it keeps to what was decided then.
 *
 * @throws Failure GUIDE_IN_PLACE, and what `planInstall` throws
 */
export async function prepareInstall(asked: InstallOptions, home?: string): Promise<PlannedInstallation> {
  const installation = await inspectInstallation(asked.root, home);
  const { changes } = hostPlaces(asked.root, installation.home);
  await refuseInterrupted(changes);
  const migration = asked.migration ?? (await standingMigration(changes));
  if (migration === undefined) await refuseBesideGuide(asked.root);
  const options = migration === undefined ? asked : { ...asked, migration };
  return await prepared(installation, options, 'install on Wazuh');
}

/** A plan that can be shown, and carried out by `install`. */
export async function prepared(installation: WazuhInstallation, options: InstallOptions, title: string): Promise<PlannedInstallation> {
  const planAgain = (): Promise<InstallPlan> => planInstall(installation, options);
  const plan = await planAgain();
  const { root, nowMs, migration, archive } = options;
  return {
    installation,
    root,
    nowMs,
    title,
    plan,
    files: await planChanges(plan.wanted),
    planAgain,
    probes: migration?.stage !== 'guide',
    ...(migration === undefined ? {} : { migration }),
    ...(archive === undefined ? {} : { archive: await forecastArchive(installation.home, archive.days, Date.now) }),
  };
}

/**
 * The user -> the files, journalled -> services -> rules read anew -> a probe event through the manager's own logtest. Where a step
 * fails, everything before it is taken back, and the rules that were in force before stay so.
 *
 * @throws Failure RULES_REFUSED with the manager's words, HOST_ACTION_FAILED, RECEIVER_NOT_READY, what host-files throws
 */
export async function install(
  { installation, root, nowMs, title, plan, planAgain, probes, migration }: PlannedInstallation,
  { mayRestart, api, ...tools }: ActionTools & { readonly mayRestart: boolean; readonly api?: Pick<ManagerApi, 'reloadRules' | 'restart'> },
): Promise<Installed> {
  const { changes } = hostPlaces(root, installation.home);
  await makeFolder(dirname(changes), { mode: 0o755, existing: 'keep' });
  const store = await openChangeStore({ folder: changes, now: () => nowMs });
  const done: HostAction[] = [];
  const run = async (actions: readonly HostAction[]): Promise<void> => {
    for (const action of actions) {
      await runActions([action], tools);
      done.push(action);
    }
  };
  let change: Change | undefined;
  try {
    await run(plan.before);
    // Once more: now the user is there that some files belong to.
    const files = await planChanges((await planAgain()).wanted);
    const edited = files.files.filter(({ before, path }) => before.kind === 'file' && !isOurs(path, root, installation.home));
    const record: InstallRecord = {
      actions: [...plan.before, ...plan.after],
      edited: Object.fromEntries(edited.map(({ path, afterBytes }) => [path, afterBytes.toString()])),
      ...(migration === undefined ? {} : { migration }),
    };
    change = await store.begin(title, files, { data: record, obsoleteFolders: plan.obsoleteFolders ?? [] });
    await change.apply();
    await run(plan.after);
    const reload = await rulesInForce(installation, files, mayRestart);
    const probe = probes ? await probed(installation, nowMs) : { kind: 'not-asked' as const, because: 'the rules are as they were' };
    const nodes = await everyNode(reload, api);
    await change.finish();
    await store.forgetEnded();
    return { changedFiles: files.files.map(({ path }) => path), reload, probe, ...(nodes === undefined ? {} : { nodes }) };
  } catch (error) {
    const problems = await takeBack(done, change, tools);
    if (change !== undefined && installation.type === 'manager') await reloadRules(installation, { ask: askDaemon, mayRestart });
    throw withProblems(error, problems);
  } finally {
    store.close();
  }
}

/**
 * Services before their unit files, then the files, then what needs them as they were before: that one also when a file cannot be put
 * back, because it may be the service that API servers wait for.
 *
 * @returns what could not be taken back, in words
 */
async function takeBack(done: readonly HostAction[], change: Change | undefined, tools: ActionTools): Promise<readonly string[]> {
  const problems = [...(await undoActions(beforeFiles(done), tools))];
  await change?.rollBack().catch((error: unknown) => problems.push((error as Error).message));
  return [...problems, ...(await undoActions(afterFiles(done), tools))];
}

function withProblems(error: unknown, problems: readonly string[]): unknown {
  if (problems.length === 0 || !(error instanceof Failure)) return error;
  return new Failure(error.code, `${error.message}\n  not taken back: ${problems.join('\n  not taken back: ')}`, {
    hint: 'Mend what it says, then take the rest back: k8s-audit wazuh install --rollback',
    cause: error,
  });
}

/** Two receivers cannot have one port, and the guide's would not know why it lost it. */
async function refuseBesideGuide(root: string): Promise<void> {
  const unit = await findGuideUnit(root);
  if (unit === undefined) return;
  throw new Failure('GUIDE_IN_PLACE', `The guide’s receiver is installed here: ${unit.path} runs ${unit.script}.`, {
    hint: 'Take it over, without losing an event: k8s-audit wazuh install --migrate --cluster NAME --dry-run',
  });
}

/** @throws Failure CHANGE_INTERRUPTED */
export async function refuseInterrupted(changes: string): Promise<void> {
  if (!(await hasChanges(changes))) return;
  const store = await openChangeStore({ folder: changes });
  store.close();
  if (store.unfinished !== undefined) throw interrupted(store.unfinished);
}

/** Files that are people's and get lines of ours; every other one is ours alone. */
function isOurs(path: string, root: string, home: string): boolean {
  const people = [join(home, PLACES.configuration), hostPlaces(root, home).filebeat, ...NFTABLES_FILES.map((file) => join(root, file))];
  return !people.includes(path);
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

/** Workers get the master's files by themselves, and go on with the rules that they have loaded until they are told. */
export async function everyNode(
  reload: Installed['reload'],
  api: Pick<ManagerApi, 'reloadRules' | 'restart'> | undefined,
): Promise<readonly string[] | undefined> {
  if (api === undefined || reload.kind === 'nothing-new') return undefined;
  if (reload.kind === 'reloaded') return await api.reloadRules();
  if (reload.kind === 'restarted') await api.restart();
  return undefined;
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
