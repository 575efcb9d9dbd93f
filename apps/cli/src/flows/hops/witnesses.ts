/**
 * Follows requests from the API server to Wazuh's files: begin to watch, send, wait until each is through or its time is up, judge.
 * Who sends what (a canary, a drill) is the caller's; how far it came is told here.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TracedAnswer } from '@k8s-audit/cluster';
import type { ReceiverSight } from '../receiver-sight.ts';
import type { Evidence, TracedEvent } from './evidence.ts';
import { type ReceiverWitness, watchReceiver } from './receiver-witness.ts';
import { type WazuhWitness, watchWazuh } from './wazuh-witness.ts';

export interface WitnessPlaces {
  /** A receiver of this machine; of one that is only known by its admin listener, that alone. */
  readonly receiver?: Partial<ReceiverSight>;
  /** Wazuh's folder. */
  readonly home: string;
}

export interface FollowTools {
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

const POLL_MS = 50;

export interface Witnesses {
  readonly receiver: ReceiverWitness;
  readonly wazuh: WazuhWitness;
  /** Waits until the request's events are where they should be, until the time since its answer is up, or until it is stopped. */
  follow(answer: TracedAnswer, tools: FollowTools): Promise<Omit<Evidence, 'counters'>>;
  close(): Promise<void>;
}

export async function openWitnesses({ receiver: sight, home }: WitnessPlaces, now: () => number): Promise<Witnesses> {
  const receiver = await watchReceiver(sight, now);
  const wazuh = await watchWazuh(home, now);
  return {
    receiver,
    wazuh,
    async follow(answer, tools) {
      if (answer.kind === 'answered') {
        const untilMs = answer.answeredAtMs + tools.timeoutMs;
        while (!(await isThrough(answer.auditId, receiver, wazuh)) && tools.now() < untilMs && !tools.signal.aborted) await sleep(POLL_MS);
      }
      const seen = await receiver.evidence(answer.auditId);
      const message = seen.kind === 'seen' ? detectedMessage(seen.traced) : undefined;
      return { answer, receiver: seen, wazuh: await wazuh.evidence(answer.auditId, message) };
    },
    close: () => wazuh.close(),
  };
}

/** Nothing more can come: everything that can be seen from here has been, or the receiver has put it aside. */
async function isThrough(auditId: string, receiver: ReceiverWitness, wazuh: WazuhWitness): Promise<boolean> {
  const traced = await receiver.traced(auditId);
  if (traced.length > 0 && traced.every(({ outcome }) => outcome === 'quarantined')) return true;
  if (wazuh.archive === 'unseen') return traced.some(({ outcome }) => outcome === 'delivered');
  if ((await wazuh.alert(auditId)) === undefined) return false;
  return wazuh.archive !== 'on' || (await wazuh.archived(auditId)) !== undefined;
}

/** Of a request's stages, the one that a detection is about: logtest is asked for an alert. */
function detectedMessage(traced: readonly TracedEvent[]): string | undefined {
  const messages = traced.flatMap(({ message }) => message ?? []);
  return messages.find((message) => /"detections": ?\["/.test(message)) ?? messages.at(-1);
}
