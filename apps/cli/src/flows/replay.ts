import { Agent, request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '@k8s-audit/failure';
import { readEventLists } from './event-lists.ts';

export interface ReplayTarget {
  /** `https://HOST:PORT/CLUSTER[/APISERVER]` */
  readonly url: URL;
  /** PEM texts. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

export interface ReplayOptions {
  /** Requests a second; without it as fast as the receiver answers. */
  readonly listsPerSecond?: number;
  /** As the events happened, so many times as fast. What lies between two events of the recording is waited for, and no more than that. */
  readonly speed?: number;
  readonly onProgress?: (progress: ReplayProgress) => void;
  readonly signal: AbortSignal;
}

export interface ReplayProgress {
  readonly lists: number;
  readonly events: number;
  /** Lists that the receiver did not take, by its answer: `400 no-event`. */
  readonly refused: Readonly<Record<string, number>>;
  readonly readBytes: number;
}

/** As many as an API server has in flight after a start. */
const MAX_TRIES = 10;

/**
 * Posts a recording to a receiver as an API server would, one list after the other over one connection.
 * A 503 is waited out as `Retry-After` says; any other refusal is counted and the next list goes on.
 *
 * @throws {Failure} `REPLAY_UNREACHABLE` when no receiver answers, `REPLAY_REFUSED` when it does not let us in
 */
export async function replay(file: string, target: ReplayTarget, options: ReplayOptions): Promise<ReplayProgress> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: target.authority, cert: target.certificate, key: target.key });
  const refused: Record<string, number> = {};
  let progress: ReplayProgress = { lists: 0, events: 0, refused, readBytes: 0 };
  const startedAt = performance.now();
  try {
    const clock = options.speed === undefined ? undefined : new RecordedTime(options.speed, startedAt);
    // An API server waits up to a second until it posts what it has.
    for await (const list of readEventLists(file, options.speed === undefined ? {} : { maxSpanMs: 1_000 * options.speed })) {
      await clock?.reach(list.atMs, options.signal);
      if (options.signal.aborted) break;
      const answer = await postPatiently(list.body, target.url, agent, options.signal);
      if (answer.status >= 300) {
        const name = `${answer.status} ${answer.code}`;
        refused[name] = (refused[name] ?? 0) + 1;
      }
      progress = {
        lists: progress.lists + 1,
        events: progress.events + (answer.status < 300 ? list.events : 0),
        refused,
        readBytes: list.readBytes,
      };
      options.onProgress?.(progress);
      await keepPace(progress.lists, startedAt, options);
    }
    return progress;
  } finally {
    agent.destroy();
  }
}

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly retryAfterSeconds: number;
}

async function postPatiently(body: string, url: URL, agent: Agent, signal: AbortSignal): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const answer = await post(body, url, agent);
    if (answer.status === 401 || answer.status === 403)
      throw new Failure('REPLAY_REFUSED', `the receiver answered ${answer.status} ${answer.code}`, {
        hint: 'use a client certificate of the cluster that the path names: k8s-audit certs show FILE',
      });
    if (answer.status !== 503 || attempt === MAX_TRIES || signal.aborted) return answer;
    await sleep(answer.retryAfterSeconds * 1000, undefined, { signal }).catch(() => undefined); // an abort ends the wait, the loop sees it
  }
}

async function post(body: string, url: URL, agent: Agent): Promise<Answer> {
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
      const request = httpsRequest(url, { method: 'POST', agent, headers }, (response) => {
        text(response).then(
          (answer) =>
            resolve({
              status: response.statusCode ?? 0,
              code: codeOf(answer),
              retryAfterSeconds: Number(response.headers['retry-after'] ?? 1),
            }),
          reject,
        );
      });
      request.once('error', reject);
      request.end(body);
    });
  } catch (error) {
    throw new Failure('REPLAY_UNREACHABLE', `no receiver answers at ${url.origin}: ${(error as Error).message}`, {
      hint: 'check the address, and that the receiver trusts the authority of the client certificate',
      cause: error,
    });
  }
}

function codeOf(answer: string): string {
  try {
    const { code } = JSON.parse(answer) as { code?: unknown };
    return typeof code === 'string' ? code : '-';
  } catch {
    return '-'; // an answer of something else than a receiver
  }
}

/** The recording's own time, faster or slower. */
class RecordedTime {
  readonly #speed: number;
  readonly #startedAtMs: number;
  #firstMs: number | undefined;

  constructor(speed: number, startedAtMs: number) {
    this.#speed = speed;
    this.#startedAtMs = startedAtMs;
  }

  /** Waits until this moment of the recording is due. A moment before the first, or none, is due at once. */
  async reach(atMs: number | undefined, signal: AbortSignal): Promise<void> {
    if (atMs === undefined) return;
    this.#firstMs ??= atMs;
    const waitMs = (atMs - this.#firstMs) / this.#speed - (performance.now() - this.#startedAtMs);
    if (waitMs > 1) await sleep(Math.min(waitMs, MAX_TIMER_MS), undefined, { signal }).catch(() => undefined); // an abort ends the wait, the loop sees it
  }
}

/** A longer timer fires at once: 24.8 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

async function keepPace(sent: number, startedAt: number, { listsPerSecond, signal }: ReplayOptions): Promise<void> {
  if (listsPerSecond === undefined) return;
  const aheadMs = (sent / listsPerSecond) * 1000 - (performance.now() - startedAt);
  if (aheadMs > 1) await sleep(aheadMs, undefined, { signal }).catch(() => undefined); // an abort ends the wait, the loop sees it
}
