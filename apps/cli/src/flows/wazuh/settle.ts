import { type Change, openChangeStore } from '@k8s-audit/host-files';
import { askDaemon } from '@k8s-audit/wazuh-queue';
import { reloadRules, type WazuhInstallation } from '@k8s-audit/wazuh-server';
import {
  type ActionTools,
  afterFiles,
  beforeFiles,
  type HostAction,
  isUserAction,
  runActions,
  runActionsAgain,
  undoActions,
} from './host-actions.ts';
import { hostPlaces } from './host-places.ts';
import type { InstallRecord } from './install-record.ts';

export type Settled =
  | { readonly kind: 'nothing-to-settle' }
  | { readonly kind: 'finished' | 'rolled-back'; readonly problems: readonly string[] };

/**
 * Ends an installation (or its removal) that was killed: all of it or nothing of it, and the rules read anew.
 *
 * @throws what host-files throws where somebody has changed a file meanwhile; HOST_ACTION_FAILED
 */
export async function settle(
  installation: WazuhInstallation,
  options: { readonly root: string; readonly direction: 'resume' | 'rollback'; readonly mayRestart: boolean },
  tools: ActionTools,
): Promise<Settled> {
  const store = await openChangeStore({ folder: hostPlaces(options.root, installation.home).changes });
  try {
    const change = store.unfinished;
    if (change === undefined) {
      // Killed when all was done but this.
      await store.forgetEnded();
      return { kind: 'nothing-to-settle' };
    }
    const record = (change.record.data as InstallRecord | null) ?? { actions: [], edited: {} };
    const isForward = options.direction === 'resume';
    const { isThere, problems } = await (record.takesBack === true ? settleRemoval : settleInstallation)(change, record, isForward, tools);
    await store.forgetEnded();
    if (installation.type === 'manager') await reloadRules(installation, { ask: askDaemon, mayRestart: options.mayRestart });
    return { kind: isThere ? 'finished' : 'rolled-back', problems };
  } finally {
    store.close();
  }
}

interface Outcome {
  /** What the change wanted is so. */
  readonly isThere: boolean;
  readonly problems: readonly string[];
}

async function settleInstallation(change: Change, { actions }: InstallRecord, isForward: boolean, tools: ActionTools): Promise<Outcome> {
  if (!isForward) return await backToBefore(change, actions, tools);
  if ((await change.resume()) === 'rolled-back') return await backToBefore(undefined, actions, tools);
  await runActions(withoutUser(actions), tools);
  await change.finish();
  return { isThere: true, problems: [] };
}

/** As in an installation that fails: services before their unit files, and then, come what may, what needs the files from before. */
async function backToBefore(change: Change | undefined, actions: readonly HostAction[], tools: ActionTools): Promise<Outcome> {
  const problems = [...(await undoActions(beforeFiles(actions), tools))];
  try {
    await change?.rollBack();
  } finally {
    problems.push(...(await undoActions(afterFiles(actions), tools)));
  }
  return { isThere: false, problems };
}

async function settleRemoval(change: Change, { actions }: InstallRecord, isForward: boolean, tools: ActionTools): Promise<Outcome> {
  const problems = isForward ? [...(await undoActions(beforeFiles(actions), tools))] : [];
  const outcome = isForward ? await change.resume() : 'rolled-back';
  if (!isForward) await change.rollBack();
  if (outcome === 'rolled-back') {
    problems.push(...(await runActionsAgain(withoutUser(actions), tools)));
    return { isThere: false, problems };
  }
  await change.finish();
  problems.push(...(await undoActions(afterFiles(actions), tools)));
  return { isThere: true, problems };
}

/** It was made before the first file was written, and goes after the last. */
function withoutUser(actions: readonly HostAction[]): readonly HostAction[] {
  return actions.filter((action) => !isUserAction(action));
}
