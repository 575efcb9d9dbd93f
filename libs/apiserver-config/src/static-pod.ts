import { Failure } from '@k8s-audit/failure';
import { applyYamlRequests, dataOf, type PathStep, parseYamlFile, type YamlRequest } from '@k8s-audit/yaml-edits';
import { type AuditSetup, CHECKSUM_ANNOTATION, type Patch, type PatchOptions } from './audit-setup.ts';
import { type ContainerFlag, type FlagList, flagsOfContainer } from './container-flags.ts';
import { decideFlags } from './decide-flags.ts';
import { decideMounts } from './host-mounts.ts';
import { isRecord, recordsIn, textOf } from './loose-data.ts';

/** The parts of a kube-apiserver pod that an audit setup touches. */
export interface ApiServerPod {
  readonly flags: readonly ContainerFlag[];
  readonly container: Readonly<Record<string, unknown>>;
  readonly containerPath: readonly PathStep[];
  /** Where new flags go: behind the arguments if there are any, for they come last. */
  readonly flagList: FlagList;
  readonly checksum: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Puts an audit setup into the manifest of a static pod (`/etc/kubernetes/manifests/kube-apiserver.yaml`).
 * Taken back by `undoYamlChanges` with the changes that it returns.
 *
 * @throws Failure YAML_UNREADABLE, YAML_UNSUITABLE, APISERVER_MANIFEST_UNSUITABLE
 */
export function patchStaticPod(text: string, setup: AuditSetup, options: PatchOptions = {}): Patch {
  const pod = readStaticPod(text);
  const flags = decideFlags(setup.flags, pod.flags, options);
  const volumes = recordsIn(pod.data, 'spec', 'volumes');
  const mounts = decideMounts(setup.mounts, presentMounts(pod, volumes), new Set(volumes.map(({ name }) => textOf(name))));
  const split = flags.decisions.flatMap(({ action, flag }) =>
    action === 'replace' && lastOf(pod, flag.name)?.item === undefined
      ? [
          {
            kind: 'conflict',
            what: `--${flag.name}`,
            there: lastOf(pod, flag.name)?.value ?? '',
            why: 'name and value are two items; write it as one',
          } as const,
        ]
      : [],
  );
  const conflicts = [...flags.conflicts, ...split, ...mounts.conflicts];
  if (conflicts.length > 0) return { kind: 'conflicts', conflicts };

  const requests: YamlRequest[] = [];
  for (const { action, flag } of flags.decisions) {
    const item = `--${flag.name}=${flag.value}`;
    const old = lastOf(pod, flag.name);
    if (action === 'add') requests.push({ kind: 'add-item', path: [...pod.containerPath, pod.flagList], value: item });
    else if (action === 'replace' && old?.item !== undefined)
      requests.push({ kind: 'replace-item', path: [...pod.containerPath, old.list], from: old.item, to: item });
  }
  for (const { name, hostPath, mountPath, readOnly, type } of mounts.add)
    requests.push(
      { kind: 'add-item', path: [...pod.containerPath, 'volumeMounts'], value: { mountPath, name, ...(readOnly ? { readOnly } : {}) } },
      { kind: 'add-item', path: ['spec', 'volumes'], value: { hostPath: { path: hostPath, type }, name } },
    );
  if (pod.checksum !== setup.checksum)
    requests.push({ kind: 'set-entry', path: ['metadata', 'annotations'], key: CHECKSUM_ANNOTATION, value: setup.checksum });
  return { kind: 'patched', ...applyYamlRequests(text, requests), remarks: [...flags.remarks, ...mounts.remarks] };
}

/** @throws Failure YAML_UNREADABLE, APISERVER_MANIFEST_UNSUITABLE */
export function readStaticPod(text: string): ApiServerPod {
  const [data, ...more] = dataOf(parseYamlFile(text));
  if (!isRecord(data) || data['kind'] !== 'Pod' || more.length > 0) throw unsuitable('it is not one Pod');
  const containers = recordsIn(data, 'spec', 'containers');
  const index = containers.findIndex(isApiServer);
  const container = containers[index];
  if (container === undefined) throw unsuitable('none of its containers runs kube-apiserver');
  const name = textOf(container['name']);
  const read = flagsOfContainer(container);
  if (read.kind === 'shell') throw unsuitable('it starts kube-apiserver through a shell, in one long text');
  const annotations = isRecord(data['metadata']) ? data['metadata']['annotations'] : undefined;
  const checksum = isRecord(annotations) ? annotations[CHECKSUM_ANNOTATION] : undefined;
  return {
    flags: read.flags,
    container,
    containerPath: ['spec', 'containers', name === '' ? index : { name }],
    flagList: read.addTo,
    checksum: typeof checksum === 'string' ? checksum : undefined,
    data,
  };
}

/** Where on the host a path of the API server lies, by the pod's mounts; undefined: it is inside the container alone. */
export function hostPathOf(pod: ApiServerPod, path: string): string | undefined {
  const mounts = presentMounts(pod, recordsIn(pod.data, 'spec', 'volumes')).map((mount) => ({
    ...mount,
    mountPath: mount.mountPath.replace(/\/+$/, ''),
  }));
  const [nearest] = mounts
    .filter(({ mountPath }) => path === mountPath || path.startsWith(`${mountPath}/`))
    .sort((one, other) => other.mountPath.length - one.mountPath.length);
  if (nearest?.hostPath === undefined) return undefined;
  return `${nearest.hostPath.replace(/\/+$/, '')}${path.slice(nearest.mountPath.length)}`;
}

function isApiServer(container: Readonly<Record<string, unknown>>): boolean {
  const program = Array.isArray(container['command']) ? textOf(container['command'][0]) : '';
  return container['name'] === 'kube-apiserver' || /(^|\/)kube-apiserver$/.test(program);
}

function lastOf(pod: ApiServerPod, name: string): ContainerFlag | undefined {
  return pod.flags.findLast((each) => each.name === name);
}

function presentMounts(pod: ApiServerPod, volumes: readonly Readonly<Record<string, unknown>>[]): Parameters<typeof decideMounts>[1] {
  return recordsIn(pod.container, 'volumeMounts').map((mount) => {
    const volume = volumes.find(({ name }) => name === mount['name']);
    const path = isRecord(volume?.['hostPath']) ? volume['hostPath']['path'] : undefined;
    return {
      name: textOf(mount['name']),
      hostPath: typeof path === 'string' ? path : undefined,
      mountPath: textOf(mount['mountPath']),
      readOnly: mount['readOnly'] === true,
    };
  });
}

function unsuitable(why: string): Failure {
  return new Failure('APISERVER_MANIFEST_UNSUITABLE', `This is no manifest of a kube-apiserver that can be edited: ${why}.`, {
    hint: 'Usually it is /etc/kubernetes/manifests/kube-apiserver.yaml; docs/guides/connect-a-cluster.md lists the other distributions.',
  });
}
