import { readdirSync, readFileSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { OnKubeletEvent } from './kubelet-event.ts';
import { parseManifest, type StaticPod } from './pod-manifest.ts';

export interface ManifestFolderOptions {
  readonly folder: string;
  readonly nodeName: string;
  readonly relistMs: number;
  readonly onEvent: OnKubeletEvent;
  /** Called with every pod that should run, by `NAMESPACE/NAME`, whenever one may have changed. */
  readonly onPods: (pods: ReadonlyMap<string, StaticPod>) => void;
}

/**
 * Watches a folder of manifests with the kubelet's own habits (kubernetes v1.35.4 pkg/kubelet/config/file.go, file_linux.go), because people get hurt by them:
 *
 * - Every regular file whose name does not begin with a dot is a pod, whatever its ending.
 * - Pods are kept by namespace and name. Two files of one pod replace each other: a file that is written wins at once, and at the next
 *   listing (every 20 s) the last in the order of names wins. `kube-apiserver.yaml.bak` comes after `kube-apiserver.yaml`.
 * - A file is read the moment it changes, half-written or not; one that cannot be read is passed over, and leaves what ran before in place
 *   until the next listing.
 */
export function watchManifests({ folder, nodeName, relistMs, onEvent, onPods }: ManifestFolderOptions): { readonly close: () => void } {
  let store = new Map<string, StaticPod>();
  const podOfFile = new Map<string, string>();

  function read(file: string): StaticPod | undefined {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onEvent({ kind: 'manifest-refused', file, reason: (error as Error).message });
      return undefined; // gone between the notice and our look
    }
    const parsed = parseManifest(text, file, nodeName);
    if (parsed.kind === 'pod') return parsed.pod;
    onEvent({ kind: 'manifest-refused', file, reason: parsed.reason });
    return undefined;
  }
  function add(into: Map<string, StaticPod>, pod: StaticPod): void {
    const name = `${pod.namespace}/${pod.name}`;
    const other = into.get(name);
    if (other !== undefined && other.file !== pod.file)
      onEvent({ kind: 'several-files-one-pod', pod: name, files: [other.file, pod.file] });
    into.set(name, pod);
    podOfFile.set(pod.file, name);
  }
  function list(): void {
    const listed = new Map<string, StaticPod>();
    for (const name of readdirSync(folder)
      .filter((each) => !each.startsWith('.'))
      .sort()) {
      const file = join(folder, name);
      const pod = statSync(file, { throwIfNoEntry: false })?.isFile() ? read(file) : undefined;
      if (pod !== undefined) add(listed, pod);
    }
    store = listed;
    onPods(store);
  }
  function changed(name: string | null): void {
    if (name === null || name.startsWith('.')) return;
    const file = join(folder, name);
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats?.isFile()) {
      const pod = read(file);
      if (pod !== undefined) add(store, pod);
    } else if (stats === undefined) {
      const pod = podOfFile.get(file);
      podOfFile.delete(file);
      if (pod !== undefined) store.delete(pod);
    }
    onPods(store);
  }
  const watcher = watch(folder, (_type, name) => changed(name));
  const relist = setInterval(list, relistMs);
  list();
  return {
    close() {
      watcher.close();
      clearInterval(relist);
    },
  };
}
