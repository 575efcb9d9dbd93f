/**
 * A Wazuh server as a machine: a tree of its files that is the root of whatever runs on it, in a mount namespace. The guide's receiver and
 * the product's are started there by their own units, by a stand-in for systemd (apps/e2e/wazuh-host/service_manager.py).
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '@k8s-audit/failure';
import { ensurePythonVenv, startProcess } from '@k8s-audit/testbed';
import { createWazuhTree, placeGuide } from '@k8s-audit/wazuh-server/testing';
import { createProduct, type Product } from '../product-process.ts';

export interface WazuhHost {
  /** What is its `/`, on this machine. */
  readonly root: string;
  /** Its /var/ossec. */
  readonly home: string;
  /** The product's command, run there by root. */
  readonly product: Product;
  /** Runs a command of the system there. @returns exit code and output */
  run(...command: readonly string[]): { readonly code: number; readonly output: string };
  /** Every file, link and folder that an installation could change: bytes, mode, owner. */
  snapshot(): Readonly<Record<string, string>>;
  stop(): Promise<readonly string[]>;
}

export interface WazuhHostOptions {
  /** Of this run. */
  readonly folder: string;
  readonly port: number;
  /** The file that the product is started from. */
  readonly program: string;
}

const REPOSITORY = join(import.meta.dirname, '../../../..');
const PARTS = join(import.meta.dirname, '../../wazuh-host');
/** Where the product lies there: no home folder, which its unit would not see. */
const PRODUCT = '/opt/k8s-audit';
const READY_WITHIN_MS = 60_000;
const POLL_MS = 50;
/** No firewall is active there: one of this machine must not be asked. */
const ABSENT = ['firewall-cmd', 'ufw', 'nft'];

