import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explainFailure, Failure } from '@k8s-audit/failure';
import { Command, CommanderError } from 'commander';
import { ensureTestbedBinary } from './binary.ts';
import { startControlPlane } from './control-plane.ts';
import { ensurePodShim } from './static-pods/pod-shim.ts';

interface UpOptions {
  readonly apiServers: string;
  readonly apiServerFlag: readonly string[];
  readonly staticPods?: boolean;
  readonly keep?: boolean;
}

void main();

async function main(): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
  // Started by a program with a channel to us: its end is the end of that program.
  process.once('disconnect', () => stop.abort(new Error('stopped with the program that started it')));
  const program = new Command('testbed').description('A real Kubernetes control plane on this machine, without containers').exitOverride();
  program
    .command('build')
    .description('build the binary (once per machine) and print its path')
    .action(async () => say(await ensureTestbedBinary({ onProgress, signal: stop.signal })));
  program
    .command('up')
    .description('start a control plane, print the path of its kubeconfig, and keep it until Ctrl-C')
    .option('--api-servers <n>', 'how many API servers', '1')
    .option('--api-server-flag <flag>', 'a flag for each API server, such as --audit-policy-file=FILE; repeatable', collect, [])
    .option('--static-pods', 'run each API server from a manifest, as a kubelet does, and print where it lies')
    .option('--keep', 'leave the folder with certificates, logs and data behind')
    .action((options: UpOptions) => up(options, stop.signal));
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = error instanceof CommanderError ? (error.exitCode === 0 ? 0 : 2) : 1;
    if (error instanceof Failure && error.code === 'USAGE') process.exitCode = 2;
    if (!(error instanceof CommanderError)) process.stderr.write(`${explainFailure(error)}\n`);
  }
}

async function up(options: UpOptions, stop: AbortSignal): Promise<void> {
  const count = Number(options.apiServers);
  if (!Number.isInteger(count) || count < 1 || count > 9)
    throw new Failure('USAGE', `--api-servers takes a number from 1 to 9, not ${options.apiServers}`, {
      hint: 'testbed up --api-servers 2',
    });
  const binary = await ensureTestbedBinary({ onProgress, signal: stop });
  const folder = mkdtempSync(join(tmpdir(), 'k8s-audit-testbed-'));
  try {
    const apiServers = Array.from({ length: count }, (_, index) => ({ name: `kube-apiserver-${index + 1}`, flags: options.apiServerFlag }));
    const plane = await startControlPlane({
      binary,
      folder,
      apiServers,
      onProgress,
      ...(options.staticPods ? { staticPods: { shim: (await ensurePodShim()).shim } } : {}),
    });
    for (const { name, node } of plane.apiServers) if (node !== undefined) onProgress(`${name} runs from ${node.manifestFile}`);
    const kubeconfig = join(folder, 'admin.kubeconfig');
    writeFileSync(kubeconfig, plane.kubeconfig('admin'), { mode: 0o600 });
    onProgress(`try: ${binary} kubectl --kubeconfig ${kubeconfig} get namespaces`);
    say(kubeconfig);
    await aborted(stop);
    onProgress('stopping');
    await plane.stop();
  } finally {
    if (!options.keep) rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits with a timer: a promise alone would not keep the process alive. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const alive = setInterval(() => {}, 60_000);
    signal.addEventListener('abort', () => resolve(clearInterval(alive)), { once: true });
  });
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function onProgress(line: string): void {
  process.stderr.write(`testbed: ${line}\n`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
