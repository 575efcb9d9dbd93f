import { Failure } from '@k8s-audit/failure';
import { applyYamlRequests, dataOf, documentIndex, parseYamlFile, type YamlRequest, type YamlValue } from '@k8s-audit/yaml-edits';
import type { AuditSetup, Patch, PatchOptions } from './audit-setup.ts';
import { decideFlags } from './decide-flags.ts';
import type { Flag } from './flag.ts';
import { decideMounts } from './host-mounts.ts';
import { isRecord, type LooseRecord, recordsIn, textOf, valueAt } from './loose-data.ts';

const KIND = 'ClusterConfiguration';

/**
 * Puts an audit setup into a kubeadm configuration: `kubeadm init` and `kubeadm upgrade` then write it into every manifest.
 * Beside the manifests themselves, or else an upgrade undoes them. The checksum has no place here: it belongs to a pod.
 *
 * @param text one document, or several of which one is a ClusterConfiguration, v1beta3 (flags as a map) or v1beta4 (as a list)
 * @throws Failure YAML_UNREADABLE, YAML_UNSUITABLE, APISERVER_MANIFEST_UNSUITABLE
 */
export function patchKubeadmConfiguration(text: string, setup: AuditSetup, options: PatchOptions = {}): Patch {
  const file = parseYamlFile(text);
  const data = dataOf(file)[documentIndex(file, KIND)];
  const form = formOf(data);
  const flags = decideFlags(setup.flags, form.flags, options);
  const volumes = recordsIn(data, 'apiServer', 'extraVolumes');
  const present = volumes.map((volume) => ({
    name: textOf(volume['name']),
    hostPath: textOf(volume['hostPath']),
    mountPath: textOf(volume['mountPath']),
    readOnly: volume['readOnly'] === true,
  }));
  const mounts = decideMounts(setup.mounts, present, new Set(present.map(({ name }) => name)));
  const conflicts = [...flags.conflicts, ...mounts.conflicts];
  if (conflicts.length > 0) return { kind: 'conflicts', conflicts };

  const requests: YamlRequest[] = flags.decisions.flatMap(({ action, flag }) =>
    action === 'leave' ? [] : [{ document: KIND, ...form.request(flag, action) }],
  );
  for (const { name, hostPath, mountPath, readOnly, type } of mounts.add) {
    const value = { name, hostPath, mountPath, ...(readOnly ? { readOnly } : {}), pathType: type };
    requests.push({ document: KIND, kind: 'add-item', path: ['apiServer', 'extraVolumes'], value });
  }
  return { kind: 'patched', ...applyYamlRequests(text, requests), remarks: [...flags.remarks, ...mounts.remarks] };
}

/**
 * The same in the ConfigMap `kubeadm-config` of kube-system, as `kubectl get -o yaml` prints it: where `kubeadm upgrade` and new
 * control-plane nodes read it.
 */
export function patchKubeadmConfigMap(text: string, setup: AuditSetup, options: PatchOptions = {}): Patch {
  const [map] = dataOf(parseYamlFile(text));
  const inner = valueAt(map, 'data', KIND);
  if (valueAt(map, 'kind') !== 'ConfigMap' || typeof inner !== 'string')
    throw unsuitable('it is no ConfigMap that holds a ClusterConfiguration');
  const patch = patchKubeadmConfiguration(inner, setup, options);
  if (patch.kind === 'conflicts') return patch;
  const requests: YamlRequest[] = patch.changes.length === 0 ? [] : [{ kind: 'set-entry', path: ['data'], key: KIND, value: patch.text }];
  return { kind: 'patched', ...applyYamlRequests(text, requests), remarks: patch.remarks };
}

type FlagForm = {
  readonly flags: readonly Flag[];
  readonly request: (flag: Flag, action: 'add' | 'replace') => YamlRequest;
};

function formOf(data: unknown): FlagForm {
  const version = textOf(valueAt(data, 'apiVersion'));
  const args = valueAt(data, 'apiServer', 'extraArgs');
  if (version === 'kubeadm.k8s.io/v1beta3') return asMap(isRecord(args) ? args : {});
  if (version === 'kubeadm.k8s.io/v1beta4') return asList(recordsIn(data, 'apiServer', 'extraArgs'));
  throw unsuitable(`its version is ${version || 'missing'}; known are kubeadm.k8s.io/v1beta3 and v1beta4`);
}

function asMap(args: LooseRecord): FlagForm {
  return {
    flags: Object.entries(args).map(([name, value]) => ({ name, value: textOf(value) })),
    request: ({ name, value }) => ({ kind: 'set-entry', path: ['apiServer', 'extraArgs'], key: name, value }),
  };
}

function asList(args: readonly LooseRecord[]): FlagForm {
  return {
    flags: args.map((each) => ({ name: textOf(each['name']), value: textOf(each['value']) })),
    request: ({ name, value }, action) => {
      const item: YamlValue = { name, value };
      if (action === 'add') return { kind: 'add-item', path: ['apiServer', 'extraArgs'], value: item };
      return { kind: 'set-entry', path: ['apiServer', 'extraArgs', { name }], key: 'value', value };
    },
  };
}

function unsuitable(why: string): Failure {
  return new Failure('APISERVER_MANIFEST_UNSUITABLE', `This is no kubeadm configuration that can be edited: ${why}.`, {
    hint: 'kubectl -n kube-system get configmap kubeadm-config -o yaml shows the one that is in force; kubeadm config migrate renews an old one.',
  });
}
