import { resolve } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { readHostText } from '@k8s-audit/host-files';
import { createManagerApi, type ManagerApi } from '@k8s-audit/wazuh-server';
import { type Command, Option } from 'commander';
import type { CommandIo } from '../../command-io.ts';

export interface RemoteFlags {
  readonly remote?: string;
  readonly api?: string;
  readonly user: string;
  readonly passwordFile?: string;
  readonly ca?: string;
}

/** The options of a command that can work through the manager's API. */
export function addRemoteOptions(command: Command): Command {
  return command
    .option('--remote <url>', 'work through the manager’s API, such as https://wazuh.example:55000 (rules only)')
    .option('--api <url>', 'on the master of a Wazuh cluster: let every node read its rules anew, through this API')
    .addOption(new Option('--user <name>', 'user of the API').default('wazuh'))
    .option('--password-file <file>', 'file with that user’s password; else the variable WAZUH_API_PASSWORD')
    .option('--ca <file>', 'authority of the API’s certificate, PEM; Wazuh’s own is self-signed: give that');
}

/** The API of the cluster that this machine is the master of, where it was named. */
export async function openCluster(flags: RemoteFlags, io: CommandIo): Promise<{ readonly api?: ManagerApi }> {
  return flags.api === undefined ? {} : { api: await openRemote({ ...flags, remote: flags.api }, io) };
}

/** @throws Failure USAGE without a password, FILE_MISSING */
export async function openRemote(flags: RemoteFlags & { readonly remote: string }, io: CommandIo): Promise<ManagerApi> {
  const at = (path: string): string => resolve(io.cwd, path);
  const password = flags.passwordFile === undefined ? io.env['WAZUH_API_PASSWORD'] : (await readHostText(at(flags.passwordFile))).trimEnd();
  if (password === undefined || password === '')
    throw new Failure('USAGE', 'The API needs a password.', { hint: 'Give --password-file FILE, or set WAZUH_API_PASSWORD.' });
  const authority = flags.ca === undefined ? {} : { authority: await readHostText(at(flags.ca)) };
  return createManagerApi({ url: flags.remote, user: flags.user, password, ...authority });
}
