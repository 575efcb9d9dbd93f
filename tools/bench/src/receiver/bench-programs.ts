import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensurePythonVenv } from '@k8s-audit/testbed';

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

/** Python with Flask and gunicorn, in the pinned versions of requirements.txt. */
export async function installFlask(env: NodeJS.ProcessEnv): Promise<FlaskPrograms> {
  const folder = await ensurePythonVenv('bench-flask', join(FLASK_SOURCE, 'requirements.txt'), env);
  return { python: join(folder, 'bin/python'), gunicorn: join(folder, 'bin/gunicorn'), folder: FLASK_SOURCE };
}
