import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditEvent } from '@k8s-audit/audit-events';
import { ensurePodShim, ensureTestbedBinary, startControlPlane } from '@k8s-audit/testbed';
import { type Cluster, type ClusterStart, type RunningCluster, USERNAMES, type Witness } from '../cluster.ts';
import { openJsonLines } from '../json-lines.ts';
import { createNode } from '../kubelet-node.ts';
import { parseSurrendered } from '../surrendered.ts';

/** An API server's own log of its audit events: written by the same event stream as the webhook, and by no code of ours. */
function witnessFlags(file: string): readonly string[] {
  return [`--audit-log-path=${file}`, '--audit-log-format=json', '--audit-log-maxsize=1000', '--audit-log-maxbackup=10'];
}

function witnessFile(folder: string, apiServer: string): string {
  return join(folder, `${apiServer}.audit.log`);
}

/** etcd, two kube-apiservers, controller-manager and scheduler on this machine: tools/testbed. */
export function createTestbedCluster(): Cluster {
  let binary: string | undefined;
  return {
    name: 'testbed',
    receiverHost: '127.0.0.1',
    listenAddress: '127.0.0.1',
    apiServerCount: 2,
    async prepare(onProgress, signal) {
      binary = await ensureTestbedBinary({ onProgress, signal });
    },
    logFile: witnessFile,
    start: async (options) => start(binary ?? (await ensureTestbedBinary(options)), options),
  };
}

/** Where `cluster connect --back-end both` lets the API server of a node write. */
const NODE_AUDIT_LOG = 'var/log/kubernetes/audit/audit.log';

async function start(binary: string, { folder, apiServers, onProgress, fromManifests = false }: ClusterStart): Promise<RunningCluster> {
  const plane = await startControlPlane({
    binary,
    folder,
    onProgress,
    ...(fromManifests ? { staticPods: { shim: (await ensurePodShim()).shim } } : {}),
    apiServers: apiServers.map(({ name, auditFlags }) => ({
      name,
      // On a node the log file is a back end that the product sets up.
      flags: fromManifests ? auditFlags : [...auditFlags, ...witnessFlags(witnessFile(folder, name))],
    })),
    users: { restricted: { username: USERNAMES.restricted, groups: ['developers'] } },
  });
  let node: Promise<string> | undefined;
  return {
    clientAddress: '127.0.0.1',
    apiServers: plane.apiServers.map(({ name, url, logFile, auditCounters, node }) => ({
      name,
      url,
      auditCounters,
      ...(node === undefined ? {} : { node: { root: node.root, manifestFile: node.manifestFile, events: () => node.events } }),
      witness: async () =>
        node === undefined
          ? await readWitness(witnessFile(folder, name), await readFile(logFile, 'utf8'))
          : await readWitness(join(node.root, NODE_AUDIT_LOG), node.logs()),
    })),
    kubeconfig: (user, apiServer) => plane.kubeconfig(user, apiServer),
    nodeForPods() {
      node ??= createNode(plane.kubeconfig('admin'), plane.kubelet);
      return node;
    },
    quiesce: () => plane.stopControllers(),
    async stop() {
      const report = await plane.stop();
      const isApiServer = (name: string): boolean => apiServers.some((each) => each.name === name);
      return {
        complaints: report.flatMap(({ name, code, killed }) => {
          if (killed) return [`${name} had to be killed`];
          // etcd and the controllers end by the signal or with 1 when they are told to; an API server that flushed its events ends with 0.
          return isApiServer(name) && code !== 0 ? [`${name} ended with ${code}`] : [];
        }),
      };
    },
  };
}

async function readWitness(auditLog: string, log: string): Promise<Witness> {
  const made = await openJsonLines<AuditEvent>(auditLog).read();
  const surrendered = new Set(parseSurrendered(log).map(({ auditID, stage }) => `${stage} ${auditID}`));
  const isSurrendered = ({ auditID, stage }: AuditEvent): boolean => surrendered.has(`${stage} ${auditID}`);
  return { sent: made.filter((event) => !isSurrendered(event)), surrendered: made.filter(isSurrendered) };
}
