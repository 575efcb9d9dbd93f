import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { parse } from 'yaml';

/** A pod that a kubelet runs because a file says so. */
export interface StaticPod {
  readonly file: string;
  readonly namespace: string;
  /** With the node's name, as the API server would show it: `kube-apiserver-node-1`. */
  readonly name: string;
  /** 32 hex digits of what the file means and where it lies: another comment is the same pod, another flag is not. */
  readonly uid: string;
  readonly container: PodContainer;
  readonly graceMs: number;
}

export interface PodContainer {
  readonly name: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  /** `NAME=value` */
  readonly environment: readonly string[];
  readonly mounts: readonly HostPathMount[];
}

export interface HostPathMount {
  readonly volume: string;
  readonly hostPath: string;
  /** `File`, `DirectoryOrCreate`, …; empty: not checked. */
  readonly type: string;
  readonly mountPath: string;
  readonly readOnly: boolean;
}

export type ParsedManifest =
  | { readonly kind: 'pod'; readonly pod: StaticPod }
  /** No pod for a kubelet, or one that the stand-in cannot run; the second names itself as that. */
  | { readonly kind: 'refused'; readonly reason: string };

interface PodDocument {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
  readonly spec?: {
    readonly hostNetwork?: boolean;
    readonly terminationGracePeriodSeconds?: number;
    readonly initContainers?: readonly unknown[];
    readonly containers?: readonly ContainerDocument[];
    readonly volumes?: readonly { readonly name: string; readonly hostPath?: { readonly path: string; readonly type?: string } }[];
  };
}

interface ContainerDocument {
  readonly name?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly volumeMounts?: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly?: boolean;
    readonly subPath?: string;
  }[];
}

/** kubernetes pkg/apis/core/v1/defaults.go */
const DEFAULT_GRACE_SECONDS = 30;

/**
 * Reads a manifest as a kubelet does (kubernetes v1.35.4 pkg/kubelet/config/common.go applyDefaults, pkg/apis/core/validation): unknown fields are passed
 * over, volumes and mounts must fit together. The stand-in runs pods of one container, on the host's network, with volumes of type hostPath.
 */
export function parseManifest(text: string, file: string, nodeName: string): ParsedManifest {
  let document: PodDocument | null;
  try {
    // As Go's YAML reads it: 1.1, and a key that is there twice is no error.
    document = parse(text, { version: '1.1', uniqueKeys: false }) as PodDocument | null;
  } catch (error) {
    return { kind: 'refused', reason: `couldn't parse as pod: ${(error as Error).message.split('\n')[0]}` };
  }
  if (document === null || typeof document !== 'object' || document.kind !== 'Pod')
    return { kind: 'refused', reason: "couldn't parse as pod, please check config file" };
  const reason = whyInvalid(document) ?? whyBeyondUs(document);
  return reason === undefined ? { kind: 'pod', pod: podOf(document, file, nodeName) } : { kind: 'refused', reason };
}

function whyInvalid({ metadata, spec }: PodDocument): string | undefined {
  if (!metadata?.name) return 'metadata.name: Required value';
  const [container] = spec?.containers ?? [];
  if (container?.name === undefined) return 'spec.containers: Required value';
  const volumes = (spec?.volumes ?? []).map(({ name }) => name);
  const mounts = container.volumeMounts ?? [];
  const twice = (values: readonly string[]): string | undefined => values.find((value, index) => values.indexOf(value) !== index);
  const volumeTwice = twice(volumes);
  if (volumeTwice !== undefined) return `spec.volumes: Duplicate value: "${volumeTwice}"`;
  const pathTwice = twice(mounts.map(({ mountPath }) => mountPath));
  if (pathTwice !== undefined) return `spec.containers[0].volumeMounts.mountPath: Invalid value: "${pathTwice}": must be unique`;
  const homeless = mounts.find(({ name }) => !volumes.includes(name));
  return homeless === undefined ? undefined : `spec.containers[0].volumeMounts.name: Not found: "${homeless.name}"`;
}

function whyBeyondUs({ spec }: PodDocument): string | undefined {
  const beyond = (what: string): string => `the stand-in runs no pod with ${what}`;
  if (spec?.hostNetwork !== true) return beyond('a network of its own: hostNetwork must be true');
  if ((spec.containers?.length ?? 0) > 1 || spec.initContainers !== undefined) return beyond('more than one container');
  if (spec.containers?.[0]?.command === undefined) return beyond('the command of its image');
  if (spec.containers[0].volumeMounts?.some(({ subPath }) => subPath !== undefined)) return beyond('a subPath');
  const volume = spec.volumes?.find(({ hostPath }) => hostPath === undefined);
  return volume === undefined ? undefined : beyond(`a volume like ${volume.name}, which is no hostPath`);
}

function podOf(document: PodDocument, file: string, nodeName: string): StaticPod {
  const { metadata, spec } = document;
  const [container] = spec?.containers ?? [];
  const volumes = new Map((spec?.volumes ?? []).map(({ name, hostPath }) => [name, hostPath]));
  return {
    file,
    namespace: metadata?.namespace ?? 'default',
    name: `${metadata?.name}-${nodeName.toLowerCase()}`,
    uid: createHash('sha256')
      .update(`${JSON.stringify(document)}host:${nodeName}file:${file}`)
      .digest('hex')
      .slice(0, 32),
    graceMs: (spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS) * 1_000,
    container: {
      name: container?.name ?? '',
      command: [...(container?.command ?? []), ...(container?.args ?? [])],
      environment: (container?.env ?? []).map(({ name, value = '' }) => `${name}=${value}`),
      mounts: (container?.volumeMounts ?? [])
        .map(({ name, mountPath, readOnly = false }) => ({
          volume: name,
          hostPath: volumes.get(name)?.path ?? '',
          type: volumes.get(name)?.type ?? '',
          mountPath: posix.normalize(mountPath),
          readOnly,
        }))
        // A folder before what is mounted into it, as containerd orders them.
        .toSorted((one, other) => one.mountPath.split('/').length - other.mountPath.split('/').length),
    },
  };
}
