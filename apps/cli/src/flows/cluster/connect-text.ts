import { dirname } from 'node:path';
import type { LoadEstimate, Remark } from '@k8s-audit/apiserver-config';
import type { ChangePlan, UndonePath } from '@k8s-audit/host-files';
import { renderDiff } from '../../coloured-diff.ts';
import type { Connected, TakenBack } from './connect-cluster.ts';
import type { ConnectPlan } from './connect-plan.ts';

export interface PlanTextOptions {
  readonly colour: boolean;
  readonly backupFolder: string;
  readonly estimate?: LoadEstimate;
}

/** The diff of every file and what will be done, in order; for a person to say yes or no to. */
export function renderConnectPlan({ changes, remarks, secrets, data }: ConnectPlan, options: PlanTextOptions): string {
  const restart = data.restartCommand === undefined ? 'the kubelet restarts the API server' : `run: ${data.restartCommand.join(' ')}`;
  const steps = [
    `keep the bytes from before in ${options.backupFolder}`,
    `write ${changes.files.map(({ path }) => path).join(', ')}`,
    ...data.next.map((line) => `then, you: ${line}`),
    ...(data.expectRestart && data.apiServerUrl !== undefined ? [restart, `wait until ${data.apiServerUrl} is ready again`] : []),
    ...(data.receiver === undefined || data.apiServerUrl === undefined
      ? []
      : [`wait until its events arrive at ${data.receiver.host}:${data.receiver.port} as ${data.cluster}/${data.apiServer}`]),
    ...(data.apiServerUrl === undefined ? [] : ['or else put everything back']),
  ];
  return `${renderDiffs(changes, secrets, options.colour)}${renderRemarks(remarks)}${renderEstimate(options.estimate)}
Plan:
${steps.map((step, index) => `  ${index + 1}. ${step}`).join('\n')}`;
}

export function renderUndoPlan(
  changes: ChangePlan,
  paths: readonly UndonePath[],
  secrets: ReadonlySet<string>,
  options: PlanTextOptions,
): string {
  return `${renderDiffs(changes, secrets, options.colour)}\n${renderUndone(paths)}
The bytes of now are kept in ${options.backupFolder}; if the API server does not come back, they are put back.`;
}

export function renderUndone(paths: readonly UndonePath[]): string {
  return paths
    .map(({ path, how, takenOut, left }) => {
      const head = {
        'as-before': 'exactly as before',
        removed: 'removed, as there was none before',
        'own-parts': 'edited since: only our own parts are taken out',
        left: 'left as it is',
      }[how];
      return [`${path}: ${head}`, ...takenOut.map((each) => `  out:  ${each}`), ...left.map((each) => `  left: ${each}`)].join('\n');
    })
    .join('\n');
}

export function renderConnected(result: Connected): string {
  switch (result.kind) {
    case 'nothing-to-do':
      return `Nothing to do: everything is as wanted already.`;
    case 'not-changed':
      return 'Nothing was changed.';
    case 'connected':
      return `Connected: the API server is ready, and its events arrive${result.received > 0 ? ` (${result.received} so far)` : ''}.
Back out with:  k8s-audit cluster disconnect ${result.cluster}
Backup:         ${result.backup}`;
    case 'written':
      return `Written. Next:\n${result.next.map((line) => `  ${line}`).join('\n')}\nBack out with:  k8s-audit cluster disconnect ${result.cluster} --backup ${dirname(result.backup)}`;
    case 'taken-back':
      return renderTakenBack(result);
  }
}

export function renderTakenBack({ failed, reason, log, isBack, backup }: TakenBack): string {
  const what = {
    'api-server': 'The API server did not come back',
    events: 'The API server is ready, but its events do not arrive',
    files: 'The files could not all be written',
    restart: 'The API server could not be restarted',
    stopped: 'It was stopped',
  }[failed];
  const said =
    log.length > 0
      ? `Its log said:\n${log.map((line) => `  ${line}`).join('\n')}`
      : failed === 'api-server'
        ? 'It wrote no log: perhaps its container was never started. See the journal of what runs it (journalctl -u kubelet, k3s or rke2-server), and crictl ps -a'
        : '';
  const now = isBack
    ? 'Everything is put back, and the API server is ready as before.'
    : `Everything is put back, but the API server is NOT ready yet. The bytes from before are in ${backup}.`;
  return [`${what}: ${reason}.`, said, now].filter((line) => line !== '').join('\n');
}

function renderDiffs({ files, folders }: ChangePlan, secrets: ReadonlySet<string>, colour: boolean): string {
  const diffs = files.map(({ path, before, after, beforeBytes, afterBytes }) => {
    const [was, is] = [
      before.kind === 'file' ? beforeBytes.toString('utf8') : undefined,
      after.kind === 'file' ? afterBytes.toString('utf8') : undefined,
    ];
    // A file that goes was ours alone: its lines tell nobody anything.
    if (is === undefined) return `${path}: removed\n`;
    if (secrets.has(path)) return `${path}: ${was === undefined ? 'new' : 'replaced'} (a key: not shown)\n`;
    if (was === is && before.kind === 'file' && after.kind === 'file')
      return `${path}: mode ${before.mode.toString(8)} becomes ${after.mode.toString(8)}\n`;
    return renderDiff(path, was, is, colour);
  });
  return `${folders.map((folder) => `${folder}/: new folder\n`).join('')}${diffs.join('')}`;
}

function renderRemarks(remarks: readonly Remark[]): string {
  if (remarks.length === 0) return '';
  const lines = remarks.map(({ kind, what, there, wanted, why }) => {
    const change = kind === 'kept' || kind === 'covered' || wanted === undefined ? there : `${there} -> ${wanted}`;
    return `  ${kind.padEnd(8)} ${what}: ${change} (${why})`;
  });
  return `\nAlready there:\n${lines.join('\n')}\n`;
}

function renderEstimate(estimate: LoadEstimate | undefined): string {
  if (estimate === undefined) return '';
  const { ceilingEventsPerSecond, survivedOutageSeconds, outageMemoryBytes } = estimate;
  return `\nCarries ${ceilingEventsPerSecond} events a second. The receiver may be away for ${survivedOutageSeconds} s; until then about ${Math.ceil(outageMemoryBytes / 1e6)} MB of memory.\n`;
}
