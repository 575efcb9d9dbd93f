import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { Agent, type AgentOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { createAuthority, issueClusterCertificate, issueServerCertificate, type KeyAndCertificate } from '@k8s-audit/certs';

/** Certificates of a test: an authority, a receiver on this machine, clients by cluster. */
export interface TestCertificates {
  readonly authority: KeyAndCertificate;
  readonly server: KeyAndCertificate;
  client(cluster: string): Promise<KeyAndCertificate>;
}

export async function makeCertificates(nowMs: number = Date.now()): Promise<TestCertificates> {
  const authority = await createAuthority({ nowMs });
  const clients = new Map<string, Promise<KeyAndCertificate>>();
  return {
    authority,
    server: await issueServerCertificate(authority, ['127.0.0.1', 'localhost'], { nowMs }),
    client(cluster) {
      const client = clients.get(cluster) ?? issueClusterCertificate(authority, cluster, { nowMs });
      clients.set(cluster, client);
      return client;
    },
  };
}

export interface LogLine {
  readonly event: string;
  readonly [key: string]: unknown;
}

export interface Answer {
  readonly status: number;
  readonly body: { readonly code?: string; readonly message?: string };
  readonly retryAfter: string | undefined;
}

/** A real receiver process with a folder of its own. */
export class ReceiverProcess {
  readonly folder: string;
  readonly certificates: TestCertificates;
  readonly log: LogLine[] = [];
  readonly #configuration: Record<string, unknown>;
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  url = '';
  admin = '';

  private constructor(folder: string, certificates: TestCertificates, changes: Record<string, unknown>) {
    this.folder = folder;
    this.certificates = certificates;
    this.#configuration = {
      listen: { address: '127.0.0.1', port: 0 },
      tls: { certificate: this.at('server.crt'), key: this.at('server.key'), clientAuthority: this.at('ca.crt') },
      spool: { folder: this.at('spool') },
      wazuh: { transport: 'file', file: { path: this.at('events.jsonl') } },
      admin: { address: '127.0.0.1', port: 0 },
      ...changes,
    };
  }

  /** @param changes top-level keys of the configuration; a function gets the folder. `undefined` leaves a key out */
  static async create(changes: Record<string, unknown> | ((folder: string) => Record<string, unknown>) = {}): Promise<ReceiverProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'receiver-process-'));
    const certificates = await makeCertificates();
    const receiver = new ReceiverProcess(folder, certificates, typeof changes === 'function' ? changes(folder) : changes);
    receiver.write('ca.crt', certificates.authority.certificatePem);
    receiver.write('server.crt', certificates.server.certificatePem);
    receiver.write('server.key', certificates.server.privateKeyPem);
    receiver.configure({});
    return receiver;
  }

  at(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, content: string): void {
    writeFileSync(this.at(name), content, { mode: 0o600 });
  }

  /** Writes the configuration with some keys changed. */
  configure(changes: Record<string, unknown>): void {
    Object.assign(this.#configuration, changes);
    this.write('receiver.yaml', JSON.stringify(this.#configuration));
  }

  /**
   * Starts it and waits until it is ready.
   *
   * @param options `wrap`: a shell text that ends with `exec "$@"`; `fds` go to the process from 3 on
   */
  async start(
    options: { env?: Record<string, string>; wrap?: string; fds?: readonly number[]; nodeFlags?: readonly string[] } = {},
  ): Promise<void> {
    const main = join(import.meta.dirname, '../main.ts');
    const command = [process.execPath, ...(options.nodeFlags ?? []), main, '--config', this.at('receiver.yaml')];
    const [program, ...args] = options.wrap === undefined ? command : ['sh', '-c', options.wrap, 'sh', ...command];
    const child = spawn(program as string, args, {
      stdio: ['ignore', 'pipe', 'pipe', ...(options.fds ?? [])],
      env: { ...process.env, ...options.env },
    });
    this.#child = child;
    this.#ended = once(child, 'close');
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const entry = JSON.parse(line) as LogLine;
      this.log.push(entry);
      if (entry.event !== 'ready') return;
      this.url = String(entry['url']);
      this.admin = String(entry['admin']);
      resolve();
    });
    void this.#ended.then(() => reject(new Error(`the receiver ended before it was ready: ${errors}`)));
    await ready;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Told to stop, and gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.signal(signal);
    await this.#ended;
  }

  /** Stops it, whatever it does, and takes its folder away. */
  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  events(name: string): readonly LogLine[] {
    return this.log.filter(({ event }) => event === name);
  }

  /** Of /proc/PID/status: `VmRSS`, `VmHWM` (the most it ever had). */
  memoryBytes(field: 'VmRSS' | 'VmHWM'): number {
    const line = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'));
    return Number(line?.[1]) * 1024;
  }

  /** What the transport `file` was given. */
  delivered(): readonly string[] {
    return readFileSync(this.at('events.jsonl'), 'utf8').split('\n').filter(Boolean);
  }

  async ask(path: string): Promise<{ readonly status: number; readonly text: string }> {
    const response = await fetch(new URL(path, this.admin));
    return { status: response.status, text: await response.text() };
  }

  async agent(cluster: string | undefined, options: AgentOptions = {}): Promise<Agent> {
    const pair = cluster === undefined ? undefined : await this.certificates.client(cluster);
    const identity = pair === undefined ? {} : { cert: pair.certificatePem, key: pair.privateKeyPem };
    return new Agent({ ca: this.certificates.authority.certificatePem, keepAlive: false, ...identity, ...options });
  }

  /** One POST; rejects when the connection is cut. */
  post(path: string, body: string, options: { agent?: Agent; headers?: Record<string, string> } = {}): Promise<Answer> {
    const headers = { 'Content-Length': String(Buffer.byteLength(body)), ...options.headers };
    const url = new URL(path, this.url);
    return new Promise((resolve, reject) => {
      const isPlain = url.protocol === 'http:';
      const sent = isPlain
        ? plainRequest(url, { method: 'POST', headers })
        : request(url, { method: 'POST', headers, ...(options.agent === undefined ? {} : { agent: options.agent }) });
      sent.once('response', (response) => {
        text(response).then(
          (answer) =>
            resolve({
              status: response.statusCode ?? 0,
              body: JSON.parse(answer || '{}') as Answer['body'],
              retryAfter: response.headers['retry-after'],
            }),
          reject,
        );
      });
      sent.once('error', reject);
      sent.end(body);
    });
  }
}

/** A list with one event, as small as it can be. */
export function oneEvent(auditID: string, more: object = {}): string {
  const item = {
    level: 'Metadata',
    auditID,
    stage: 'ResponseComplete',
    requestURI: '/',
    verb: 'get',
    user: { username: 'alice' },
    stageTimestamp: new Date().toISOString(),
    ...more,
  };
  return JSON.stringify({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items: [item] });
}
