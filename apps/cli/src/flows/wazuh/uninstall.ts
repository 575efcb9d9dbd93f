import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Change, openChangeStore, planChanges, planUndo, type UndonePath } from '@k8s-audit/host-files';
import { takeBack } from '@k8s-audit/text-edits';
import { askDaemon } from '@k8s-audit/wazuh-queue';
import { type ManagerApi, PLACES, type RulesReload, reloadRules, type WazuhInstallation } from '@k8s-audit/wazuh-server';
import { describeKept, openKept } from './archive/kept-change.ts';
import { type ActionTools, afterFiles, beforeFiles, undoActions } from './host-actions.ts';
import { hostPlaces } from './host-places.ts';
import { everyNode } from './install.ts';
import type { InstallRecord } from './install-record.ts';

export interface Uninstalled {
  readonly paths: readonly UndonePath[];
  /** What an indexer or a dashboard keeps of it, and what becomes of that. */
  readonly servers: readonly string[];
  /** What could not be taken back, in words. */
  readonly problems: readonly string[];
  /** Files that were ours and that somebody (or `certs rotate`) has written since: nobody else will remove them. */
  readonly stays: readonly string[];
  readonly reload?: RulesReload;
}

export interface UninstallOptions {
  readonly root: string;
  readonly dryRun: boolean;
  readonly mayRestart: boolean;
  /** What an indexer or a dashboard was given stays there. */
  readonly leavesServers: boolean;
  readonly nowMs: number;
}

/**
 * Services first, so that nothing writes any more; then every file: the bytes from before where nobody else has changed it, else only
 * our own lines; then what needs the files from before (the guide's service, where it was taken over); then the rules anew. A file that
 * somebody changed and that was ours alone is left, and named.
 *
 * @returns undefined: nothing was installed here
 * @throws Failure INDEXER_FAILED before anything is changed, where what it was given could not be taken back; what host-files throws
 */
export async function uninstall(
  installation: WazuhInstallation,
  options: UninstallOptions,
  { api, ...tools }: ActionTools & { readonly api?: Pick<ManagerApi, 'reloadRules' | 'restart'> },
): Promise<Uninstalled | undefined> {
  const { changes } = hostPlaces(options.root, installation.home);
  const store = await openChangeStore({ folder: changes, now: () => options.nowMs });
  try {
    const { standing } = store;
    if (standing.length === 0) return undefined;
    const before = await bytesBefore(standing);
    const { wanted, paths, record } = await planUndo(standing, ({ path, change, current }) => {
      const after = recordOf(change)?.edited[path];
      // What is no UTF-8 would not come back as it was.
      if (after === undefined || current.includes('\ufffd')) return undefined;
      const back = takeBack(before.get(`${change.id} ${path}`) ?? '', after, current);
      if (back.kind === 'as-before') return { text: back.text, takenOut: [], left: [] };
      return { text: back.text, takenOut: back.takenBack.map(inWords), left: back.kept.map(inWords) };
    });
    const stays = paths.filter(({ path, how }) => how === 'left' && existsSync(path)).map(({ path }) => path);
    const all = standing.flatMap((change) => recordOf(change)?.actions ?? []);
    const actions = options.leavesServers ? all.filter(({ keeps }) => keeps === undefined) : all;
    const servers = actions.flatMap(({ keeps }) =>
      keeps === undefined ? [] : [`${describeKept(keeps)}: ${keeps.before === undefined ? 'removed' : 'what was there before comes back'}`],
    );
    for (const { keeps } of actions) if (keeps !== undefined) await openKept(keeps, tools.access ?? {}).read();
    if (options.dryRun) return { paths, servers, stays, problems: [] };
    // Written down before the first service stops: whoever is interrupted behind it can go on, or back.
    const data: InstallRecord = { actions, edited: {}, takesBack: true };
    const change = await store.begin('uninstall from Wazuh', await planChanges(wanted), { ...record, data });
    const problems = [...(await undoActions(beforeFiles(actions), tools))];
    await change.apply();
    await change.finish();
    await store.forgetEnded();
    problems.push(...(await undoActions(afterFiles(actions), tools)));
    const hadRules = paths.some(({ path }) => dirname(path) === join(installation.home, PLACES.rules));
    const reload = hadRules ? await reloadRules(installation, { ask: askDaemon, mayRestart: options.mayRestart }) : undefined;
    if (reload !== undefined) await everyNode(reload, api).catch((error: unknown) => problems.push(`workers: ${(error as Error).message}`));
    return { paths, servers, stays, problems, ...(reload === undefined ? {} : { reload }) };
  } finally {
    store.close();
  }
}

async function bytesBefore(standing: readonly Change[]): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const change of standing)
    for (const [index, { path }] of change.record.files.entries())
      texts.set(`${change.id} ${path}`, (await change.bytesBefore(index))?.toString() ?? '');
  return texts;
}

/** Another change in the same store (one of an earlier version) may remember nothing. */
function recordOf(change: Change): InstallRecord | undefined {
  return (change.record.data as InstallRecord | null) ?? undefined;
}

function inWords({ oldLines, newLines }: { readonly oldLines: readonly string[]; readonly newLines: readonly string[] }): string {
  return newLines.length > 0 ? newLines.join('').trim() : `(put back) ${oldLines.join('').trim()}`;
}
