import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { Failure } from '@k8s-audit/failure';

export interface ReceiverOptions {
  /** A script for Node. */
  readonly program: string;
  readonly configurationFile: string;
  /** Takes all that the process prints. */
  readonly logFile: string;
  readonly env?: NodeJS.ProcessEnv;
  /** A command that starts the program in its stead, with the program and its arguments behind it: `prlimit --nofile=64`. */
  readonly wrapper?: readonly string[];
}

/** What `/books` of the admin listener says, as far as the runs read it. */
export interface ReceiverBooks {
  readonly total: Readonly<Record<'received' | 'delivered' | 'duplicate' | 'filtered' | 'quarantined' | 'resent' | 'spooled', number>>;
  readonly spool: { readonly undeliveredRecords: number; readonly lostRecords: number; readonly level: string; readonly diskBytes: number };
  readonly refusals: readonly { readonly status: number; readonly code: string; readonly count: number }[];
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const READY_WITHIN_MS = 60_000;

/** The real receiver as a process of its own; it dies with this one. */
export class ReceiverProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<ProcessEnd>;
  readonly url: string;
  readonly admin: string;
  readonly lines: readonly string[];
  #peakRssBytes = 0;
  #hasEnded = false;
  readonly #sampling: NodeJS.Timeout;

  private constructor(child: ChildProcess, ended: Promise<ProcessEnd>, lines: readonly string[], ready: { url: string; admin: string }) {
    this.child = child;
    this.ended = ended;
    this.lines = lines;
    this.url = ready.url;
    this.admin = ready.admin;
    this.#sampling = setInterval(() => this.#sample(), 200).unref();
    ended.then(() => {
      this.#hasEnded = true;
      clearInterval(this.#sampling);
    });
  }

  /** Resolves when it is ready. @throws {Failure} CHILD_FAILED with what it printed */
  static async start({ program, configurationFile, logFile, env, wrapper = [] }: ReceiverOptions): Promise<ReceiverProcess> {
    const [command = process.execPath, ...args] = [...wrapper, process.execPath, program, '--config', configurationFile];
    const child = spawn(command, args, {
      // Its end is the end of the channel: whatever becomes of this process, none stays behind.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...env },
    });
    const lines: string[] = [];
    const ended = new Promise<ProcessEnd>((resolve) => {
      child.once('error', () => resolve({ code: -1, signal: null }));
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    const ready = new Promise<{ url: string; admin: string }>((resolve) => {
      for (const stream of [child.stdout, child.stderr])
        createInterface({ input: stream as NodeJS.ReadableStream }).on('line', (line) => {
          lines.push(line);
          appendFileSync(logFile, `${line}\n`);
          if (line.includes('"event":"ready"')) resolve(JSON.parse(line) as { url: string; admin: string });
        });
    });
    const timer = new AbortController();
    const tooLate = new Promise<undefined>((resolve) => {
      const timeout = setTimeout(() => resolve(undefined), READY_WITHIN_MS);
      timer.signal.addEventListener('abort', () => clearTimeout(timeout));
    });
    const first = await Promise.race([ready, ended.then(() => undefined), tooLate]);
    timer.abort();
    if (first !== undefined) return new ReceiverProcess(child, ended, lines, first);
    child.kill('SIGKILL');
    await ended;
    throw new Failure('CHILD_FAILED', `the receiver did not become ready\n${lines.slice(-15).join('\n')}`, {
      hint: `its whole output is in ${logFile}`,
    });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The greatest resident size so far, by the kernel's own mark. */
  get peakRssBytes(): number {
    this.#sample();
    return this.#peakRssBytes;
  }

  /** Objects of its log with this `event`. */
  logged(event: string): readonly Readonly<Record<string, unknown>>[] {
    return this.lines
      .filter((line) => line.startsWith('{') && line.includes(`"event":"${event}"`))
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  }

  async books(): Promise<ReceiverBooks> {
    return JSON.parse(await this.adminText('/books')) as ReceiverBooks;
  }

  /** The value of a metric, summed over those of its samples whose labels contain all of these texts. */
  async metric(name: string, ...labels: readonly string[]): Promise<number> {
    return sumOfMetric(await this.adminText('/metrics'), name, labels);
  }

  adminText(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      get(new URL(path, this.admin), { agent: false }, (response) => text(response).then(resolve, reject)).once('error', reject);
    });
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async kill(): Promise<ProcessEnd> {
    this.#sample();
    this.child.kill('SIGKILL');
    return this.ended;
  }

  async stop(): Promise<ProcessEnd> {
    this.#sample();
    this.child.kill('SIGTERM');
    return this.ended;
  }

  #sample(): void {
    try {
      const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
      this.#peakRssBytes = Math.max(this.#peakRssBytes, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024);
    } catch {
      // It has just ended: the last mark stands.
    }
  }
}

export function sumOfMetric(metrics: string, name: string, labels: readonly string[]): number {
  let sum = 0;
  for (const line of metrics.split('\n')) {
    const [, found, shown = '', value] = /^([a-z0-9_]+)(\{[^}]*\})? (\S+)/.exec(line) ?? [];
    if (found === name && labels.every((label) => shown.includes(label))) sum += Number(value);
  }
  return sum;
}
