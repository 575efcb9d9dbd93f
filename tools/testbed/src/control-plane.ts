import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { type AuditCounters, parseAuditCounters } from './audit-counters.ts';
import { kubernetesVersion } from './build-inputs.ts';
import { type Credentials, createCredentials, type FilePair, type TestUser } from './credentials.ts';
import { findFreePorts } from './free-ports.ts';
import { renderKubeconfig } from './kubeconfig.ts';
import {
  apiServerArguments,
  controllerManagerArguments,
  etcdArguments,
  kubeletArguments,
  type Layout,
  schedulerArguments,
} from './parts.ts';
import { get, type Identity, type StartingPart, waitUntilReady } from './probe.ts';
import { type StartedProcess, startProcess } from './started-process.ts';
import { PKI_FOLDER } from './static-pods/api-server-manifest.ts';
import { type ApiServerNode, startApiServerNode } from './static-pods/api-server-node.ts';
import { POD_LOGS } from './static-pods/kubelet.ts';

export interface ControlPlaneOptions {
  /** From `ensureTestbedBinary`. */
  readonly binary: string;
  /** An empty or new folder: certificates, etcd's data and logs go here. Short-lived keys, but keys. */
  readonly folder: string;
  /** One entry an API server; `flags` are added to its command line (audit flags, say). */
  readonly apiServers: readonly { readonly name: string; readonly flags?: readonly string[] }[];
  /**
   * Runs each API server on a node of its own, from a manifest, with nothing but its volumes in sight; `flags` then name paths in the container.
   * From `ensurePodShim`. Absent: as a process of this machine.
   */
  readonly staticPods?: { readonly shim: string };
  /** Who gets a client certificate, by the name used with `kubeconfig`. `admin` (cluster-admin) is always there. */
  readonly users?: Readonly<Record<string, TestUser>>;
  /** Without controller-manager and scheduler when false: namespaces and roles are there, nothing else happens by itself. */
  readonly withControllers?: boolean;
  readonly onProgress?: (line: string) => void;
}

export interface RunningApiServer {
  readonly name: string;
  readonly url: string;
  readonly logFile: string;
  /** Where it runs from a manifest. */
  readonly node?: ApiServerNode;
  readonly auditCounters: () => Promise<AuditCounters>;
}

export interface ControlPlane {
  readonly apiServers: readonly RunningApiServer[];
  /** Where the kubelet stand-in listens: give a Node object this as its InternalIP and kubelet port, and exec into its pods is answered. */
  readonly kubelet: { readonly address: string; readonly port: number };
  /** The text of a kubeconfig for `user`, at the API server of that index (default the first). */
  readonly kubeconfig: (user: string, apiServer?: number) => string;
  /** Ends controller-manager and scheduler: afterwards the API servers hear from us, and from themselves, only. */
  readonly stopControllers: () => Promise<void>;
  /** In the order that loses nothing: clients, then API servers (they flush their audit queues), then etcd. Can be called twice. */
  readonly stop: () => Promise<StopReport>;
}

/** How each part ended; `killed` means that it did not end by itself in time. */
export type StopReport = readonly { readonly name: string; readonly code: number | null; readonly killed: boolean }[];

type StopPhase = 'client' | 'server' | 'store';
const STOP_ORDER: readonly StopPhase[] = ['client', 'server', 'store'];
/** An API server flushes its audit queue on SIGTERM; its own limit for that is 60 s. */
const STOP_GRACE_MS: Readonly<Record<StopPhase, number>> = { client: 15_000, server: 75_000, store: 15_000 };

