import { join } from 'node:path';
import type { PackName } from '@k8s-audit/detections';
import { Failure } from '@k8s-audit/failure';
import { type Owner, resolveOwner, type WantedFile } from '@k8s-audit/host-files';
import { isSupported, PLACES, renderWazuhVersion, type WazuhInstallation } from '@k8s-audit/wazuh-server';
import { stringify } from 'yaml';
import { certificateFolder } from '../certificate-folder.ts';
import { type ArchiveOptions, planArchive } from './archive/plan-archive.ts';
import { planFirewall } from './firewall.ts';
import { type HostAction, readUnits } from './host-actions.ts';
import {
  ADMIN_SOCKET,
  belowRoot,
  hostPlaces,
  RECEIVER_PORT,
  RECEIVER_USER,
  SERVICE_UNIT,
  SOCKET_UNIT,
  WAZUH_GROUP,
} from './host-places.ts';
import type { Migration } from './migration/migration.ts';
import { type CertificateOptions, planCertificateFiles } from './plan-certificate-files.ts';
import { planRules } from './plan-rules.ts';
import { receiverUnits } from './receiver-units.ts';

export interface InstallOptions extends CertificateOptions {
  readonly packs: readonly PackName[];
  readonly idBase?: number;
  readonly archive?: ArchiveOptions;
  /** How the service comes to run what is written; default: it is started, now and at every start of the machine. */
  readonly services?: readonly HostAction[];
  /** How the service starts the receiver. */
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface InstallPlan {
  /** In the order in which they are written: rules last, when everything that feeds them is there. */
  readonly wanted: readonly WantedFile[];
  /** That go when they are empty, the outermost first. */
  readonly obsoleteFolders?: readonly string[];
  /** Before the files: the user that some of them belong to. */
  readonly before: readonly HostAction[];
  /** After them: services and the firewall. */
  readonly after: readonly HostAction[];
  /** For a person: what is there already. */
  readonly found?: readonly string[];
  /** For a person: what is left alone, and what is theirs to do. */
  readonly notes: readonly string[];
}

/**
 * All that an installation will do, without doing any of it.
 *
 * @param receiver who the receiver runs as; undefined before that user is there
 * @throws Failure WAZUH_UNSUPPORTED, RULES_REFUSED, RULE_ID_CLASH, OSSEC_CONF_UNREADABLE, OSSEC_CONF_UNEXPECTED, FILEBEAT_UNEXPECTED, INDEXER_FAILED
 */
export async function planInstall(installation: WazuhInstallation, options: InstallOptions): Promise<InstallPlan> {
  refuseUnsuitable(installation);
  refuseHiddenProgram(options);
  const places = hostPlaces(options.root, installation.home);
  const notes: string[] = [];
  const isManager = installation.type === 'manager';
  const receiver = await receiverOwner(options.root);

  const certificates = await planCertificateFiles(places.certificates, options, receiver);
  notes.push(...certificates.notes);
  const hasRules = isManager && installation.node !== 'worker' && options.migration?.stage !== 'guide';
  const rules = hasRules ? await planRules(installation, options) : { files: [], notes: [] };
  notes.push(...rules.notes);
  if (installation.node === 'worker')
    notes.push('this is a worker of a Wazuh cluster: rules are installed on its master, which sends them here');
  if (installation.node === 'master')
    notes.push('this is the master of a Wazuh cluster: its workers get the rules, and read them when they are told: --api URL does it');
  const archive =
    options.archive === undefined ? { files: [], actions: [], notes: [] } : await planArchive(installation, options.root, options.archive);
  notes.push(...archive.notes);
  const isHere = options.root === '/';
  const firewall = isHere ? await planFirewall(options.root, listenOf(options).port, options.env) : { actions: [], files: [], notes: [] };
  notes.push(...firewall.notes);
  const wanted = [
    ...certificates.files,
    {
      path: places.configuration,
      content: receiverConfiguration(installation, options),
      mode: 0o640,
      ...(receiver ? { owner: { uid: 0, gid: receiver.gid } } : {}),
    },
    ...receiverUnits(options.root, {
      program: options.program,
      configuration: belowRoot(options.root, places.configuration),
      listen: listenOf(options),
    }),
    ...firewall.files,
    ...archive.files,
    ...rules.files,
  ];
  if (!isHere) notes.push('the files lie below another root: users are made there, services are started on that machine itself');
  return {
    wanted,
    before: receiver === undefined ? [userAction(options.root)] : [],
    after: [...(isHere ? (options.services ?? startActions()) : []), ...archive.actions, ...firewall.actions],
    notes,
  };
}

function refuseUnsuitable({ version, container }: WazuhInstallation): void {
  if (!isSupported(version))
    throw new Failure('WAZUH_UNSUPPORTED', `Wazuh ${renderWazuhVersion(version)} is not one that this was written for.`, {
      hint: 'Wazuh 4.3 to 4.14 are supported: see docs/decisions/0011-what-is-supported.md',
    });
  if (container !== 'none')
    throw new Failure('WAZUH_UNSUPPORTED', 'This Wazuh runs in a container: what is changed inside is gone with the container.', {
      hint: 'Render what belongs beside it: k8s-audit wazuh render --for docker (or kubernetes)',
    });
}

/** The unit sees no home folders (ProtectHome): a program that lies in one would not start. */
function refuseHiddenProgram({ root, program }: InstallOptions): void {
  if (root !== '/' || !/^\/(root|home|run\/user)\//.test(program)) return;
  throw new Failure('PROGRAM_MISSING', `The service cannot run ${program}: home folders are hidden from it.`, {
    hint: 'Unpack the release into /opt/k8s-audit and run the command from there, or name another with --program.',
  });
}

async function receiverOwner(root: string): Promise<Owner | undefined> {
  const files = { passwd: join(root, 'etc/passwd'), group: join(root, 'etc/group') };
  return resolveOwner(`${RECEIVER_USER}:${WAZUH_GROUP}`, files).catch((error: unknown) => {
    if (error instanceof Failure && error.code === 'OWNER_UNKNOWN') return undefined;
    throw error;
  });
}

function userAction(root: string): HostAction {
  const below = root === '/' ? [] : ['--prefix', root];
  return {
    says: `make the system user ${RECEIVER_USER}, in the group ${WAZUH_GROUP}`,
    run: [['useradd', ...below, '--system', '--no-create-home', '--shell', '/usr/sbin/nologin', '--gid', WAZUH_GROUP, RECEIVER_USER]],
    undo: [['userdel', ...below, RECEIVER_USER]],
    undoneAfterFiles: true,
  };
}

/** The receiver's units, read and begun. */
export function startActions(): readonly HostAction[] {
  const units = [SOCKET_UNIT, SERVICE_UNIT];
  return [
    readUnits(),
    {
      says: 'systemd: start the receiver, now and at every start of the machine',
      run: [['systemctl', 'enable', '--now', ...units]],
      undo: [['systemctl', 'disable', '--now', ...units]],
    },
  ];
}

function listenOf({ migration }: InstallOptions): { readonly address?: string; readonly port: number } {
  return migration?.listen ?? { port: RECEIVER_PORT };
}

function receiverConfiguration(installation: WazuhInstallation, options: InstallOptions): string {
  const { root, migration } = options;
  const places = hostPlaces('/', belowRoot(root, installation.home));
  const { receiver } = certificateFolder(places.certificates);
  const isAgent = installation.type === 'agent';
  return `# The receiver of k8s-audit. Every key: docs/reference/receiver-configuration.md. A change is read with: systemctl reload k8s-audit-receiver\n${stringify(
    {
      listen: listenOf(options),
      tls: { certificate: receiver.certificate, key: receiver.key, clientAuthority: receiver.authority },
      ...(migration === undefined ? {} : { migration: postersOf(migration) }),
      spool: { folder: join(places.state, 'spool') },
      // Beside the socket unit the service has no network of its own.
      admin: { address: ADMIN_SOCKET },
      wazuh: {
        transport: isAgent ? 'agent' : 'manager',
        socket: join(belowRoot(root, installation.home), PLACES.queue),
        // Byte for byte what the guide's receiver sent: whatever rule looked at it goes on doing so.
        ...(migration?.stage === 'guide' ? { wire: 'guide', namedLocation: false } : {}),
      },
    },
  )}`;
}

function postersOf({ addresses, cluster, until }: Migration): Pick<Migration, 'addresses' | 'cluster' | 'until'> {
  return { addresses, cluster, until };
}
