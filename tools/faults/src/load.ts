import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditClient, PostResult } from './audit-client.ts';
import type { Oracle } from './oracle.ts';

export interface LoadOptions {
  /** Posts at a time. */
  readonly workers: number;
  /** Events of a list: at most so many, at least one; or always so many with `isExact`. */
  readonly listEvents: number;
  readonly isExact?: boolean;
  readonly bodyBytes?: number;
  /** Lists a second of all workers together; unlimited when absent. */
  readonly listsPerSecond?: number;
  readonly random: () => number;
  readonly onResult?: (result: PostResult, ids: readonly number[]) => void;
}

/** Waits this long before it sends again what was refused or not answered: an API server waits longer. */
const RETRY_MS = 50;

/** Posts lists as API servers do, and sends each again until it has its 2xx, under the next receiver if need be. */
export class Load {
  readonly #oracle: Oracle;
  readonly #client: AuditClient;
  readonly #options: LoadOptions;
  /** Lists without a 2xx, in the order of their first post. */
  readonly #unsettled: (readonly number[])[] = [];
  #isRunning = false;
  #workers: Promise<unknown> = Promise.resolve();
  #nextAt = 0;
  /** Events in lists that got a 2xx, each list counted once. */
  acknowledgedEvents = 0;
  /** Events in every list that was posted, repetitions counted. */
  postedEvents = 0;
  repeatedLists = 0;

  constructor(oracle: Oracle, client: AuditClient, options: LoadOptions) {
    this.#oracle = oracle;
    this.#client = client;
    this.#options = options;
  }

  start(): void {
    this.#isRunning = true;
    this.#nextAt = performance.now();
    this.#workers = Promise.all(Array.from({ length: this.#options.workers }, () => this.#work()));
  }

  /** Ends after the posts that are under way. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    await this.#workers;
  }

  /** Sends what is left without its 2xx, until it has it. @returns how many lists that were */
  async settle(): Promise<number> {
    const left = this.#unsettled.length;
    while (this.#unsettled.length > 0) await this.#postNext();
    return left;
  }

  async #work(): Promise<void> {
    while (this.#isRunning) {
      if (this.#options.listsPerSecond !== undefined) {
        this.#nextAt += 1_000 / this.#options.listsPerSecond;
        const waitMs = this.#nextAt - performance.now();
        if (waitMs > 0) await sleep(waitMs);
      }
      if (this.#isRunning) await this.#postNext();
    }
  }

  async #postNext(): Promise<void> {
    const { listEvents, isExact, bodyBytes, random, onResult } = this.#options;
    const again = this.#unsettled.shift();
    if (again !== undefined) this.repeatedLists++;
    const count = isExact === true ? listEvents : 1 + Math.floor(random() * listEvents);
    const ids = again ?? this.#oracle.issue(count, bodyBytes === undefined ? {} : { bodyBytes });
    this.postedEvents += ids.length;
    const result = await this.#client.post(this.#oracle.listOf(ids));
    onResult?.(result, ids);
    if (result.kind === 'answer' && result.status >= 200 && result.status < 300) {
      this.#oracle.acknowledge(ids);
      this.acknowledgedEvents += ids.length;
      return;
    }
    this.#unsettled.push(ids);
    await sleep(RETRY_MS);
  }
}
