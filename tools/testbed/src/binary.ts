import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { buildKey, kubernetesVersion, SOURCE_FOLDER } from './build-inputs.ts';
import { withLock } from './build-lock.ts';
import { cacheFolder } from './cache-folder.ts';
import { buildBinary } from './go-build.ts';
import { askGoVersion } from './go-version.ts';

export interface BinaryOptions {
  /** One line each, for a person who waits. */
  readonly onProgress?: (line: string) => void;
  readonly env?: NodeJS.ProcessEnv;
  readonly sourceFolder?: string;
  readonly signal?: AbortSignal;
}

/**
 * The path of the control plane's binary, built once per machine into `$XDG_CACHE_HOME/k8s-audit/testbed/KEY/` (4 to 20 minutes; afterwards
 * nothing is done). `K8S_AUDIT_TESTBED_BINARY` names a ready-made one instead.
 *
 * @throws {Failure} TESTBED_NO_GO, TESTBED_DISK_FULL, TESTBED_BUILD_FAILED
 */
export async function ensureTestbedBinary(options: BinaryOptions = {}): Promise<string> {
  const { env = process.env, sourceFolder = SOURCE_FOLDER, onProgress = () => {} } = options;
  const readyMade = env['K8S_AUDIT_TESTBED_BINARY'];
  if (readyMade) return existing(readyMade);

  const goVersion = await askGoVersion(sourceFolder, env);
  const folder = join(cacheFolder(env), buildKey(goVersion, sourceFolder));
  const binary = join(folder, 'control-plane');
  if (existsSync(binary)) return binary;

  const lockOptions = {
    onWait: (owner?: number) => onProgress(`another build runs (process ${owner ?? 'unknown'}); waiting for it`),
    ...(options.signal ? { signal: options.signal } : {}),
  };
  await withLock(
    `${folder}.lock`,
    async () => {
      if (existsSync(binary)) return; // built by the one we waited for
      const version = kubernetesVersion(sourceFolder);
      onProgress(
        `building Kubernetes ${version} with ${goVersion} (once per machine, 4 to 20 minutes, needs about 4 GB in Go's build cache)`,
      );
      await buildBinary({ ...options, env, sourceFolder, onProgress, version, folder });
    },
    lockOptions,
  );
  return binary;
}

function existing(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
  throw new Failure('TESTBED_BUILD_FAILED', `K8S_AUDIT_TESTBED_BINARY names ${path}, which is not a file`, {
    hint: 'unset it to build the binary, or name one that `node tools/testbed/src/main.ts build` has printed',
  });
}
