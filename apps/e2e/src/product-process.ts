import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '@k8s-audit/failure';
import { type StartedProcess, startProcess } from '@k8s-audit/testbed';
import type { CommandLine } from './product.ts';

const MAIN = join(import.meta.dirname, '../../cli/src/main.ts');
/** A cold start beside a full test run has taken 10 s. */
const READY_WITHIN_MS = 60_000;
const POLL_MS = 100;

/** Runs one of the product's commands to its end and returns what it printed. @throws {Failure} PRODUCT_COMMAND_FAILED */
export async function runProduct(command: CommandLine): Promise<string> {
  const child = spawn(process.execPath, [MAIN, ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (code === 0) return stdout;
  throw commandFailure(command, `ended with ${code}\n${stderr.trimEnd()}`);
}

export interface ProductService {
  /** The line `{"event":"ready", …}` that it printed. */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly process: StartedProcess;
}

/** Starts one of the product's long-running commands and waits for its ready line. @throws {Failure} PRODUCT_COMMAND_FAILED */
export async function startProduct(name: string, command: CommandLine, logFile: string): Promise<ProductService> {
  const process_ = startProcess({ name, command: process.execPath, args: [MAIN, ...command], logFile });
  const deadlineMs = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadlineMs && process_.isRunning()) {
    const ready = findReadyLine(logFile);
    if (ready !== undefined) return { ready, process: process_ };
    await sleep(POLL_MS);
  }
  const what = process_.isRunning() ? `was not ready within ${READY_WITHIN_MS / 1000} s` : 'ended before it was ready';
  await process_.stop(0);
  throw commandFailure(command, `${what}\n${process_.tail()}`);
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

function commandFailure(command: CommandLine, what: string): Failure {
  return new Failure('PRODUCT_COMMAND_FAILED', `k8s-audit ${command.join(' ')}: ${what}`, {
    hint: 'run the command by hand; if its arguments have changed, apps/e2e/src/product.ts must follow',
  });
}
