import { existsSync } from 'node:fs';
import { askReadiness } from '@k8s-audit/cluster';
import { Failure } from '@k8s-audit/failure';
import {
  type Change,
  type ChangeStore,
  interrupted,
  isSameState,
  type OnStep,
  openChangeStore,
  readFileState,
} from '@k8s-audit/host-files';
import { logFiles, tellingLines } from './api-server-log.ts';
import { type ConnectWish, gatherMaterial } from './connect-material.ts';
import { type ConnectData, type ConnectPlan, type PlanOptions, planConnect, recordedData } from './connect-plan.ts';
import { askOwnBooks } from './own-books.ts';
import { type RestartTools, restartApiServer } from './restart-api-server.ts';
import { awaitBack, reasonOf, type VerifyTools, verifyConnection } from './verify-connection.ts';

export interface ConnectTools extends VerifyTools, RestartTools {
  /** Where backups and journals lie, as a path of this machine. */
  readonly backupFolder: string;
  readonly logFile?: string;
  readonly root: string;
  readonly onPlan: (plan: ConnectPlan) => void;
  readonly confirm: () => Promise<boolean>;
  readonly onStep?: OnStep;
}

/** What making and taking back a change needs: no plan to show, no question to ask. */
export type SettleTools = Omit<ConnectTools, 'onPlan' | 'confirm'>;

export type Connected =
  | { readonly kind: 'nothing-to-do' }
  /** A dry run, or the person said no. */
  | { readonly kind: 'not-changed' }
  | { readonly kind: 'connected'; readonly cluster: string; readonly received: number; readonly backup: string }
  /** Nothing runs an API server from these files now: what to do with them. */
  | { readonly kind: 'written'; readonly cluster: string; readonly next: readonly string[]; readonly backup: string }
  | TakenBack;

export interface TakenBack {
  readonly kind: 'taken-back';
  /** Which of the two did not come: the API server, or its events. `stopped`: the person stopped it. */
  readonly failed: 'api-server' | 'events' | 'files' | 'restart' | 'stopped';
  readonly reason: string;
  /** What the API server's log said. */
  readonly log: readonly string[];
  /** Whether the API server is ready again with the files from before. */
  readonly isBack: boolean;
  readonly backup: string;
}

/**
 * Certificates, policy, address -> files and flags -> the node's own configuration, patched -> shown -> confirmed -> backed up, written,
 * one file after the other -> the API server is ready again, and its events arrive; or else everything is put back.
 *
 * Pure until `store.begin`; from there on whatever interrupts it leaves a journal for `resumeConnect` and `rollBackConnect`.
 */
export async function connectCluster(
  wish: ConnectWish,
  options: PlanOptions & { readonly dryRun: boolean; readonly preflight: boolean },
  tools: ConnectTools,
): Promise<Connected> {
  const material = await gatherMaterial(wish);
  // A dry run makes no folder to look into.
  const store = options.dryRun && !existsSync(tools.backupFolder) ? undefined : await openChangeStore(storeOptions(tools));
  try {
    if (store?.unfinished !== undefined) throw interrupted(store.unfinished);
    const plan = await planConnect(material, options, store?.standing ?? []);
    if (plan.changes.files.length === 0) return { kind: 'nothing-to-do' };
    tools.onPlan(plan);
    if (options.dryRun || store === undefined) return { kind: 'not-changed' };
    if (options.preflight) await checkBefore(plan.data, material.client);
    if (!(await tools.confirm())) return { kind: 'not-changed' };
    const change = await store.begin(`connect ${material.cluster}`, plan.changes, { data: plan.data });
    return await settle(change, plan.data, () => change.apply(), tools);
  } finally {
    store?.close();
  }
}

/** Goes on after an interruption, of a connect or a disconnect. Undefined: nothing was interrupted. */
export async function resumeConnect(tools: SettleTools): Promise<Connected | { readonly kind: 'disconnected' } | undefined> {
  return await withUnfinished(tools, async (change, data) => {
    if (change.state === 'planned' || change.state === 'rolling-back')
      return await takeBack(change, data, { failed: 'stopped', reason: 'it was on its way back, or had not begun' }, [], tools);
    const apply = async (): Promise<void> => void (await change.resume());
    if (data.kind === 'connect') return await settle(change, data, apply, tools);
    return (await settleUndo(change, data, tools, apply)) ?? { kind: 'disconnected' };
  });
}

/** Takes an interrupted change back. Undefined: nothing was interrupted. */
export async function rollBackConnect(tools: SettleTools): Promise<TakenBack | undefined> {
  return await withUnfinished(
    tools,
    async (change, data) => await takeBack(change, data, { failed: 'stopped', reason: 'taken back as asked' }, [], tools),
  );
}

async function settle(change: Change, recorded: ConnectData, apply: () => Promise<void>, tools: SettleTools): Promise<Connected> {
  const earlierLogs = logFiles(logPlace(tools));
  const written = await write(change, recorded, apply, earlierLogs, tools);
  if (written.kind === 'taken-back') return written;
  const { apiServerUrl, next } = written.data;
  if (apiServerUrl === undefined) {
    await change.finish();
    return { kind: 'written', cluster: recorded.cluster, next, backup: change.folder };
  }
  const verified = await verifyConnection({ ...written.data, apiServerUrl }, tools);
  if (verified.kind === 'connected') {
    await change.finish();
    return { ...verified, cluster: recorded.cluster, backup: change.folder };
  }
  const why = verified.kind === 'stopped' ? STOPPED : { failed: verified.kind, reason: verified.reason };
  return await takeBack(change, recorded, why, earlierLogs, tools);
}

