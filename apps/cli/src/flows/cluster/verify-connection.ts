import { setTimeout as sleep } from 'node:timers/promises';
import { readPolicy } from '@k8s-audit/audit-policy';
import { awaitRestart, type Restarted, sendCanary } from '@k8s-audit/cluster';
import { readHostFile, readHostText } from '@k8s-audit/host-files';
import { canaryFor } from './canary.ts';
import type { ConnectData } from './connect-plan.ts';
import { askOwnBooks, type BooksAnswer, type ReceiverClient, receivedOf } from './own-books.ts';

export interface VerifyTools {
  readonly waitMs: number;
  /** Between two questions to the API server; ten times that between two canaries. Default 200. */
  readonly pollMs?: number;
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export type Verified =
  | { readonly kind: 'connected'; readonly received: number }
  | { readonly kind: 'api-server'; readonly reason: string }
  | { readonly kind: 'events'; readonly reason: string }
  | { readonly kind: 'stopped' };

/** A webhook batch waits at most one second: ten times this is two. */
const POLL_MS = 200;

/** What is left of a connect that somebody runs now. */
export type RunningConnect = ConnectData & { readonly apiServerUrl: string };

/** Waits until the API server of a changed node is ready again, and until the receiver has got events that it made since. */
export async function verifyConnection(data: RunningConnect, tools: VerifyTools): Promise<Verified> {
  const back = await awaitBack(data, tools);
  if (back.kind === 'stopped') return back;
  if (back.kind !== 'ready') return { kind: 'api-server', reason: reasonOf(back) };
  if (data.receiver === undefined) return { kind: 'connected', received: 0 };

  tools.say('ready again; waiting for its events at the receiver');
  const client = await receiverClient(data, data.receiver);
  const canary = await canaryOf(data);
  const until = tools.now() + tools.waitMs;
  let base: number | undefined;
  let last: BooksAnswer | undefined;
  while (tools.now() < until) {
    if (tools.signal.aborted) return { kind: 'stopped' };
    last = await askOwnBooks(client, data.cluster, data.apiServer);
    if (last.kind === 'books') {
      const received = receivedOf(last.books, data.apiServer);
      // A receiver that was restarted meanwhile counts from nought again.
      if (base !== undefined && received > base) return { kind: 'connected', received };
      base = Math.min(base ?? received, received);
    }
    if (canary !== undefined) await sendCanary(data.apiServerUrl, canary);
    await sleep(10 * (tools.pollMs ?? POLL_MS));
  }
  return { kind: 'events', reason: missingEvents(last, canary !== undefined) };
}

/** Waits for the API server alone, as after a change was taken back. */
export async function awaitBack(data: RunningConnect, { waitMs, now, signal, say, pollMs = POLL_MS }: VerifyTools): Promise<Restarted> {
  say(`waiting for the API server at ${data.apiServerUrl}`);
  return await awaitRestart({
    url: data.apiServerUrl,
    expectRestart: data.expectRestart,
    timeoutMs: waitMs,
    pollMs,
    signal,
    now,
    sleep,
    onState: (state) => say(state.kind === 'ready' ? 'it answers' : `it is ${state.kind} (${state.reason})`),
  });
}

export async function receiverClient(data: ConnectData, receiver: NonNullable<ConnectData['receiver']>): Promise<ReceiverClient> {
  const { authority, certificate, key } = data.clientFiles;
  return {
    ...receiver,
    authorityPem: await readHostText(authority),
    certificatePem: await readHostText(certificate),
    keyPem: await readHostText(key),
  };
}

export function reasonOf(back: Exclude<Restarted, { kind: 'ready' | 'stopped' }>): string {
  return back.kind === 'not-restarted'
    ? 'it was not restarted: nothing took up the change (is the kubelet running, and does it watch this folder?)'
    : `it did not become ready (${back.reason})`;
}

async function canaryOf(data: ConnectData): Promise<ReturnType<typeof canaryFor>> {
  const reading = readPolicy(await readHostFile(data.policyFile));
  return reading.kind === 'refused' ? undefined : canaryFor(reading.policy);
}

function missingEvents(last: BooksAnswer | undefined, hadCanary: boolean): string {
  if (last?.kind === 'refused') return `the receiver cannot be asked from here: ${last.reason}`;
  return hadCanary
    ? 'the receiver answers, and has got nothing from this API server'
    : 'the receiver answers, and has got nothing from this API server; the policy records nothing of anonymous requests, so nothing could be provoked';
}
