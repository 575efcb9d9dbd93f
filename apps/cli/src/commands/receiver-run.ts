import type { RegisterCommand } from '../command-io.ts';
import { runReceiver } from '../flows/run-receiver.ts';

/** `k8s-audit receiver run`: the receiver is a program of its own; this starts it with the same arguments. */
export const registerReceiverRun: RegisterCommand = (parent, io) => {
  parent
    .command('run')
    .description('run the webhook service until it is stopped')
    .allowUnknownOption()
    .helpOption(false)
    .argument('[arguments...]', 'see: k8s-audit receiver run --help')
    .action(async (args: readonly string[]) => io.setExitCode(await runReceiver(args, io.stopSignal)));
};