/** The same for what takes a connect back: there are no events to wait for. @returns undefined: done */
export async function settleUndo(
  change: Change,
  recorded: ConnectData,
  tools: SettleTools,
  apply: () => Promise<void> = () => change.apply(),
): Promise<TakenBack | undefined> {
  const earlierLogs = logFiles(logPlace(tools));
  const written = await write(change, recorded, apply, earlierLogs, tools);
  if (written.kind === 'taken-back') return written;
  const { apiServerUrl } = written.data;
  const back = apiServerUrl === undefined ? READY : await awaitBack({ ...written.data, apiServerUrl }, tools);
  if (back.kind === 'ready') {
    await change.finish();
    return undefined;
  }
  const why = back.kind === 'stopped' ? STOPPED : ({ failed: 'api-server', reason: reasonOf(back) } as const);
  return await takeBack(change, recorded, why, earlierLogs, tools);
}

const READY = { kind: 'ready' } as const;
const STOPPED = { failed: 'stopped', reason: 'it was stopped' } as const;

/** Writes the files and restarts what does not restart by itself. */
async function write(
  change: Change,
  recorded: ConnectData,
  apply: () => Promise<void>,
  earlierLogs: readonly string[],
  tools: SettleTools,
): Promise<{ readonly kind: 'written'; readonly data: ConnectData } | TakenBack> {
  // After an interruption the API server may have been restarted by what was written before it: then no restart will be seen.
  const data = { ...recorded, expectRestart: recorded.expectRestart && !(await holdsChange(change, recorded.configFile)) };
  try {
    await apply();
  } catch (error) {
    // Somebody's own edit is not overwritten, by going back neither: it stays interrupted, for a person to decide.
    if (!(error instanceof Failure) || error.code === 'FILE_CHANGED_MEANWHILE') throw error;
    return await takeBack(change, recorded, { failed: 'files', reason: error.message }, earlierLogs, tools);
  }
  tools.say(`${change.record.files.length} files written; the bytes from before are in ${change.folder}`);
  const restart = await restartApiServer(data, tools);
  if (restart !== undefined) return await takeBack(change, recorded, { failed: 'restart', reason: restart }, earlierLogs, tools);
  return { kind: 'written', data };
}

async function takeBack(
  change: Change,
  data: ConnectData,
  why: Pick<TakenBack, 'failed' | 'reason'>,
  earlierLogs: readonly string[],
  tools: SettleTools,
): Promise<TakenBack> {
  // Its log goes with its container: read it first.
  const log = await tellingLines(logPlace(tools), earlierLogs);
  const waiting = { ...data, expectRestart: await holdsChange(change, data.configFile) };
  tools.say(`putting everything back: ${why.reason}`);
  await change.rollBack();
  const restart = await restartApiServer(waiting, tools);
  if (restart !== undefined) tools.say(restart);
  // The way back is waited for even if the person has lost patience: a second signal ends that too, and everything is back by then.
  const { apiServerUrl } = data;
  if (apiServerUrl === undefined) return { kind: 'taken-back', ...why, log, isBack: true, backup: change.folder };
  const back = await awaitBack({ ...waiting, apiServerUrl }, { ...tools, signal: new AbortController().signal });
  const isBack = back.kind === 'ready' || (back.kind === 'not-restarted' && (await askReadiness(apiServerUrl)).kind === 'ready');
  return { kind: 'taken-back', ...why, log, isBack, backup: change.folder };
}

/** Whether a file has what the change was to write: then whatever watches it has seen that, or will. */
async function holdsChange(change: Change, path: string): Promise<boolean> {
  const file = change.record.files.find((each) => each.path === path);
  return file !== undefined && isSameState((await readFileState(path)).state, file.after);
}

/** What would make the change fail is better known before anything is touched. */
async function checkBefore(data: ConnectData, client: { authorityPem: string; certificatePem: string; keyPem: string }): Promise<void> {
  if (data.apiServerUrl === undefined) return;
  const readiness = await askReadiness(data.apiServerUrl);
  if (readiness.kind !== 'ready')
    throw new Failure('APISERVER_NOT_READY', `The API server at ${data.apiServerUrl} is not ready now (${readiness.reason}).`, {
      hint: 'Mend it first, name where it answers with --api-server-url, or leave the check out with --skip-preflight. Nothing was changed.',
    });
  if (data.receiver === undefined) return;
  const answer = await askOwnBooks({ ...data.receiver, ...client }, data.cluster, data.apiServer);
  if (answer.kind === 'refused')
    throw new Failure(
      'RECEIVER_REFUSES',
      `The receiver at ${data.receiver.host}:${data.receiver.port} does not take this cluster’s certificate: ${answer.reason}.`,
      {
        hint: 'Start the receiver, compare the certificates with: k8s-audit certs status; or leave the check out with --skip-preflight. Nothing was changed.',
      },
    );
}

async function withUnfinished<Result>(
  tools: SettleTools,
  use: (change: Change, data: ConnectData) => Promise<Result>,
): Promise<Result | undefined> {
  if (!existsSync(tools.backupFolder)) return undefined;
  const store: ChangeStore = await openChangeStore(storeOptions(tools));
  try {
    const change = store.unfinished;
    if (change === undefined) return undefined;
    const data = recordedData(change);
    if (data === undefined) throw interrupted(change);
    return await use(change, data);
  } finally {
    store.close();
  }
}

function storeOptions({ backupFolder, now, onStep }: SettleTools): Parameters<typeof openChangeStore>[0] {
  return { folder: backupFolder, now, ...(onStep === undefined ? {} : { onStep }) };
}

function logPlace({ root, logFile }: SettleTools): Parameters<typeof logFiles>[0] {
  return { root, ...(logFile === undefined ? {} : { file: logFile }) };
}
