import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type StartedProcess, startProcess } from '../started-process.ts';
import { afterExit, type BackoffLimits, type CrashBackoff } from './crash-backoff.ts';
import { prepareHostPath } from './host-path.ts';
import type { OnKubeletEvent } from './kubelet-event.ts';
import type { HostPathMount, StaticPod } from './pod-manifest.ts';
import { NOT_CREATED } from './pod-shim.ts';

export interface PodWorkerOptions {
  readonly pod: StaticPod;
  /** Stands for the image: a static binary on the host that is given the container's whole command. */
  readonly image: ContainerImage;
  readonly shim: string;
  /** Where the node's `/` lies on this machine: every hostPath is looked for below it. */
  readonly nodeRoot: string;
  /** `/var/log/pods` of the node. */
  readonly podLogs: string;
  /** For what the stand-in itself writes. */
  readonly stateFolder: string;
  readonly backoff: BackoffLimits;
  readonly mountRetryMs: number;
  readonly onEvent: OnKubeletEvent;
}

export interface ContainerImage {
  readonly program: string;
  /** Before the container's command; empty where the program is the command itself. */
  readonly arguments: readonly string[];
}

export interface PodWorker {
  readonly uid: string;
  /** SIGTERM, the pod's grace, SIGKILL; resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

/** A container that is told to stop gets so long beyond its own grace, for the shim around it. */
const SHIM_GRACE_MS = 1_000;

/** Runs a pod until it is told to stop: mounts, starts, and starts again what ended, ever more slowly. */
export function startPodWorker(options: PodWorkerOptions): PodWorker {
  const stopping = new AbortController();
  let container: StartedProcess | undefined;
  const life = live(options, stopping.signal, (process) => {
    container = process;
  });
  return {
    uid: options.pod.uid,
    async stop() {
      stopping.abort();
      const end = await container?.stop(options.pod.graceMs + SHIM_GRACE_MS);
      await life;
      const { pod } = options;
      options.onEvent({ kind: 'stopped', pod: nameOf(pod), uid: pod.uid, code: end?.code ?? null, killed: end?.killed ?? false });
    },
  };
}

async function live(options: PodWorkerOptions, stop: AbortSignal, onStart: (process: StartedProcess) => void): Promise<void> {
  const { pod, onEvent } = options;
  const name = nameOf(pod);
  let backoff: CrashBackoff | undefined;
  for (let restart = 0; !stop.aborted; ) {
    const mounts = pod.container.mounts.map((mount) => ({ ...mount, hostPath: onThisMachine(options.nodeRoot, mount.hostPath) }));
    const problem = mounts.map(prepareHostPath).find((each) => each !== undefined);
    if (problem !== undefined) {
      // No container, and so no log of it either: that is how it is.
      onEvent({ kind: 'mount-failed', pod: name, reason: problem });
      await pause(options.mountRetryMs, stop);
      continue;
    }
    const log = join(options.podLogs, `${pod.namespace}_${pod.name}_${pod.uid}`, pod.container.name, `${restart}.log`);
    const process = startContainer(options, mounts, log, restart);
    onStart(process);
    onEvent({ kind: 'started', pod: name, uid: pod.uid, file: pod.file, restart, log });
    const { code } = await process.ended;
    if (stop.aborted) return;
    if (code === NOT_CREATED) onEvent({ kind: 'not-created', pod: name, reason: process.tail(1) });
    else onEvent({ kind: 'exited', pod: name, uid: pod.uid, code });
    const { waitMs, next } = afterExit(backoff, Date.now(), options.backoff);
    backoff = next;
    restart++;
    if (waitMs > 0) onEvent({ kind: 'back-off', pod: name, waitMs });
    await pause(waitMs, stop);
  }
}

function startContainer(
  { pod, image, shim, stateFolder }: PodWorkerOptions,
  mounts: readonly HostPathMount[],
  log: string,
  restart: number,
): StartedProcess {
  const folder = join(stateFolder, pod.uid);
  const root = join(folder, 'root');
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  const specFile = join(folder, `${restart}.json`);
  const spec = {
    root,
    program: image.program,
    arguments: [...image.arguments, ...pod.container.command],
    environment: ['PATH=/usr/local/bin', ...pod.container.environment],
    mounts: mounts.map(({ hostPath, mountPath, readOnly }) => ({ source: hostPath, target: mountPath, readOnly })),
    log,
  };
  writeFileSync(specFile, JSON.stringify(spec));
  return startProcess({
    name: pod.container.name,
    command: shim,
    args: ['run', specFile],
    logFile: join(folder, `${restart}.shim.log`),
    cwd: folder,
  });
}

/** A path that lies below the node's root already was written by somebody who knows this machine. */
function onThisMachine(nodeRoot: string, path: string): string {
  return path === nodeRoot || path.startsWith(`${nodeRoot}/`) ? path : join(nodeRoot, path);
}

function nameOf({ namespace, name }: StaticPod): string {
  return `${namespace}/${name}`;
}

async function pause(ms: number, stop: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal: stop }).catch(() => undefined); // told to stop meanwhile
}