/** The guide's set-up, file by file, enabled and running. */
export async function startWazuhHost({ folder, port, program }: WazuhHostOptions): Promise<WazuhHost> {
  if (process.getuid?.() !== 0)
    throw new Failure('TESTBED_NO_NAMESPACES', 'the Wazuh host of the migration needs root: its files have owners', {
      hint: 'run as root (in a container: --privileged, or --cap-add SYS_ADMIN)',
    });
  const places = placesOf(program);
  const python = await ensurePythonVenv('guide-flask', join(PARTS, 'requirements.txt'));
  const { root, home, remove } = createWazuhTree();
  await placeGuide(root, { host: '127.0.0.1', port });
  chmodSync(root, 0o755);
  for (const [path, mode] of [
    ['tmp', 0o1777],
    ['run', 0o755],
    ['var/log', 0o755],
    ['srv/bin', 0o755],
  ] as const) {
    mkdirSync(join(root, path), { recursive: true });
    chmodSync(join(root, path), mode);
  }
  cpSync(python, join(home, 'framework/python'), { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });

  const interpreter = realpathSync(join(python, 'bin/python3'));
  const script = (name: string, command: string): void =>
    writeFileSync(join(root, 'srv/bin', name), `#!/bin/sh\nexec ${command}\n`, { mode: 0o755 });
  script('systemctl', `${interpreter} /srv/wazuh-host/systemctl.py "$@"`);
  script('journalctl', '/bin/sh /srv/wazuh-host/journalctl.sh "$@"');
  for (const name of ABSENT) script(name, 'false');
  script('k8s-audit', `${places.command} "$@"`);
  const enter = [
    join(PARTS, 'enter.sh'),
    root,
    ...[...places.seen, ...installationOf(interpreter)].map(([place, target]) => `${place}=${target}`),
    `${PARTS}=/srv/wazuh-host`,
    '--',
    '/usr/bin/env',
    '-i',
    'PATH=/srv/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  ];
  const onHost = join(folder, 'k8s-audit-on-host');
  writeFileSync(onHost, `#!/bin/sh\nexec /bin/sh ${enter.join(' ')} k8s-audit "$@"\n`, { mode: 0o755 });

  const manager = startProcess({
    name: 'service manager',
    command: '/bin/sh',
    args: [...enter, interpreter, '/srv/wazuh-host/service_manager.py'],
    logFile: join(folder, 'logs', 'service-manager.log'),
  });
  const deadlineMs = performance.now() + READY_WITHIN_MS;
  while (!manager.tail().includes('"ready"')) {
    if (!manager.isRunning() || performance.now() > deadlineMs) {
      await manager.kill();
      remove();
      throw new Failure('CHILD_FAILED', `the services of the Wazuh host did not start:\n${manager.tail()}`, {
        hint: `see ${manager.logFile}`,
      });
    }
    await sleep(POLL_MS);
  }
  return {
    root,
    home,
    product: createProduct(onHost),
    run(...command) {
      try {
        return {
          code: 0,
          output: execFileSync('/bin/sh', [...enter, ...command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
        };
      } catch (error) {
        const { status, stdout = '', stderr = '' } = error as { status?: number | null; stdout?: string; stderr?: string };
        if (typeof status !== 'number') throw error;
        return { code: status, output: `${stdout}${stderr}` };
      }
    },
    snapshot: () => snapshotOf(root),
    async stop() {
      const { code, killed } = await manager.stop(READY_WITHIN_MS);
      const said = manager.tail(5);
      keepLogs(root, join(folder, 'logs'));
      remove();
      if (killed) return ['the services of the Wazuh host had to be killed'];
      return code === 0 ? [] : [`the service manager ended with ${code}: ${said}`];
    },
  };
}

/** The product in its place there, and how its command is called. */
function placesOf(program: string): { readonly command: string; readonly seen: readonly (readonly [string, string])[] } {
  const isSource = program.startsWith(`${REPOSITORY}/apps/`);
  const folder = isSource ? REPOSITORY : dirname(dirname(realpathSync(program)));
  const inside = (path: string): string => (path.startsWith(`${folder}/`) ? PRODUCT + path.slice(folder.length) : path);
  const node = realpathSync(process.execPath);
  const seen = [[folder, PRODUCT], ...(node === inside(node) ? installationOf(node) : [])] as const;
  const isScript = /\.[cm]?[jt]s$/.test(program);
  return { command: [...(isScript ? [inside(node)] : []), inside(isSource ? program : realpathSync(program))].join(' '), seen };
}

/** The folder that a program in PREFIX/bin needs, where the system's own do not hold it. */
function installationOf(program: string): readonly (readonly [string, string])[] {
  const prefix = dirname(dirname(program));
  return prefix === '/usr' || prefix === '/' ? [] : [[prefix, prefix]];
}

const CHANGEABLE = ['var/ossec', 'etc', 'lib/systemd'];
/** What runs there writes these, useradd keeps copies of its own files, and Python compiles anew what was away: a compiled file names its source's time. */
const LEFT_OUT =
  /^\/(var\/ossec\/(logs|queue)|var\/ossec\/framework\/.*\/__pycache__\/|etc\/(passwd|group|shadow|gshadow|subuid|subgid)-?$|etc\/\.pwd\.lock)/;

function snapshotOf(root: string): Readonly<Record<string, string>> {
  const all: Record<string, string> = {};
  // Not `recursive`: that follows links, out of the tree too.
  const look = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const name = path.slice(root.length);
      if (LEFT_OUT.test(name)) continue;
      if (entry.isSymbolicLink()) all[name] = readlinkSync(path);
      else if (entry.isFile() || entry.isDirectory()) {
        const { mode, uid, gid } = statSync(path);
        all[name] = `${mode.toString(8)} ${uid}:${gid} ${entry.isFile() ? readFileSync(path).toString('base64') : ''}`;
        if (entry.isDirectory()) look(path);
      }
    }
  };
  for (const top of CHANGEABLE) look(join(root, top));
  return all;
}

function keepLogs(root: string, folder: string): void {
  const logs = join(root, 'var/log/services');
  if (existsSync(logs)) cpSync(logs, folder, { recursive: true });
}
