import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hasChanges, openChangeStore, readFileState } from '@k8s-audit/host-files';
import { askDaemon, readDaemonStatistics } from '@k8s-audit/wazuh-queue';
import { askLogtest, PLACES, renderWazuhVersion, type WazuhInstallation } from '@k8s-audit/wazuh-server';
import { hostPlaces } from './host-places.ts';
import { probeEvent } from './probe-event.ts';

export interface WazuhStatus {
  readonly home: string;
  readonly version: string;
  readonly type: WazuhInstallation['type'];
  readonly node: WazuhInstallation['node'];
  readonly installed: readonly { readonly title: string; readonly at: string }[];
  /** A change that was interrupted half-way: resume it or roll it back. */
  readonly interrupted?: { readonly title: string; readonly state: string };
  readonly files: readonly { readonly path: string; readonly is: 'as installed' | 'changed since' | 'gone' }[];
  readonly daemon:
    | { readonly kind: 'running'; readonly received: number; readonly dropped: number }
    | { readonly kind: 'unavailable'; readonly reason: string };
  readonly probe:
    | { readonly kind: 'alert'; readonly rule: string }
    | { readonly kind: 'no-alert'; readonly rule?: string }
    | { readonly kind: 'unavailable'; readonly reason: string };
}

/** What is installed, whether it is still as it was, and whether the rules make an alert. Changes nothing. */
export async function wazuhStatus(installation: WazuhInstallation, root: string, nowMs: number): Promise<WazuhStatus> {
  const { home, type, node, version } = installation;
  const { changes } = hostPlaces(root, home);
  const known = existsSync(changes) && (await hasChanges(changes)) ? await readStore(changes) : { installed: [], files: [] };
  return {
    home,
    version: renderWazuhVersion(version),
    type,
    node,
    ...known,
    daemon: await daemonOf(home),
    probe: await probeOf(home, nowMs),
  };
}

async function readStore(changes: string): Promise<Pick<WazuhStatus, 'installed' | 'interrupted' | 'files'>> {
  const store = await openChangeStore({ folder: changes });
  try {
    const { standing, unfinished } = store;
    const files = new Map<string, WazuhStatus['files'][number]>();
    for (const { record } of standing)
      for (const { path, after } of record.files) {
        const { state } = await readFileState(path);
        const isSame = state.kind === 'file' && after.kind === 'file' && state.sha256 === after.sha256;
        files.set(path, { path, is: state.kind === 'absent' ? 'gone' : isSame ? 'as installed' : 'changed since' });
      }
    return {
      installed: standing.map(({ record: { title, at } }) => ({ title, at })),
      ...(unfinished === undefined ? {} : { interrupted: { title: unfinished.record.title, state: unfinished.state } }),
      files: [...files.values()],
    };
  } finally {
    store.close();
  }
}

async function daemonOf(home: string): Promise<WazuhStatus['daemon']> {
  const answer = await readDaemonStatistics(join(home, PLACES.analysis));
  if (answer.kind === 'unavailable') return answer;
  return { kind: 'running', received: answer.statistics.received, dropped: answer.statistics.dropped };
}

async function probeOf(home: string, nowMs: number): Promise<WazuhStatus['probe']> {
  const verdict = await askLogtest(home, probeEvent(nowMs), 'k8s', askDaemon);
  if (verdict.kind !== 'verdict') return { kind: 'unavailable', reason: verdict.reason };
  if (verdict.isAlert && verdict.rule !== undefined) return { kind: 'alert', rule: verdict.rule.id };
  return { kind: 'no-alert', ...(verdict.rule === undefined ? {} : { rule: verdict.rule.id }) };
}