/**
 * Starts etcd, the API servers, a kubelet stand-in, controller-manager and scheduler, and waits until each is ready. They die with this
 * process, however it ends.
 *
 * @throws {Failure} TESTBED_NOT_READY; what had been started is stopped before
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { folder, onProgress = () => {} } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const admin = { username: 'kubernetes-admin', groups: ['system:masters'] };
  const certificateFolder = join(folder, 'certificates');
  const credentials = await createCredentials(certificateFolder, { ...options.users, admin });
  const [etcdPort = 0, etcdPeerPort = 0, kubeletPort = 0, controllerManagerPort = 0, schedulerPort = 0, ...apiPorts] = await findFreePorts(
    5 + options.apiServers.length,
  );
  const layout: Layout = { folder, credentials, etcdPort, etcdPeerPort, kubeletPort, controllerManagerPort, schedulerPort };
  const adminIdentity = identityOf(credentials, credentials.users['admin'] as FilePair);
  const urls = apiPorts.map((port) => `https://127.0.0.1:${port}`);
  const started: { readonly process: Pick<StartedProcess, 'name' | 'stop'>; readonly phase: StopPhase }[] = [];

  function start(name: string, phase: StopPhase, args: readonly string[]): StartedProcess {
    const process = startProcess({ name, command: options.binary, args, logFile: join(folder, 'logs', `${name}.log`), cwd: folder });
    started.push({ process, phase });
    return process;
  }
  function startApiServer(name: string, index: number, flags: readonly string[]): StartingPart & { readonly node?: ApiServerNode } {
    const port = apiPorts[index] ?? 0;
    if (options.staticPods === undefined) return start(name, 'server', apiServerArguments(layout, port, flags));
    const node = startApiServerNode({
      name,
      folder: join(folder, 'nodes', name),
      certificates: certificateFolder,
      port,
      command: apiServerArguments(inContainer(layout, certificateFolder), port, flags),
      kubernetesVersion: kubernetesVersion(),
      binary: options.binary,
      shim: options.staticPods.shim,
      stateFolder: join(folder, 'kubelets', name),
    });
    started.push({ process: { name, stop: () => node.stop() }, phase: 'server' });
    return {
      name,
      isRunning: () => true,
      ended: new Promise(() => {}),
      tail: (lines) => node.tail(lines),
      logFile: join(node.root, POD_LOGS),
      node,
    };
  }
  function kubeconfigFile(name: string, pair: FilePair): string {
    const path = join(folder, `${name}.kubeconfig`);
    writeFileSync(
      path,
      renderKubeconfig({ server: urls[0] ?? '', authorityFile: credentials.authorityFile, user: name, credentials: pair }),
    );
    return path;
  }
  async function startControllers(): Promise<void> {
    const manager = start(
      'kube-controller-manager',
      'client',
      controllerManagerArguments(layout, kubeconfigFile('kube-controller-manager', credentials.controllerManager)),
    );
    const scheduler = start(
      'kube-scheduler',
      'client',
      schedulerArguments(layout, kubeconfigFile('kube-scheduler', credentials.scheduler)),
    );
    await waitUntilReady(manager, `https://127.0.0.1:${controllerManagerPort}/healthz`, adminIdentity);
    await waitUntilReady(scheduler, `https://127.0.0.1:${schedulerPort}/healthz`, adminIdentity);
    // Pods are refused until the controller manager has made their service account.
    await waitUntilReady(manager, `${urls[0]}/api/v1/namespaces/default/serviceaccounts/default`, adminIdentity);
    onProgress('controller manager and scheduler are ready');
  }
  async function stop(phases: readonly StopPhase[]): Promise<StopReport> {
    const report: StopReport[number][] = [];
    for (const phase of phases) {
      const ended = started.filter((each) => each.phase === phase).map(({ process }) => end(process, STOP_GRACE_MS[phase]));
      report.push(...(await Promise.all(ended)));
    }
    return report;
  }
  try {
    const etcd = start('etcd', 'store', etcdArguments(layout));
    await waitUntilReady(etcd, `https://127.0.0.1:${etcdPort}/health`, identityOf(credentials, credentials.etcdClient));
    onProgress('etcd is ready');

    const kubelet = start('kubelet-stand-in', 'store', kubeletArguments(layout));
    const servers = options.apiServers.map(({ name, flags = [] }, index) => startApiServer(name, index, flags));
    await waitUntilReady(kubelet, `https://127.0.0.1:${kubeletPort}/healthz`, identityOf(credentials, credentials.kubeletClient));
    await Promise.all(servers.map((server, index) => waitUntilReady(server, `${urls[index]}/readyz`, adminIdentity)));
    onProgress(`${servers.length} API servers are ready`);

    if (options.withControllers !== false) await startControllers();

    return {
      apiServers: servers.map((server, index) => ({
        name: server.name,
        url: urls[index] ?? '',
        logFile: server.logFile,
        ...(server.node === undefined ? {} : { node: server.node }),
        auditCounters: () => readCounters(urls[index] ?? '', adminIdentity),
      })),
      kubelet: { address: '127.0.0.1', port: kubeletPort },
      kubeconfig(user, apiServer = 0) {
        const [pair, server] = [credentials.users[user], urls[apiServer]];
        if (pair === undefined || server === undefined)
          throw new RangeError(`the testbed has no user ${user} or no API server ${apiServer}`);
        return renderKubeconfig({ server, authorityFile: credentials.authorityFile, user, credentials: pair });
      },
      stopControllers: async () => void (await stop(['client'])),
      stop: () => stop(STOP_ORDER),
    };
  } catch (error) {
    await stop(STOP_ORDER);
    throw error;
  }
}

async function end(process: Pick<StartedProcess, 'name' | 'stop'>, graceMs: number): Promise<StopReport[number]> {
  const { code, killed } = await process.stop(graceMs);
  return { name: process.name, code, killed };
}

/** The layout as an API server sees it whose certificates are mounted where kubeadm has them. */
function inContainer(layout: Layout, certificateFolder: string): Layout {
  const credentials = JSON.parse(JSON.stringify(layout.credentials).replaceAll(certificateFolder, PKI_FOLDER)) as Credentials;
  return { ...layout, folder: '/tmp', credentials };
}

function identityOf(credentials: Credentials, pair: FilePair): Identity {
  return { authorityFile: credentials.authorityFile, credentials: pair };
}

async function readCounters(url: string, identity: Identity): Promise<AuditCounters> {
  const answer = await get(`${url}/metrics`, identity);
  if (answer.kind === 'answer' && answer.status === 200) return parseAuditCounters(answer.body);
  const reason = answer.kind === 'answer' ? `answered ${answer.status}` : answer.reason;
  throw new Failure('TESTBED_NOT_READY', `${url}/metrics: ${reason}`, { hint: 'read the log of the API server' });
}
