import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessEnd } from '../started-process.ts';
import { API_SERVER_MANIFEST, PKI_FOLDER, renderApiServerManifest } from './api-server-manifest.ts';
import { parseContainerLog } from './container-log.ts';
import { MANIFESTS, POD_LOGS, startKubelet } from './kubelet.ts';
import type { KubeletEvent } from './kubelet-event.ts';

export interface ApiServerNodeOptions {
  readonly name: string;
  /** Becomes the node's `/`. */
  readonly folder: string;
  /** With the certificates of the control plane; copied onto the node. */
  readonly certificates: string;
  readonly port: number;
  /** With certificates below `PKI_FOLDER`. */
  readonly command: readonly string[];
  readonly kubernetesVersion: string;
  readonly binary: string;
  readonly shim: string;
  readonly stateFolder: string;
}

/** A control-plane node as far as its API server goes: files where kubeadm has them, and something that runs the manifest. */
export interface ApiServerNode {
  /** Stands for `/`: `etc/kubernetes/manifests`, `etc/kubernetes/pki`, `var/log/pods` lie below it. */
  readonly root: string;
  readonly manifestFile: string;
  /** All that the kubelet stand-in had to say so far. */
  readonly events: readonly KubeletEvent[];
  /** The end of the container's newest log, or what kept it from having one. */
  tail(lines?: number): string;
  /** Text of all logs of the container, the oldest first. */
  logs(): string;
  stop(): Promise<ProcessEnd & { readonly killed: boolean }>;
}

/** Writes the files of a node and starts the kubelet stand-in on it. */
export function startApiServerNode(options: ApiServerNodeOptions): ApiServerNode {
  const { name, folder: root, binary, shim, stateFolder, port } = options;
  for (const place of [MANIFESTS, POD_LOGS, 'etc/ssl/certs']) mkdirSync(join(root, place), { recursive: true });
  cpSync(options.certificates, join(root, PKI_FOLDER), { recursive: true });
  const manifestFile = join(root, MANIFESTS, API_SERVER_MANIFEST);
  const { kubernetesVersion, command } = options;
  writeFileSync(manifestFile, renderApiServerManifest({ kubernetesVersion, address: '127.0.0.1', port, command }), { mode: 0o600 });

  const events: KubeletEvent[] = [];
  const kubelet = startKubelet({
    nodeName: name,
    nodeRoot: root,
    stateFolder,
    shim,
    image: { program: binary, arguments: ['control-plane'] },
    onEvent: (event) => events.push(event),
  });
  const started = (): readonly Extract<KubeletEvent, { kind: 'started' }>[] => events.filter((event) => event.kind === 'started');
  return {
    root,
    manifestFile,
    events,
    tail(lines = 15) {
      const log = started().at(-1)?.log;
      const text = log === undefined ? '' : readLog(log);
      const last = events.at(-1);
      const said = text.trimEnd().split('\n').slice(-lines).join('\n');
      return `${said}\n${last === undefined ? 'the kubelet has found no pod' : `kubelet: ${JSON.stringify(last)}`}`;
    },
    logs: () =>
      started()
        .map(({ log }) => readLog(log))
        .join(''),
    async stop() {
      await kubelet.stop();
      const end = events.findLast((event) => event.kind === 'stopped');
      return { code: end?.code ?? null, signal: null, killed: end?.killed ?? false };
    },
  };
}

/** As the process wrote it, without the time and stream that the runtime puts before each line; empty when there is none yet. */
function readLog(path: string): string {
  try {
    return parseContainerLog(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
