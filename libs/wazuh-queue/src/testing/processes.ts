import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts a reader that can be killed; resolves when it listens. */
export async function startReaderProcess(socketPath: string, journalPath: string, unlinks = false): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('./reader-process.ts', import.meta.url));
  const child = spawn(process.execPath, [script, socketPath, journalPath, ...(unlinks ? ['unlink'] : [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [chunk] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown];
  if (String(chunk) !== 'listening\n') throw new Error('the reader did not start');
  return child;
}

export async function killProcess(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
