import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Failure } from '@k8s-audit/failure';
import { type OssecConf, readOssecConf, valuesAt } from '@k8s-audit/wazuh-config';
import { parseWazuhVersion, type WazuhVersion } from './version.ts';

/** Where a Wazuh 4 keeps its things, below its home (/var/ossec). */
export const PLACES = {
  control: 'bin/wazuh-control',
  configuration: 'etc/ossec.conf',
  rules: 'etc/rules',
  lists: 'etc/lists',
  integrations: 'integrations',
  queue: 'queue/sockets/queue',
  analysis: 'queue/sockets/analysis',
  logtest: 'queue/sockets/logtest',
  alerts: 'logs/alerts/alerts.json',
  archives: 'logs/archives/archives.json',
  log: 'logs/ossec.log',
} as const;

/** What is installed on this machine. */
export interface WazuhInstallation {
  /** Absolute, below `root`. */
  readonly home: string;
  readonly type: 'manager' | 'agent';
  readonly version: WazuhVersion;
  /** Of a manager: alone, or which node of a Wazuh cluster. Rules belong on the master; it sends them to its workers. */
  readonly node: 'single' | 'master' | 'worker';
  /** Wazuh's own images: changes inside one are gone with it. */
  readonly container: 'none' | 'docker' | 'kubernetes';
  /** Who owns etc/rules: rule files are given to it. */
  readonly owner: { readonly uid: number; readonly gid: number };
}

/**
 * Looks at the Wazuh below `root`.
 *
 * @param root '/' or a folder that holds a machine's file system
 * @throws Failure WAZUH_MISSING, FILE_UNREADABLE where this user may not look, WAZUH_UNSUPPORTED where it does not say what it is,
 *   OSSEC_CONF_UNREADABLE
 */
export async function inspectInstallation(root: string, homeBelowRoot = '/var/ossec'): Promise<WazuhInstallation> {
  const home = join(root, homeBelowRoot);
  await findControl(home);
  const info = await askControl(home);
  const version = parseWazuhVersion(info.get('WAZUH_VERSION') ?? '');
  const type = info.get('WAZUH_TYPE');
  if (version === undefined || (type !== 'server' && type !== 'agent'))
    throw new Failure('WAZUH_UNSUPPORTED', `${join(home, PLACES.control)} info tells no version and type of Wazuh 4.`, {
      hint: 'Wazuh 4.3 to 4.14 are supported: see docs/decisions/0011-what-is-supported.md',
    });
  const rules = await stat(join(home, type === 'server' ? PLACES.rules : 'etc'));
  return {
    home,
    type: type === 'server' ? 'manager' : 'agent',
    version,
    node: type === 'server' ? nodeOf(readOssecConf(await readFile(join(home, PLACES.configuration), 'latin1'))) : 'single',
    container: containerOf(root),
    owner: { uid: await ownerOf(home), gid: rules.gid },
  };
}

/** Wazuh's packages make its home 0750: whoever is neither root nor in its group sees nothing there, which is not nothing there. */
async function findControl(home: string): Promise<void> {
  try {
    await stat(join(home, PLACES.control));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EACCES')
      throw new Failure('FILE_UNREADABLE', `This user may not look into ${home}.`, { hint: 'Run it with sudo.', cause });
    throw new Failure('WAZUH_MISSING', `There is no Wazuh in ${home}.`, {
      hint: 'Run this on the Wazuh server (or on an agent’s host), or give its folder with --home.',
      cause,
    });
  }
}

/** `bin/wazuh-control info`: `WAZUH_VERSION="v4.14.7"` and the like, one a line. */
async function askControl(home: string): Promise<ReadonlyMap<string, string>> {
  try {
    const { stdout } = await promisify(execFile)(join(home, PLACES.control), ['info'], { timeout: 10_000 });
    return new Map([...stdout.matchAll(/^([A-Z_]+)="?([^"\n]*)"?$/gm)].map(([, name = '', value = '']) => [name, value]));
  } catch (cause) {
    throw new Failure('WAZUH_UNSUPPORTED', `${join(home, PLACES.control)} info failed: ${(cause as Error).message}`, {
      hint: 'Run as root, and see whether the command works by hand.',
      cause,
    });
  }
}

/** local_rules.xml belongs to the user wazuh (ossec before 4.3), whatever its number is here. */
async function ownerOf(home: string): Promise<number> {
  const file = join(home, PLACES.rules, 'local_rules.xml');
  return (await stat(existsSync(file) ? file : join(home, 'etc'))).uid;
}

function nodeOf(conf: OssecConf): WazuhInstallation['node'] {
  if (valuesAt(conf, ['cluster', 'disabled']).at(-1) !== 'no') return 'single';
  return valuesAt(conf, ['cluster', 'node_type']).at(-1) === 'worker' ? 'worker' : 'master';
}

/** Wazuh's images run s6 and mount their volumes; Kubernetes leaves its service account in every pod. */
function containerOf(root: string): WazuhInstallation['container'] {
  if (existsSync(join(root, 'var/run/secrets/kubernetes.io/serviceaccount'))) return 'kubernetes';
  return existsSync(join(root, '.dockerenv')) || existsSync(join(root, 'etc/cont-init.d/0-wazuh-init')) ? 'docker' : 'none';
}
