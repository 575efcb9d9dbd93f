import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { buildArguments } from './build-inputs.ts';
import { runCommand } from './command-run.ts';

export interface GoBuild {
  readonly env: NodeJS.ProcessEnv;
  readonly sourceFolder: string;
  readonly onProgress: (line: string) => void;
  /** As `v1.35.4`. */
  readonly version: string;
  /** Appears complete or not at all. */
  readonly folder: string;
  readonly signal?: AbortSignal;
}

/** A build is silent for minutes while it links: say every so often that it still goes on. */
const PROGRESS_EVERY_MS = 15_000;

/**
 * Builds beside the place where the binary belongs and moves it there in one step, after it has told the right version.
 *
 * @throws {Failure} TESTBED_DISK_FULL, TESTBED_BUILD_FAILED
 */
export async function buildBinary({ env, sourceFolder, onProgress, version, folder, signal }: GoBuild): Promise<void> {
  // One name: the lock keeps others out, and what a killed build left goes with the next one.
  const partial = `${folder}.partial`;
  const startedMs = Date.now();
  let compiled = 0;
  const report = setInterval(() => {
    const stage = compiled === 0 ? 'fetching modules' : `${compiled} packages compiled`;
    onProgress(`${stage}, ${Math.round((Date.now() - startedMs) / 1000)} s`);
  }, PROGRESS_EVERY_MS);
  try {
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    const output = join(partial, 'control-plane');
    const built = await runCommand('go', [...buildArguments(version), '-o', output, '.'], {
      cwd: sourceFolder,
      env: { ...env, CGO_ENABLED: '0' },
      onLine: (line) => {
        if (!line.startsWith('go: ')) compiled++;
      },
      ...(signal ? { signal } : {}),
    });
    if (built.kind === 'absent' || built.code !== 0) throw buildFailure(built.kind === 'absent' ? '`go` is gone' : built.lastLines);
    const said = await runCommand(output, ['kube-apiserver', '--version'], { cwd: partial, env });
    if (said.kind === 'absent' || said.lastLines.trim() !== `Kubernetes ${version}`)
      throw buildFailure(`the binary does not call itself Kubernetes ${version}`);
    renameSync(partial, folder);
    onProgress(`built in ${Math.round((Date.now() - startedMs) / 1000)} s: ${folder}`);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOSPC' ? buildFailure('no space left on device') : error;
  } finally {
    clearInterval(report);
    rmSync(partial, { recursive: true, force: true });
  }
}

function buildFailure(lastLines: string): Failure {
  if (/no space left on device/i.test(lastLines))
    return new Failure('TESTBED_DISK_FULL', 'the disk filled up while Kubernetes was built', {
      hint: "make room for about 5 GB: Go's build and module caches (`go env GOCACHE GOMODCACHE`, GOTMPDIR) and the binary (XDG_CACHE_HOME)",
    });
  return new Failure('TESTBED_BUILD_FAILED', `\`go build\` failed:\n${lastLines}`, {
    hint: 'the modules come from the Go module proxy (`go env GOPROXY`); run `node tools/testbed/src/main.ts build` to try again',
  });
}
