import { openChangeStore } from '@k8s-audit/host-files';
import { askDaemon } from '@k8s-audit/wazuh-queue';
import { reloadRules, type WazuhInstallation } from '@k8s-audit/wazuh-server';
import { type ActionTools, isUserAction, runActions, undoActions } from './host-actions.ts';
import { hostPlaces } from './host-places.ts';
import type { InstallRecord } from './install.ts';

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
    if (change === undefined) return { kind: 'nothing-to-settle' };
    const actions = (change.record.data as InstallRecord | null)?.actions ?? [];
    const services = actions.filter((action) => !isUserAction(action));
    const problems: string[] = [];
    // As in an installation that fails: services before their unit files.
    if (options.direction === 'rollback') problems.push(...(await undoActions(services, tools)));
    const outcome = options.direction === 'resume' ? await change.resume() : 'rolled-back';
    if (outcome === 'applied') {
      // The user was made before the first file was written.
      await runActions(services, tools);
      await change.finish();
    } else if (options.direction === 'rollback') await change.rollBack();
    if (outcome !== 'applied') problems.push(...(await undoActions(actions.filter(isUserAction), tools)));
    if (installation.type === 'manager') await reloadRules(installation, { ask: askDaemon, mayRestart: options.mayRestart });
    return { kind: outcome === 'applied' ? 'finished' : 'rolled-back', problems };
  } finally {
    store.close();
  }
}
