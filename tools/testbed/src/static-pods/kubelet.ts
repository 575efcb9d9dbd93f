import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BackoffLimits, KUBELET_BACKOFF } from './crash-backoff.ts';
import type { OnKubeletEvent } from './kubelet-event.ts';
import { watchManifests } from './manifest-folder.ts';
import type { StaticPod } from './pod-manifest.ts';
import { type ContainerImage, type PodWorker, startPodWorker } from './pod-worker.ts';

export interface KubeletOptions {
  readonly nodeName: string;
  /** A folder that stands for the node's `/`: manifests, logs and every hostPath lie below it. */
  readonly nodeRoot: string;
  /** For what the stand-in itself writes. */
  readonly stateFolder: string;
  /** From `ensurePodShim`. */
  readonly shim: string;
  readonly image: ContainerImage;
  readonly onEvent?: OnKubeletEvent;
  readonly timing?: Partial<KubeletTiming>;
}

export interface KubeletTiming {
  /** Between two listings of the folder; a change is noticed at once besides. */
  readonly relistMs: number;
  /** Between the end of a pod and the start of the one that takes its place. A kubelet looks again after 10 to 15 s (pod_workers.go). */
  readonly replaceMs: number;
  readonly mountRetryMs: number;
  readonly backoff: BackoffLimits;
}

/** Where a node of kubeadm has them. */
export const MANIFESTS = 'etc/kubernetes/manifests';
export const POD_LOGS = 'var/log/pods';

/** kubernetes v1.35.4: fileCheckFrequency, exponentialbackoff of volumes (its first step); `replaceMs` is shorter, for tests' sake. */
const TIMING: KubeletTiming = { relistMs: 20_000, replaceMs: 1_000, mountRetryMs: 500, backoff: KUBELET_BACKOFF };

export interface Kubelet {
  /** Ends every pod, gracefully. */
  stop(): Promise<void>;
}

/**
 * A small stand-in for the part of a kubelet that runs static pods. It has the kubelet's rules for files, mounts, restarts and logs; it runs no probes,
 * knows no cgroups and no pod network, and writes no mirror pods into the API.
 */
export function startKubelet(options: KubeletOptions): Kubelet {
  const { nodeRoot, onEvent = () => {}, nodeName } = options;
  const [manifests, podLogs] = [join(nodeRoot, MANIFESTS), join(nodeRoot, POD_LOGS)];
  const timing = { ...TIMING, ...options.timing };
  mkdirSync(manifests, { recursive: true });
  mkdirSync(podLogs, { recursive: true });
  let wanted: ReadonlyMap<string, StaticPod> = new Map();
  const slots = new Map<string, Slot>();
  let isStopping = false;

  function slotOf(name: string): Slot {
    const slot = slots.get(name) ?? createSlot(() => (isStopping ? undefined : wanted.get(name)), start, timing.replaceMs);
    slots.set(name, slot);
    return slot;
  }
  function start(pod: StaticPod): PodWorker {
    return startPodWorker({ ...options, ...timing, podLogs, pod, onEvent });
  }
  const folder = watchManifests({
    folder: manifests,
    nodeName,
    relistMs: timing.relistMs,
    onEvent,
    onPods(pods) {
      wanted = new Map(pods);
      for (const name of new Set([...wanted.keys(), ...slots.keys()])) void slotOf(name).settle();
    },
  });
  return {
    async stop() {
      isStopping = true;
      folder.close();
      await Promise.all([...slots.values()].map((slot) => slot.settle()));
    },
  };
}

/** One full name: only one pod may run under it, and the next begins when the last has ended (pod_workers.go allowStaticPodStart). */
interface Slot {
  /** Brings what runs in line with what is wanted at this moment; calls queue up behind each other. */
  settle(): Promise<void>;
}

function createSlot(wanted: () => StaticPod | undefined, start: (pod: StaticPod) => PodWorker, replaceMs: number): Slot {
  let running: PodWorker | undefined;
  let queue: Promise<void> = Promise.resolve();
  async function bring(): Promise<void> {
    if (running?.uid === wanted()?.uid) return;
    if (running !== undefined) {
      await running.stop();
      running = undefined;
      if (wanted() !== undefined) await sleep(replaceMs);
    }
    const pod = wanted();
    if (pod !== undefined) running = start(pod);
  }
  return {
    settle() {
      queue = queue.then(bring);
      return queue;
    },
  };
}
