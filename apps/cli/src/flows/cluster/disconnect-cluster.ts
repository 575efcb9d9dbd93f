import { existsSync } from 'node:fs';
import { Failure } from '@k8s-audit/failure';
import {
  type ChangedSince,
  type ChangePlan,
  interrupted,
  type OwnPartsOut,
  openChangeStore,
  planChanges,
  planUndo,
  type UndonePath,
} from '@k8s-audit/host-files';
import { describeYamlChange, undoYamlChanges } from '@k8s-audit/yaml-edits';
import { type ConnectTools, settleUndo, type TakenBack } from './connect-cluster.ts';
import { connectDataOf } from './connect-plan.ts';

export interface DisconnectPlan {
  readonly changes: ChangePlan;
  readonly paths: readonly UndonePath[];
  readonly cluster: string;
}

export type Disconnected =
  | { readonly kind: 'not-changed' }
  | { readonly kind: 'disconnected'; readonly paths: readonly UndonePath[]; readonly backup: string }
  | TakenBack;

export interface DisconnectTools extends Omit<ConnectTools, 'onPlan'> {
  readonly onUndo: (plan: DisconnectPlan) => void;
}

/**
 * The records of every `connect` on this node, the last first -> each file as before, byte by byte, or without our own parts where somebody
 * has edited it since -> shown -> confirmed -> written like any other change -> the API server is ready again, or we are back where we were.
 *
 * @throws Failure NOT_CONNECTED
 */
export async function disconnectCluster(cluster: string | undefined, dryRun: boolean, tools: DisconnectTools): Promise<Disconnected> {
  if (!existsSync(tools.backupFolder)) throw notConnected(tools.backupFolder);
  const store = await openChangeStore({
    folder: tools.backupFolder,
    now: tools.now,
    ...(tools.onStep === undefined ? {} : { onStep: tools.onStep }),
  });
  try {
    if (store.unfinished !== undefined) throw interrupted(store.unfinished);
    const standing = store.standing.filter((change) => connectDataOf(change) !== undefined);
    const last = standing.at(-1);
    const data = last === undefined ? undefined : connectDataOf(last);
    if (data === undefined) throw notConnected(tools.backupFolder);
    if (cluster !== undefined && cluster !== data.cluster)
      throw new Failure('NOT_CONNECTED', `This node is connected as ${data.cluster}, not as ${cluster}.`, {
        hint: `k8s-audit cluster disconnect ${data.cluster}`,
      });

    const { wanted, paths, record } = await planUndo(standing, ownPartsOut);
    const changes = await planChanges(wanted);
    tools.onUndo({ changes, paths, cluster: data.cluster });
    if (dryRun || !(await tools.confirm())) return { kind: 'not-changed' };
    const expectRestart = changes.files.some(({ path }) => path === data.configFile);
    const change = await store.begin(`disconnect ${data.cluster}`, changes, {
      ...record,
      data: { ...data, kind: 'disconnect', expectRestart },
    });
    const settled = await settleUndo(change, { ...data, expectRestart }, tools);
    return settled ?? { kind: 'disconnected', paths, backup: change.folder };
  } finally {
    store.close();
  }
}

/** The configuration of the API server by what was done to it; other files have no parts that are ours alone. */
function ownPartsOut({ path, change, current }: ChangedSince): OwnPartsOut | undefined {
  const data = connectDataOf(change);
  if (data?.configFile !== path) return undefined;
  const { text, undone, left } = undoYamlChanges(current, data.configChanges);
  return { text, takenOut: undone.map(describeYamlChange), left: left.map(describeYamlChange) };
}

function notConnected(folder: string): Failure {
  return new Failure('NOT_CONNECTED', `There is no record of a connect on this node (${folder}).`, {
    hint: 'Give the folder of the backups with --backup, or take the --audit flags out by hand.',
  });
}
