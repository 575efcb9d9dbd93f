import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Flag, Patch, Remark } from '@k8s-audit/apiserver-config';
import { Failure } from '@k8s-audit/failure';
import { type Change, type ChangePlan, planChanges, readHostText } from '@k8s-audit/host-files';
import type { YamlChange } from '@k8s-audit/yaml-edits';
import type { ConnectMaterial } from './connect-material.ts';
import type { NodeDistribution } from './node-distribution.ts';

/** What a `connect` leaves in its record: all that is needed to wait for it again, to renew it, and to take it back. */
export interface ConnectData {
  /** `disconnect`: what its undo leaves, with the same data. */
  readonly kind: 'connect' | 'disconnect';
  readonly cluster: string;
  readonly apiServer: string;
  readonly distribution: string;
  /** As a path of this machine. Empty: there is none (minikube). */
  readonly configFile: string;
  readonly configChanges: readonly YamlChange[];
  readonly flags: readonly Flag[];
  /** Absent: nothing runs an API server from these files now. */
  readonly apiServerUrl?: string;
  /** What a person does with the files then. */
  readonly next: readonly string[];
  readonly restartCommand?: readonly string[];
  readonly expectRestart: boolean;
  /** Absent: only the log back end was asked for. */
  readonly receiver?: { readonly host: string; readonly port: number; readonly tlsServerName?: string };
  /** Of this machine: the client certificate, with which the receiver is asked whether events arrive. */
  readonly clientFiles: { readonly authority: string; readonly certificate: string; readonly key: string };
  readonly policyFile: string;
}

export interface ConnectPlan {
  readonly changes: ChangePlan;
  readonly data: ConnectData;
  readonly remarks: readonly Remark[];
  /** Paths whose content is not shown to anybody. */
  readonly secrets: ReadonlySet<string>;
}

export interface PlanOptions {
  readonly distribution: NodeDistribution;
  /** Stands for `/`. */
  readonly root: string;
  /** A path of the node; empty: there is none. */
  readonly configFile: string;
  readonly apiServerUrl?: string;
  readonly restartCommand?: readonly string[];
  readonly replace: boolean;
  readonly folder: string;
}

/**
 * Reads the node's files and says what each becomes; changes nothing.
 *
 * @param standing earlier changes of this node: what they wrote is ours to renew
 * @throws Failure APISERVER_SETTINGS_CONFLICT naming every setting that is somebody else's
 */
export async function planConnect(material: ConnectMaterial, options: PlanOptions, standing: readonly Change[]): Promise<ConnectPlan> {
  const { distribution, root } = options;
  const at = (path: string): string => join(root, path);
  const configFile = options.configFile === '' ? '' : at(options.configFile);
  const hostFolder = distribution.hostFolder?.({ configFile, root }) ?? at(options.folder);
  const text = await configText(configFile, distribution);
  const patch = distribution.patch(text, material.setup, { ours: standing.flatMap(flagsOf), replace: options.replace, hostFolder });
  if (patch.kind === 'conflicts') throw conflictFailure(patch);

  const inFolder = (name: string): string => join(hostFolder, name);
  const files = material.files.map(({ secret: _, ...file }) => ({ ...file, path: inFolder(basename(file.path)) }));
  // The manifest comes last: when the kubelet reads it, everything it names is there.
  const changes = await planChanges([
    ...(distribution.configOnly ? [] : files),
    ...(configFile === '' ? [] : [{ path: configFile, content: patch.text }]),
  ]);
  const { running } = distribution;
  const restartCommand = options.restartCommand ?? running?.restartCommand;
  const apiServerUrl = running === undefined ? undefined : (options.apiServerUrl ?? running.apiServerUrl(text));
  return {
    changes,
    remarks: patch.remarks,
    secrets: new Set(material.files.filter(({ secret }) => secret).map(({ path }) => inFolder(basename(path)))),
    data: {
      kind: 'connect',
      cluster: material.cluster,
      apiServer: material.apiServer,
      distribution: distribution.name,
      configFile,
      configChanges: patch.changes,
      flags: material.setup.flags,
      ...(apiServerUrl === undefined ? {} : { apiServerUrl }),
      next: distribution.next?.(configFile, material.setup) ?? [],
      ...(restartCommand === undefined ? {} : { restartCommand }),
      expectRestart: changes.files.some(({ path }) => path === configFile || (restartCommand !== undefined && !isReadAgain(path))),
      ...(material.files.length > 1
        ? { receiver: { ...material.address, ...(material.tlsServerName === undefined ? {} : { tlsServerName: material.tlsServerName }) } }
        : {}),
      clientFiles: {
        authority: inFolder('audit-ca.cert'),
        certificate: inFolder('audit-client.cert'),
        key: inFolder('audit-client.key'),
      },
      policyFile: inFolder('policy.yaml'),
    },
  };
}

/** An API server reads its client certificate again by itself, every five minutes; what else it was given only at its start. */
function isReadAgain(path: string): boolean {
  return /audit-client[.](cert|key)$/.test(path);
}

async function configText(configFile: string, { missing }: NodeDistribution): Promise<string> {
  if (configFile === '') return '';
  return missing !== undefined && !existsSync(configFile) ? missing : await readHostText(configFile);
}

/** Of a connect that stands. Undefined: a change of another kind. */
export function connectDataOf(change: Change): ConnectData | undefined {
  const data = recordedData(change);
  return data?.kind === 'connect' ? data : undefined;
}

/** Of a connect or of its undo. */
export function recordedData(change: Change): ConnectData | undefined {
  const data = change.record.data as Partial<ConnectData> | null;
  return data?.kind === 'connect' || data?.kind === 'disconnect' ? (data as ConnectData) : undefined;
}

function flagsOf(change: Change): readonly Flag[] {
  return connectDataOf(change)?.flags ?? [];
}

function conflictFailure({ conflicts }: Extract<Patch, { kind: 'conflicts' }>): Failure {
  const lines = conflicts.map(({ what, there, why }) => `${what} is ${there} (${why})`);
  return new Failure('APISERVER_SETTINGS_CONFLICT', `These settings are somebody else’s:\n  ${lines.join('\n  ')}`, {
    hint: 'Take their place with --replace (disconnect puts them back), or remove them first. Nothing was changed.',
  });
}
