import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ResourceLimits, Worker } from 'node:worker_threads';

/**
 * Where a worker's code is, for an app that is bundled: then it is no longer beside this file, and koffi's native part is
 * no longer in node_modules. From source nothing needs to be said, nor in a release: there the bundled worker stands beside the
 * app under the same name.
 */
export interface WorkerCode {
  /** A file of the bundled worker (CommonJS), or with `isText` its text. */
  readonly code: URL | string;
  readonly isText: boolean;
  /** The folder that holds `koffi/linux_ARCH/koffi.node`; the bundle's banner makes it `process.resourcesPath`. */
  readonly nativeFolder: string;
}

export function startWorker<Data extends object>(
  source: URL,
  data: Data,
  bundled: WorkerCode | undefined,
  resourceLimits: ResourceLimits = {},
): Worker {
  // No inherited flags: a worker of ours is the same under a debugger, a test runner and a bundle.
  const execArgv: string[] = [];
  const code = bundled ?? besideBundle(source);
  if (code === undefined) return new Worker(source, { execArgv, resourceLimits, workerData: data });
  const workerData = { ...data, nativeFolder: code.nativeFolder };
  return new Worker(code.code, { execArgv, resourceLimits, eval: code.isText, workerData });
}

function besideBundle(source: URL): WorkerCode | undefined {
  if (existsSync(source)) return undefined;
  const code = new URL(source.href.replace(/[.]ts$/, '.cjs'));
  return { code, isText: false, nativeFolder: dirname(fileURLToPath(code)) };
}
