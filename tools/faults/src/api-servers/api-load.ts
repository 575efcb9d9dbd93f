import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

/** GETs of a ConfigMap at a steady rate: each makes one audit event. */
export class ApiLoad {
  readonly #agent: Agent;
  readonly #url: string;
  #isRunning = false;
  #running: Promise<void> = Promise.resolve();
  sent = 0;
  answered = 0;

  constructor(url: string, kubeconfig: string) {
    const fileOf = (key: string): Buffer => readFileSync(JSON.parse(new RegExp(`${key}: (".*")`).exec(kubeconfig)?.[1] ?? '""') as string);
    this.#url = url;
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: 16,
      ca: fileOf('certificate-authority'),
      cert: fileOf('client-certificate'),
      key: fileOf('client-key'),
    });
  }

  start(perSecond: number): void {
    this.#isRunning = true;
    this.#running = this.#run(perSecond);
  }

  /** Resolves when every request that was sent has its answer. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    await this.#running;
    while (this.answered < this.sent) await sleep(20);
  }

  /** So many requests at once. */
  async burst(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.#get()));
  }

  close(): void {
    this.#agent.destroy();
  }

  async #run(perSecond: number): Promise<void> {
    const startedAt = performance.now();
    for (let each = 0; this.#isRunning; each++) {
      const waitMs = startedAt + (each * 1_000) / perSecond - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      void this.#get();
    }
  }

  #get(): Promise<void> {
    this.sent++;
    const name = `oracle-${this.sent}`;
    return new Promise((resolve) => {
      const done = (): void => {
        this.answered++;
        resolve();
      };
      const get = request(`${this.#url}/api/v1/namespaces/default/configmaps/${name}`, { agent: this.#agent }, (response) => {
        response.resume();
        response.once('end', done);
      });
      get.once('error', done);
      get.end();
    });
  }
}
