import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withLock } from './build-lock.ts';

const run = promisify(execFile);

/**
 * A Python environment with the pinned packages of a requirements file: made once a machine, from the package index, in a folder named after
 * that file below the user's cache.
 *
 * @param name begins the folder's name
 * @returns the folder; its programs lie in bin/
 */
export async function ensurePythonVenv(name: string, requirements: string, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const key = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'k8s-audit', `${name}-${key}`);
  const done = join(folder, 'complete');
  await withLock(`${folder}.lock`, async () => {
    if (existsSync(done)) return;
    // Not moved into its place when it is whole: its programs name their own folder.
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin/pip'), ['install', '--quiet', '--requirement', requirements]);
    mkdirSync(done);
  });
  return folder;
}
