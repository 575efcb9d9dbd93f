import { resolve } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { readHostText } from '@k8s-audit/host-files';
import { type Command, Option } from 'commander';
import type { CommandIo } from '../../../command-io.ts';
import type { KeptAccess } from './kept-change.ts';
import type { ArchiveOptions } from './plan-archive.ts';

export interface IndexerFlags {
  readonly archive?: 'wazuh';
  readonly retention?: string;
  readonly indexer?: string;
  readonly dashboard?: string;
  readonly indexerUser: string;
  readonly indexerPasswordFile?: string;
  readonly indexerCa?: string;
}

/** How a command is told who may speak to the indexer, and to the dashboard, which has the same users. */
export function addIndexerAccess(command: Command): Command {
  return command
    .addOption(new Option('--indexer-user <name>', 'user of the Wazuh indexer and dashboard').default('admin'))
    .option('--indexer-password-file <file>', 'file with that user’s password; else the variable WAZUH_INDEXER_PASSWORD')
    .option('--indexer-ca <file>', 'authority of their certificates, PEM (/etc/filebeat/certs/root-ca.pem on a Wazuh server)');
}

/** @throws Failure FILE_MISSING and what host-files throws */
export async function accessOf(flags: Omit<IndexerFlags, 'indexer' | 'dashboard'>, io: CommandIo): Promise<KeptAccess> {
  const at = (path: string): string => resolve(io.cwd, path);
  const file = flags.indexerPasswordFile;
  const password = file === undefined ? io.env['WAZUH_INDEXER_PASSWORD'] : (await readHostText(at(file))).trimEnd();
  return {
    ...(password === undefined || password === '' ? {} : { login: { user: flags.indexerUser, password } }),
    ...(flags.indexerCa === undefined ? {} : { authority: await readHostText(at(flags.indexerCa)) }),
  };
}

const LOOPBACK = /^(127[.]|localhost$|\[::1\]$)/;

/**
 * An address that is given, and may be spoken to.
 *
 * @throws Failure USAGE where it is no URL, where a password would go out unencrypted, or where one is needed and there is none
 */
export function serverUrl(flag: string, text: string, { login }: KeptAccess): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.username !== '')
    throw new Failure('USAGE', `${flag} takes an address such as https://10.0.0.9:9200, not ${text}.`, {
      hint: 'User and password are given apart: --indexer-user, --indexer-password-file',
    });
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname))
    throw new Failure('USAGE', `${flag} ${url.origin}: without TLS a password would be readable on the way.`, {
      hint: 'Only an address of this machine may be http.',
    });
  if (url.protocol === 'https:' && login === undefined)
    throw new Failure('USAGE', `${url.origin} needs a password.`, {
      hint: 'Give --indexer-password-file FILE, or set WAZUH_INDEXER_PASSWORD.',
    });
  return url.origin;
}

/**
 * What the flags say of the archive.
 *
 * @throws Failure USAGE where servers or days are named without the archive that they are for, or servers cannot be spoken to
 */
export function archiveOptions(flags: IndexerFlags, days: number, access: KeptAccess): { readonly archive?: ArchiveOptions } {
  const { archive, retention, indexer, dashboard } = flags;
  if (archive === undefined && retention !== undefined)
    throw new Failure('USAGE', '--retention is about the archive, and none is asked for.', {
      hint: `k8s-audit wazuh install --archive wazuh --retention ${retention}`,
    });
  if (archive === undefined && (indexer !== undefined || dashboard !== undefined))
    throw new Failure('USAGE', '--indexer and --dashboard are told about the archive, and none is asked for.', {
      hint: 'k8s-audit wazuh install --archive wazuh --indexer URL',
    });
  if (indexer === undefined && dashboard !== undefined)
    throw new Failure('USAGE', '--dashboard needs --indexer: saved objects show what the indexer holds.', {
      hint: 'k8s-audit wazuh install --archive wazuh --indexer URL --dashboard URL',
    });
  if (archive === undefined) return {};
  if (indexer === undefined) return { archive: { days } };
  const servers = {
    indexer: serverUrl('--indexer', indexer, access),
    ...(dashboard === undefined ? {} : { dashboard: serverUrl('--dashboard', dashboard, access) }),
    access,
  };
  return { archive: { days, servers } };
}
