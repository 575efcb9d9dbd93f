import { spawn } from 'node:child_process';
import type { RegisterCommand } from '../command-io.ts';
import { siblingProgram } from '../sibling-program.ts';

/** `k8s-audit receiver run`: the receiver is a program of its own; this starts it with the same arguments. */
export const registerReceiverRun: RegisterCommand = (parent, io) => {
  parent
    .command('run')
    .description('run the webhook service until it is stopped')
    .allowUnknownOption()
    .helpOption(false)
    .argument('[arguments...]', 'see: k8s-audit receiver run --help')
    .action(async (args: readonly string[]) => {
      const [program, ...first] = siblingProgram('receiver');
      const child = spawn(program, [...first, ...args], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
      // Its end tells the receiver to stop, whichever way we were told: a terminal and systemd signal both of us, a plain kill only this one.
      io.stopSignal.addEventListener('abort', () => child.connected && child.disconnect());
      const code = await new Promise<number>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', (exitCode) => resolve(exitCode ?? 1));
      });
      io.setExitCode(code === 0 || code === 2 ? code : 1);
    });
};
