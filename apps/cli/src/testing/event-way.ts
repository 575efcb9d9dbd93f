import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type EmbeddedWazuh, openEmbeddedWazuh } from '@k8s-audit/embedded-wazuh';
import { openQueueReader, type QueueReader } from '@k8s-audit/wazuh-queue';
import { createWazuhTree, type WazuhTree } from '@k8s-audit/wazuh-server/testing';
import { parse, stringify } from 'yaml';
import type { HopId } from '../flows/hops/hop.ts';
import { runCommand } from './run-command.ts';
import { StandInApiServer, strangersCertificate } from './stand-in-api-server.ts';

const CLUSTER = 'prod-eu';
const CERTIFICATES = `var/ossec/integrations/kubernetes-webhook/clusters/${CLUSTER}`;
const MUTE =
  '<group name="a,"><rule id="100900" level="0"><location>k8s</location><field name="k8s.schema">1</field><description>mute</description></rule></group>\n';

/** What an audit event's way is broken by: one hop, and everything before and behind it as it should be. */
export interface Break {
  readonly hop: HopId;
  readonly what: string;
  /** @returns what puts it back */
  readonly breakIt: (way: EventWay) => Promise<() => Promise<void>> | (() => Promise<void>);
  /** Everything that can happen to the event has happened. */
  readonly isOver: (way: EventWay) => Promise<boolean> | boolean;
}

/** The whole way on this machine, after `wazuh install`: a real receiver process with its spool, and Wazuh's protocols and files by the embedded back end. */
export class EventWay {
  readonly tree: WazuhTree;
  readonly apiServer: StandInApiServer;
  #wazuh!: EmbeddedWazuh;
  #other: EmbeddedWazuh | undefined;
  #reader!: QueueReader;
  #receiver!: ChildProcess;
  #receiverUrl = '';
  #adminUrl = '';
  /** Messages that a reader in the place of the daemon has thrown away. */
  thrownAway = 0;

  private constructor(tree: WazuhTree, apiServer: StandInApiServer) {
    this.tree = tree;
    this.apiServer = apiServer;
  }

