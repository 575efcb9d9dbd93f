import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const GO_SOURCE = join(import.meta.dirname, '../../receiver-go');
const FLASK_SOURCE = join(import.meta.dirname, '../../receiver-flask');

/** The Go programs of this bench: standard library only, so that building them asks no network. Some seconds, more the first time. */
export async function buildGoPrograms(folder: string): Promise<string> {
  const binary = join(folder, 'bench-go');
  await run('go', ['build', '-o', binary, '.'], { cwd: GO_SOURCE });
  return binary;
}

export interface FlaskPrograms {
  readonly python: string;
  readonly gunicorn: string;
  /** Where guide_receiver.py is. */
  readonly folder: string;
}

/**
 * Python with Flask and gunicorn, in the pinned versions of requirements.txt: made once, in a folder named after that file below
 * the user's cache.
 */
export async function installFlask(env: NodeJS.ProcessEnv): Promise<FlaskPrograms> {
  const requirements = join(FLASK_SOURCE, 'requirements.txt');
  const key = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'k8s-audit', `bench-flask-${key}`);
  const done = join(folder, 'complete');
  if (!existsSync(done)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin/pip'), ['install', '--quiet', '--requirement', requirements]);
    mkdirSync(`${done}.partial`);
    renameSync(`${done}.partial`, done);
  }
  return { python: join(folder, 'bin/python'), gunicorn: join(folder, 'bin/gunicorn'), folder: FLASK_SOURCE };
}
