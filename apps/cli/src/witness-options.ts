import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import type { Command } from 'commander';
import type { CommandIo } from './command-io.ts';
import type { WitnessPlaces } from './flows/hops/witnesses.ts';
import type { AdminAddress } from './flows/receiver-admin.ts';
import { receiverSight } from './flows/receiver-sight.ts';
import { hostPlaces } from './flows/wazuh/host-places.ts';

/** Where a command that follows events looks: the same options for each. */
export interface WitnessFlags {
  readonly root: string;
  readonly home: string;
  readonly config?: string;
  readonly admin?: string;
  readonly timeout: string;
}

export const DEFAULT_TIMEOUT_SECONDS = 60;

export function addWitnessOptions(command: Command): Command {
  return command
    .option('--root <folder>', 'a folder that holds this machine’s file system', '/')
    .option('--home <folder>', 'Wazuh’s folder on it', '/var/ossec')
    .option('--config <file>', 'the receiver’s configuration (default: where "wazuh install" puts it)')
    .option('--admin <address>', 'the receiver’s admin listener, where --config does not tell it: http://HOST:PORT or the path of a socket')
    .option('--timeout <seconds>', 'how long an event may take to Wazuh’s files', String(DEFAULT_TIMEOUT_SECONDS));
}

export function timeoutMsOf({ timeout }: WitnessFlags): number {
  if (/^[1-9]\d{0,4}$/.test(timeout)) return 1_000 * Number(timeout);
  throw new Failure('USAGE', `--timeout takes seconds, not ${timeout}.`, { hint: '--timeout 60' });
}

export async function witnessPlaces(flags: WitnessFlags, io: CommandIo): Promise<WitnessPlaces> {
  const root = resolve(io.cwd, flags.root);
  const home = join(root, flags.home);
  const places = hostPlaces(root, home);
  const configuration = flags.config === undefined ? places.configuration : resolve(io.cwd, flags.config);
  const isThere = flags.config !== undefined || existsSync(configuration);
  const sight = isThere ? await receiverSight(root, configuration, places.certificates, io.now()) : undefined;
  const admin = flags.admin === undefined ? sight?.admin : adminAddress(flags.admin, io);
  return { home, ...(admin === undefined ? {} : { receiver: { ...sight, admin } }) };
}

function adminAddress(text: string, io: CommandIo): AdminAddress {
  if (!text.startsWith('http://')) return { socketPath: resolve(io.cwd, text) };
  const { hostname, port } = new URL(text);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) };
}
