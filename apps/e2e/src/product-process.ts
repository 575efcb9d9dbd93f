import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '@k8s-audit/failure';
import { leash, type StartedProcess, startProcess, unleash } from '@k8s-audit/testbed';
import type { CommandLine } from './product.ts';

/** The product as programs: from the source tree, or as it was built for its users. */
export interface Product {
  /** The file that it is started from. */
  readonly program: string;
  /** Runs a command to its end, whatever that is. */
  attempt(command: CommandLine): Promise<CommandOutcome>;
  /** Begins a command that may be killed. It dies with us. */
  begin(command: CommandLine): ProductCommand;
  /** Runs a command to its end and returns what it printed. @throws {Failure} PRODUCT_COMMAND_FAILED */
  run(command: CommandLine): Promise<string>;
  /** Starts a long-running command and waits for its ready line. @throws {Failure} PRODUCT_COMMAND_FAILED */
  start(name: string, command: CommandLine, logFile: string): Promise<ProductService>;
}

export interface CommandOutcome {
  /** Null: it was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProductCommand {
  readonly ended: Promise<CommandOutcome>;
  /** What it has said so far, on both streams. */
  said(): string;
  isRunning(): boolean;
  /** SIGINT, as Ctrl-C sends it. */
  interrupt(): void;
  /** SIGKILL. */
  kill(): void;
}

export interface ProductService {
  /** The line `{"event":"ready", …}` that it printed. */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly process: StartedProcess;
}

const SOURCE_TREE = join(import.meta.dirname, '../../cli/src/main.ts');
const SCRIPTS: readonly string[] = ['.ts', '.js', '.mjs', '.cjs'];
/** A cold start beside a full test run has taken 10 s. */
const READY_WITHIN_MS = 60_000;
const POLL_MS = 100;

/** @param program a script for Node, or anything that can be executed */
export function createProduct(program: string = SOURCE_TREE): Product {
  const [command, ...first]: readonly [string, ...string[]] = SCRIPTS.includes(extname(program)) ? [process.execPath, program] : [program];
  const begin = (line: CommandLine): ProductCommand => beginCommand(command, [...first, ...line]);
  return {
    program,
    begin,
    attempt: (line) => begin(line).ended,
    async run(line) {
      const { code, stdout, stderr } = await begin(line).ended;
      if (code === 0) return stdout;
      throw commandFailure(line, `ended with ${code}\n${stderr.trimEnd()}`);
    },
    async start(name, line, logFile) {
      const started = startProcess({ name, command, args: [...first, ...line], logFile });
      const deadlineMs = Date.now() + READY_WITHIN_MS;
      while (Date.now() < deadlineMs && started.isRunning()) {
        const ready = findReadyLine(logFile);
        if (ready !== undefined) return { ready, process: started };
        await sleep(POLL_MS);
      }
      const what = started.isRunning() ? `was not ready within ${READY_WITHIN_MS / 1000} s` : 'ended before it was ready';
      await started.stop(0);
      throw commandFailure(line, `${what}\n${started.tail()}`);
    },
  };
}

function beginCommand(command: string, args: readonly string[]): ProductCommand {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  if (child.pid !== undefined) leash(child.pid);
  const said = { stdout: '', stderr: '' };
  let isRunning = true;
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      said[stream] += chunk;
    });
  const ended = new Promise<CommandOutcome>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      isRunning = false;
      if (child.pid !== undefined) unleash(child.pid);
      resolve({ code, ...said });
    });
  });
  return {
    ended,
    said: () => `${said.stdout}${said.stderr}`,
    isRunning: () => isRunning,
    interrupt: () => void child.kill('SIGINT'),
    kill: () => void child.kill('SIGKILL'),
  };
}

function findReadyLine(logFile: string): Record<string, unknown> | undefined {
  if (!existsSync(logFile)) return undefined;
  for (const line of readFileSync(logFile, 'utf8').split('\n').slice(0, -1))
    if (line.startsWith('{') && line.includes('"ready"')) {
      const message = JSON.parse(line) as Record<string, unknown>;
      if (message['event'] === 'ready') return message;
    }
  return undefined;
}

function commandFailure(line: CommandLine, what: string): Failure {
  return new Failure('PRODUCT_COMMAND_FAILED', `k8s-audit ${line.join(' ')}: ${what}`, {
    hint: 'run the command by hand; if its arguments have changed, apps/e2e/src/product.ts must follow',
  });
}
