import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { Failure } from '@k8s-audit/failure';
import { renderStep, type SetupPlan } from '../minikube/setup-plan.ts';
import type { SetupStep, StepName } from '../minikube/setup-step.ts';

export interface SetUpOptions {
  /** Takes what the commands say, and which step runs. */
  readonly progress: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

export interface SetUpResult {
  readonly steps: readonly { readonly name: StepName; readonly outcome: 'done' | 'was done already' }[];
}

/**
 * Runs the steps of a plan, each in a bash of its own, in order; what is done already is passed over, so that a second run goes on where the first ended.
 *
 * @throws {Failure} MINIKUBE_STEP_FAILED at the first step that fails; the ones before it stay
 */
export async function setUpMinikube({ steps }: SetupPlan, options: SetUpOptions): Promise<SetUpResult> {
  const outcomes: { name: StepName; outcome: 'done' | 'was done already' }[] = [];
  for (const [index, step] of steps.entries()) {
    options.signal.throwIfAborted();
    const isDone = step.isDone !== 'false' && (await bash(step.isDone, options)) === 0;
    options.progress.write(`[${index + 1}/${steps.length}] ${step.name}: ${isDone ? 'done already' : step.title}\n`);
    if (!isDone) await run(step, options);
    outcomes.push({ name: step.name, outcome: isDone ? 'was done already' : 'done' });
  }
  return { steps: outcomes };
}

async function run(step: SetupStep, options: SetUpOptions): Promise<void> {
  const code = await bash(renderStep(step), options);
  if (code === 0) return;
  throw new Failure('MINIKUBE_STEP_FAILED', `The step ${step.name} ended with ${code ?? 'a signal'}; what it said stands above.`, {
    hint: `Mend it and run the command again (what is done is passed over), or do it by hand and leave it out: --skip ${step.name}`,
  });
}

/** Its input is ours: sudo asks for a password on the terminal. Bash would read ~/.bashrc when that input is a socket, as for rsh. */
function bash(script: string, { progress, env, signal }: SetUpOptions): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['--norc', '--noprofile', '-c', script], { env, stdio: ['inherit', 'pipe', 'pipe'] });
    const stop = (): void => void child.kill('SIGTERM');
    signal.addEventListener('abort', stop, { once: true });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => progress.write(chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      signal.removeEventListener('abort', stop);
      resolve(code);
    });
  });
}