  static async start(): Promise<EventWay> {
    const way = new EventWay(createWazuhTree(), await StandInApiServer.start());
    way.#wazuh = await openEmbeddedWazuh({ homeFolder: way.tree.home, controlSockets: true });
    await way.readQueue((messages) => way.#wazuh.process(messages));
    const install = ['wazuh', 'install', '--root', way.tree.root, '--host', '127.0.0.1', '--cluster', CLUSTER, '--yes'];
    const { failure } = await runCommand(install);
    if (failure !== undefined) throw failure;
    await way.#startReceiver();
    await way.#wazuh.reloadRules();
    way.apiServer.webhook = way.webhook();
    return way;
  }

  get configuration(): string {
    return this.at('receiver.yaml');
  }

  at(path: string): string {
    return join(this.tree.root, path);
  }

  webhook(): NonNullable<StandInApiServer['webhook']> {
    const pem = (name: string): string => readFileSync(this.at(`${CERTIFICATES}/${name}`), 'utf8');
    const identity = { ca: pem('audit-ca.cert'), cert: pem('audit-client.cert'), key: pem('audit-client.key') };
    return { url: `${this.#receiverUrl}/${CLUSTER}/cp-1`, ...identity };
  }

  /** Whoever reads the queue in the place of the one before. */
  async readQueue(onMessages: (messages: readonly Uint8Array[]) => Promise<void>): Promise<void> {
    await this.#reader?.close();
    this.#reader = await openQueueReader({ socketPath: this.#wazuh.home.queueSocket, onMessages });
    chmodSync(this.#wazuh.home.queueSocket, 0o660);
  }

  async closeQueue(): Promise<void> {
    await this.#reader.close();
  }

  /** The daemon writes one of its files elsewhere. Its control sockets stay those of the one before. */
  async writeElsewhere(file: { readonly alertsFile: string } | { readonly archivesFile: string }): Promise<void> {
    this.#other = await openEmbeddedWazuh({ homeFolder: this.tree.home, controlSockets: false, ...file });
    await this.readQueue((messages) => (this.#other as EmbeddedWazuh).process(messages));
  }

  /** As it was at the start. */
  async putBack(): Promise<void> {
    await this.#wazuh.reloadRules();
    await this.readQueue((messages) => this.#wazuh.process(messages));
    await this.#other?.close();
    this.#other = undefined;
  }

  async reloadRules(): Promise<void> {
    await this.#wazuh.reloadRules();
  }

  /** No file of the receiver may grow: its disk refuses. */
  limitFiles(bytes: number | 'unlimited'): void {
    const { pid } = this.#receiver;
    // `receiver run` is the parent of the receiver.
    for (const child of readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' '))
      execFileSync('prlimit', ['--pid', child, `--fsize=${bytes}:unlimited`]);
  }

  isWritten(file: 'alertsFile' | 'archivesFile'): boolean {
    const path = this.#wazuh.home[file];
    return existsSync(path) && readFileSync(path, 'utf8').includes(`"auditID":"${this.apiServer.auditId}"`);
  }

  async traced(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const answer = await fetch(`${this.#adminUrl}/trace/${this.apiServer.auditId}`);
    return ((await answer.json()) as { events: Readonly<Record<string, unknown>>[] }).events;
  }

  async close(): Promise<void> {
    this.#receiver.kill();
    await once(this.#receiver, 'close');
    await this.#reader.close();
    await this.#wazuh.close();
    await this.apiServer.close().catch(() => undefined);
    this.tree.remove();
  }

  /** With the configuration that was installed, its places below the root, and ports that the system gives. */
  async #startReceiver(): Promise<void> {
    const text = readFileSync(this.at('etc/k8s-audit/receiver.yaml'), 'utf8').replaceAll(': /var/', `: ${this.tree.root}/var/`);
    const free = { address: '127.0.0.1', port: 0 };
    writeFileSync(this.at('free-ports.yaml'), stringify({ ...(parse(text) as object), listen: free, admin: free }));
    const main = join(import.meta.dirname, '../main.ts');
    this.#receiver = spawn(process.execPath, [main, 'receiver', 'run', '--config', this.at('free-ports.yaml')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: this.#receiver.stdout as NodeJS.ReadableStream })) {
      const ready = JSON.parse(line) as { event: string; url: string; admin: string };
      if (ready.event !== 'ready') continue;
      [this.#receiverUrl, this.#adminUrl] = [ready.url, ready.admin];
      const portOf = (url: string): number => Number(new URL(url).port);
      const told = { listen: { port: portOf(ready.url) }, admin: { address: '127.0.0.1', port: portOf(ready.admin) } };
      writeFileSync(this.configuration, stringify(told));
      return;
    }
  }
}

/** One for each hop that needs no real API server, in the order of the way. */
export const BREAKS: readonly Break[] = [
  {
    hop: 'webhook',
    what: 'the API server posts nothing',
    breakIt: ({ apiServer }) => {
      const { webhook } = apiServer;
      apiServer.webhook = null;
      return async () => {
        apiServer.webhook = webhook;
      };
    },
    isOver: ({ apiServer }) => apiServer.auditId !== '',
  },
  {
    hop: 'tls',
    what: 'another authority made the API server’s certificate',
    breakIt: async (way) => {
      const { certificatePem: cert, privateKeyPem: key } = await strangersCertificate(CLUSTER);
      way.apiServer.webhook = { ...way.webhook(), cert, key };
      return async () => {
        way.apiServer.webhook = way.webhook();
      };
    },
    isOver: ({ apiServer }) => apiServer.posted !== undefined,
  },
  {
    hop: 'spool',
    what: 'the receiver’s disk takes nothing',
    breakIt: (way) => {
      way.limitFiles(1);
      return async () => way.limitFiles('unlimited');
    },
    isOver: ({ apiServer }) => apiServer.posted === 503,
  },
  {
    hop: 'pipeline',
    what: 'the event is one that the receiver cannot read',
    breakIt: ({ apiServer }) => {
      apiServer.oddity = { verb: 1 };
      return async () => {
        apiServer.oddity = {};
      };
    },
    // It sees by itself that nothing more can come.
    isOver: () => false,
  },
  {
    hop: 'socket',
    what: 'nobody reads Wazuh’s queue',
    breakIt: async (way) => {
      await way.closeQueue();
      return () => way.putBack();
    },
    isOver: async (way) => (await way.traced()).some(({ shapedAtMs }) => shapedAtMs !== undefined),
  },
  {
    hop: 'daemon',
    what: 'the daemon throws away what it takes',
    breakIt: async (way) => {
      way.thrownAway = 0;
      await way.readQueue(async (messages) => {
        way.thrownAway += messages.length;
      });
      return () => way.putBack();
    },
    isOver: async (way) => way.thrownAway > 0 && (await way.traced()).some(({ outcome }) => outcome === 'delivered'),
  },
  {
    hop: 'rule',
    what: 'somebody’s rule takes the event',
    breakIt: async (way) => {
      const file = way.at('var/ossec/etc/rules/a_first.xml');
      writeFileSync(file, MUTE);
      await way.reloadRules();
      return async () => {
        rmSync(file);
        await way.putBack();
      };
    },
    isOver: (way) => way.isWritten('archivesFile'),
  },
  {
    hop: 'alerts',
    what: 'alerts.json is not written',
    breakIt: async (way) => {
      await way.writeElsewhere({ alertsFile: way.at('elsewhere.json') });
      return () => way.putBack();
    },
    isOver: (way) => way.isWritten('archivesFile'),
  },
  {
    hop: 'archive',
    what: 'archives.json is not written',
    breakIt: async (way) => {
      await way.writeElsewhere({ archivesFile: way.at('elsewhere.json') });
      return () => way.putBack();
    },
    isOver: (way) => way.isWritten('alertsFile'),
  },
];

/** Breaks it, runs the command until nothing more can happen to the event, and puts it back. */
export async function whileBroken<T>(way: EventWay, { breakIt, isOver }: Break, run: (stopSignal: AbortSignal) => Promise<T>): Promise<T> {
  way.apiServer.auditId = '';
  way.apiServer.posted = undefined;
  const putBack = await breakIt(way);
  const stop = new AbortController();
  const running = { is: true };
  const watching = (async () => {
    while (running.is && !(way.apiServer.auditId !== '' && (await isOver(way)))) await new Promise((resolve) => setTimeout(resolve, 20));
    stop.abort();
  })();
  try {
    return await run(stop.signal);
  } finally {
    running.is = false;
    await watching;
    await putBack();
  }
}
