import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { inputsKey } from '../build-inputs.ts';
import { withLock } from '../build-lock.ts';
import { cacheFolder } from '../cache-folder.ts';
import { runCommand } from '../command-run.ts';
import { askGoVersion } from '../go-version.ts';

/** The programs of tools/testbed/pod-shim: `pod-shim` runs a container, `probe` is one, for the stand-in's own tests. */
export interface ShimPrograms {
  readonly shim: string;
  readonly probe: string;
}

const SOURCE_FOLDER = join(import.meta.dirname, '../../pod-shim');
const BUILD_ARGUMENTS = ['build', '-trimpath', '-ldflags', '-s -w'];
/** Exit codes of pod-shim, as main.go has them. */
export const NOT_CREATED = 125;
const NO_NAMESPACES = 126;

/**
 * Builds them once per machine (Go's standard library only: seconds) and makes sure that this user may run containers with them.
 *
 * @throws {Failure} TESTBED_NO_GO, TESTBED_BUILD_FAILED, TESTBED_NO_NAMESPACES
 */
export async function ensurePodShim(env: NodeJS.ProcessEnv = process.env): Promise<ShimPrograms> {
  const goVersion = await askGoVersion(SOURCE_FOLDER, env);
  const folder = join(cacheFolder(env), `pod-shim-${inputsKey(goVersion, BUILD_ARGUMENTS, SOURCE_FOLDER)}`);
  if (!existsSync(folder))
    await withLock(`${folder}.lock`, async () => {
      if (!existsSync(folder)) await build(folder, env);
    });
  const programs = { shim: join(folder, 'pod-shim'), probe: join(folder, 'probe') };
  await checkNamespaces(programs.shim, env);
  return programs;
}

/** @throws {Failure} TESTBED_NO_NAMESPACES: a test that cannot isolate must fail, for it would prove nothing */
async function checkNamespaces(shim: string, env: NodeJS.ProcessEnv): Promise<void> {
  const checked = await runCommand(shim, ['check'], { cwd: '/', env });
  if (checked.kind === 'ran' && checked.code === 0) return;
  const why = checked.kind === 'ran' ? checked.lastLines.trim() : 'it is gone';
  const is = checked.kind === 'ran' && checked.code === NO_NAMESPACES ? 'static pods cannot be isolated here' : `${shim} does not run`;
  throw new Failure('TESTBED_NO_NAMESPACES', `${is}: ${why}`, {
    hint: 'run as root, or where this user may make user namespaces (in a container: --privileged, or --cap-add SYS_ADMIN)',
  });
}

async function build(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const built = await runCommand('go', [...BUILD_ARGUMENTS, '-o', `${partial}/`, '.', './probe'], {
    cwd: SOURCE_FOLDER,
    env: { ...env, CGO_ENABLED: '0' },
  });
  if (built.kind === 'absent' || built.code !== 0)
    throw new Failure('TESTBED_BUILD_FAILED', `pod-shim could not be built:\n${built.kind === 'ran' ? built.lastLines : 'no go'}`, {
      hint: `run \`go build ./...\` in ${SOURCE_FOLDER}`,
    });
  renameSync(partial, folder);
}
