import { spawn } from 'node:child_process';
import { siblingProgram } from '../sibling-program.ts';

/**
 * Runs the receiver, which is a program of its own, until it ends or is told to stop; what it prints is ours.
 *
 * @returns the exit code for our own process
 */
export async function runReceiver(args: readonly string[], stopSignal: AbortSignal): Promise<0 | 1 | 2> {
  const [program, ...first] = siblingProgram('receiver');
  const child = spawn(program, [...first, ...args], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  // Its end tells the receiver to stop, whichever way we were told: a terminal and systemd signal both of us, a plain kill only this one.
  stopSignal.addEventListener('abort', () => child.connected && child.disconnect());
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  return code === 0 || code === 2 ? code : 1;
}
