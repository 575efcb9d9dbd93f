import { Failure } from '@k8s-audit/failure';
import { applyYamlRequests, dataOf, parseYamlFile, type YamlRequest } from '@k8s-audit/yaml-edits';
import { stringify } from 'yaml';
import type { AuditSetup, Patch, Remark } from './audit-setup.ts';
import { isRecord, recordsIn, textOf, valueAt } from './loose-data.ts';

/**
 * Puts an audit setup into the configuration of `kind create cluster`: the folder is mounted into each control-plane node, and a patch
 * tells kubeadm. The patch has no version, on purpose: kind writes v1beta3 before Kubernetes 1.36 and v1beta4 from it on, and turns a
 * patch without one into what it needs.
 *
 * @param hostFolder of the machine that runs kind: becomes the setup's folder in the node
 * @throws Failure YAML_UNREADABLE, YAML_UNSUITABLE, APISERVER_MANIFEST_UNSUITABLE
 */
export function patchKindCluster(text: string, setup: AuditSetup, hostFolder: string): Patch {
  const [data = {}] = dataOf(parseYamlFile(text));
  if (valueAt(data, 'kind') !== 'Cluster')
    throw new Failure('APISERVER_MANIFEST_UNSUITABLE', 'This is no configuration of kind: its kind is not Cluster.', {
      hint: 'It begins with: kind: Cluster, apiVersion: kind.x-k8s.io/v1alpha4',
    });
  const patch = kubeadmPatch(setup);
  const nodes = recordsIn(data, 'nodes');
  const patches = [data, ...nodes].flatMap((each) => listOf(valueAt(each, 'kubeadmConfigPatches')));
  const foreign = patches.filter((each) => each !== patch && /audit-(policy|webhook|log)/.test(each));
  if (foreign.length > 0) return { kind: 'conflicts', conflicts: foreign.map(asConflict) };

  const mount = { hostPath: hostFolder, containerPath: setup.mounts[0]?.mountPath ?? '', readOnly: true };
  const controlPlanes = nodes.flatMap((node, index) =>
    (textOf(node['role']) || 'control-plane') === 'control-plane' ? [{ node, index }] : [],
  );
  const requests: YamlRequest[] = controlPlanes
    .filter(({ node }) => !recordsIn(node, 'extraMounts').some((each) => each['containerPath'] === mount.containerPath))
    .map(({ index }) => ({ kind: 'add-item', path: ['nodes', index, 'extraMounts'], value: mount }));
  // Without any, kind makes one control-plane node.
  if (nodes.length === 0) requests.push({ kind: 'add-item', path: ['nodes'], value: { role: 'control-plane', extraMounts: [mount] } });
  if (!patches.includes(patch)) requests.push({ kind: 'add-item', path: ['kubeadmConfigPatches'], value: patch });
  return { kind: 'patched', ...applyYamlRequests(text, requests), remarks: [] };
}

function kubeadmPatch({ flags, mounts }: AuditSetup): string {
  const document = {
    kind: 'ClusterConfiguration',
    apiServer: {
      extraArgs: Object.fromEntries(flags.map(({ name, value }) => [name, value])),
      extraVolumes: mounts.map(({ name, hostPath, mountPath, readOnly, type }) => ({
        name,
        hostPath,
        mountPath,
        ...(readOnly ? { readOnly } : {}),
        pathType: type,
      })),
    },
  };
  return stringify(document, { version: '1.1', lineWidth: 0, indentSeq: false });
}

function asConflict(patch: string): Remark {
  return {
    kind: 'conflict',
    what: 'kubeadmConfigPatches',
    there:
      patch
        .split('\n')
        .find((line) => line.includes('audit-'))
        ?.trim() ?? '',
    why: 'a patch sets audit flags already',
  };
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => !isRecord(each)).map(textOf) : [];
}
