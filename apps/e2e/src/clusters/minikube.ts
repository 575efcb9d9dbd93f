import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '@k8s-audit/failure';
import { parseAuditCounters, parseContainerLog } from '@k8s-audit/testbed';
import { type ApiServerStart, type Cluster, type ClusterStart, type RunningCluster, USERNAMES, type Witness } from '../cluster.ts';
import { parseSurrendered } from '../surrendered.ts';
import { auditEventsOf } from './audit-output.ts';
import { createCommands, type MinikubeCommands } from './minikube-commands.ts';
import { bringFiles, NODE_FOLDER } from './minikube-files.ts';
import { clientCertificate } from './minikube-user.ts';

const PROFILE = 'k8s-audit-e2e';
/** As the node calls this machine, whatever the driver (minikube writes it into the node's /etc/hosts). */
const HOST = 'host.minikube.internal';
/** An API server flushes its audit queue on SIGTERM; its own limit for that is 60 s. */
const STOP_SECONDS = 75;
const SETTLE_MS = 2_000;
/** What keeps asking an API server without being asked. */
const TALKERS = ['kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'coredns', 'storage-provisioner'] as const;

export interface MinikubeOptions {
  /** Of minikube: docker, podman, kvm2, … Not none: the machine itself would become the node. */
  readonly driver: string;
  /** Minikube's home, kept between runs for its images. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A real node with a real kubelet, by the programs `minikube` and `kubectl`: for the nightly pipeline and for developers. */
export function createMinikubeCluster(options: Partial<MinikubeOptions> = {}): Cluster {
  const { env = process.env } = options;
  const home = options.home ?? join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'k8s-audit', 'minikube');
  const driver = options.driver ?? (env['K8S_AUDIT_E2E_MINIKUBE_DRIVER'] || 'docker');
  const commands = createCommands({ profile: PROFILE, home, env });
  return {
    name: 'minikube',
    receiverHost: HOST,
    // The node reaches this machine from outside.
    listenAddress: '0.0.0.0',
    apiServerCount: 1,
    async prepare(onProgress) {
      if (driver === 'none')
        throw new Failure('USAGE', 'the driver none would make this machine the node', { hint: 'K8S_AUDIT_E2E_MINIKUBE_DRIVER=docker' });
      mkdirSync(home, { recursive: true, mode: 0o700 });
      onProgress(`minikube ${(await commands.minikube(['version', '--short'])).trim()}, driver ${driver}`);
      await commands.kubectl(['version', '--client']);
      // What an interrupted run has left.
      await commands.minikube(['delete']);
    },
    async start(start) {
      if (start.fromManifests)
        throw new Failure('USAGE', 'this run edits the manifest of a node of this machine', {
          hint: 'npm run e2e -- --run connect --cluster testbed',
        });
      return await startNode(start, commands, home, driver);
    },
  };
}

async function startNode(
  { apiServers, folder, onProgress }: ClusterStart,
  commands: MinikubeCommands,
  home: string,
  driver: string,
): Promise<RunningCluster> {
  const [server] = apiServers;
  if (server === undefined) throw new RangeError('no API server was asked for');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  rmSync(join(home, 'files'), { recursive: true, force: true });
  const flags = bringFiles(server.auditFlags, join(home, 'files', NODE_FOLDER));
  onProgress(`minikube starts with ${driver}; the first time this takes minutes`);
  await commands.minikube([
    'start',
    `--driver=${driver}`,
    '--wait=all',
    ...[...flags, ...WITNESS_FLAGS].map((flag) => `--extra-config=apiserver.${flag.slice(2)}`),
  ]);
  const admin = await commands.kubectl(['config', 'view', '--minify', '--flatten', '--raw']);
  const restricted = await clientCertificate(home, admin, { commonName: USERNAMES.restricted, organisations: ['developers'] });
  const gateway = await commands.node('ip -4 route show default');
  let log = '';
  return {
    // Who dials from this machine comes through the node's way out.
    clientAddress: /via (\S+)/.exec(gateway)?.[1] ?? '',
    apiServers: [
      {
        name: server.name,
        url: /^\s*server: (\S+)$/m.exec(admin)?.[1] ?? '',
        auditCounters: async () => parseAuditCounters(await commands.kubectl(['get', '--raw', '/metrics'])),
        witness: async () => witnessOf(log),
      },
    ],
    kubeconfig: (user) => (user === 'admin' ? admin : restricted),
    nodeForPods: async () => undefined,
    async quiesce() {
      // The kubelet first: it starts again what ends.
      await commands.node('sudo systemctl stop kubelet');
      await commands.node(`for name in ${TALKERS.join(' ')}; do sudo crictl ps --quiet --name "^$name$" | xargs -r sudo crictl stop; done`);
    },
    async stop() {
      const complaints: string[] = [];
      try {
        await commands.node('sudo systemctl stop kubelet');
        await commands.node(`sudo crictl stop --timeout ${STOP_SECONDS} $(sudo crictl ps --quiet --name kube-apiserver)`);
        await sleep(SETTLE_MS);
        log = parseContainerLog(await commands.node('sudo sh -c "cat /var/log/pods/kube-system_kube-apiserver-*/kube-apiserver/*.log"'));
        writeFileSync(join(folder, 'kube-apiserver.log'), log);
      } catch (error) {
        complaints.push((error as Error).message);
      }
      await commands.minikube(['delete']);
      return { complaints };
    },
  };
}

/** Its own log goes to its standard output: nothing that it could write to is mounted into its pod. */
const WITNESS_FLAGS: ApiServerStart['auditFlags'] = ['--audit-log-path=-', '--audit-log-format=json'];

function witnessOf(log: string): Witness {
  const made = auditEventsOf(log);
  const given = new Set(parseSurrendered(log).map(({ auditID, stage }) => `${stage} ${auditID}`));
  const isSurrendered = ({ auditID, stage }: (typeof made)[number]): boolean => given.has(`${stage} ${auditID}`);
  return { sent: made.filter((event) => !isSurrendered(event)), surrendered: made.filter(isSurrendered) };
}
