import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '@k8s-audit/failure';

/**
 * Takes a folder for one run at a time. The file `running` holds the owner's process id; one whose process is gone is taken over.
 *
 * @returns gives the folder back
 * @throws {Failure} `STATE_FOLDER_UNWRITABLE`, `ALREADY_RUNNING`
 */
export function takeStateFolder(folder: string): () => void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new Failure('STATE_FOLDER_UNWRITABLE', `cannot write to ${folder}: ${(cause as Error).message}`, {
      hint: 'name another folder with --state DIR',
      cause,
    });
  }
  const file = join(folder, 'running');
  takeFile(file, folder);
  return () => rmSync(file, { force: true });
}

function takeFile(file: string, folder: string): void {
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(file, `${process.pid}\n`, { flag: 'wx' });
      return;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST')
        throw new Failure('STATE_FOLDER_UNWRITABLE', `cannot write to ${folder}: ${(cause as Error).message}`, {
          hint: 'name another folder with --state DIR',
          cause,
        });
    }
    const owner = Number(readFileSync(file, 'utf8'));
    if (attempt > 0 || isAlive(owner))
      throw new Failure('ALREADY_RUNNING', `process ${owner} already runs in ${folder}`, {
        hint: 'stop it with Ctrl-C there, or start a second one with --state DIR --port PORT',
      });
    rmSync(file, { force: true });
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
