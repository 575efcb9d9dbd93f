/**
 * What one run of the tests stands on, from top to bottom: certificates, rules, back end, receiver, policy, webhook files, cluster;
 * and its end, in the order in which nothing is lost. Everything of the product's is made by the product's own commands.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertBackend, RuleFiles, RunningBackend } from './alert-backend.ts';
import type { ApiServerStart, Cluster, RunningCluster } from './cluster.ts';
import { countArchived, eventKey } from './event-key.ts';
import { EVERYTHING_POLICY } from './everything-policy.ts';
import { certsCreate, clusterCertificate, policyRender, rulesRender, webhookFlags, webhookRender } from './product.ts';
import type { Product } from './product-process.ts';
import { type StoppableReceiver, startReceiver } from './receiver.ts';
import type { RunDefinition } from './runs.ts';
import { CLUSTER_NAME, type FinalState, SAMPLE_CLUSTER } from './scenario.ts';

/** A whole spool of a test is delivered well within this; what is then still there is reported, not waited for. */
const DRAIN_WITHIN_MS = 60_000;
const POLL_MS = 250;
/** In the place of the recommended throttle and backoff, so that a failed test is not a slow one. */
const QUICK_FLAGS = ['--audit-webhook-batch-throttle-enable=false', '--audit-webhook-batch-max-wait=1s'];

/** The port `discard`, which nobody serves: refused at once. */
const NOBODY = '127.0.0.1:9';
/** It gives a batch up within a second, and so does not hold the end of the run. */
const HASTY_FLAG = '--audit-webhook-initial-backoff=100ms';

export interface TestGround {
  readonly cluster: RunningCluster;
  readonly receiver: StoppableReceiver;
  readonly backend: RunningBackend;
  readonly folder: string;
  /** Stops the API servers, lets everything drain, stops the rest. */
  end(): Promise<FinalState>;
  /** Stops whatever still runs, without waiting for events. */
  abandon(): Promise<void>;
}

export interface GroundOptions {
  readonly definition: RunDefinition;
  readonly cluster: Cluster;
  readonly backend: AlertBackend;
  readonly product: Product;
  /** An empty folder. */
  readonly folder: string;
  readonly onProgress: (line: string) => void;
}

export async function prepareGround({ definition, cluster, backend, product, folder, onProgress }: GroundOptions): Promise<TestGround> {
  const stops: (() => Promise<unknown>)[] = [];
  const abandon = async (): Promise<void> => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    const certificateFolder = join(folder, 'certificates');
    await product.run(certsCreate(certificateFolder, [cluster.receiverHost], [CLUSTER_NAME, SAMPLE_CLUSTER]));

    const runningBackend = await backend.start(folder, await renderRules(product, definition, join(folder, 'rules')));
    stops.push(() => runningBackend.stop());
    onProgress(`back end ${backend.name} runs`);

    const receiver = await startReceiver({
      product,
      folder,
      certificateFolder,
      host: cluster.receiverHost,
      listenAddress: cluster.listenAddress,
      socketPath: runningBackend.socketPath,
      logs: definition.followsLogs === true ? logsOf(cluster, join(folder, 'cluster')) : [],
    });
    stops.push(() => receiver.stop());
    onProgress(`receiver runs at ${receiver.url}`);

    const apiServers = definition.connects
      ? bareApiServers(cluster.apiServerCount)
      : await renderApiServerFiles(product, definition, cluster.apiServerCount, folder, certificateFolder, receiver.url);
    const fromManifests = definition.connects ?? false;
    const runningCluster = await cluster.start({ folder: join(folder, 'cluster'), apiServers, onProgress, fromManifests });
    stops.push(() => runningCluster.stop());

    return {
      cluster: runningCluster,
      receiver,
      backend: runningBackend,
      folder,
      abandon,
      async end() {
        const final = await end({ definition, cluster: runningCluster, receiver, backend: runningBackend, folder });
        stops.length = 0;
        return final;
      },
    };
  } catch (error) {
    await abandon();
    throw error;
  }
}

/** They are not there yet: the receiver waits for them. */
function logsOf({ logFile, apiServerCount }: Cluster, folder: string): readonly { path: string; cluster: string; apiServer: string }[] {
  if (logFile === undefined) return [];
  return apiServerNames(apiServerCount).map((apiServer) => ({ path: logFile(folder, apiServer), cluster: CLUSTER_NAME, apiServer }));
}

function apiServerNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `kube-apiserver-${index + 1}`);
}

async function renderRules(product: Product, { packs, userRules }: RunDefinition, folder: string): Promise<RuleFiles> {
  mkdirSync(folder, { recursive: true });
  const files = new Map<string, string>();
  for (const pack of packs) {
    const packFolder = join(folder, pack);
    await product.run(rulesRender(pack, packFolder));
    for (const name of readdirSync(packFolder)) files.set(name, readFileSync(join(packFolder, name), 'utf8'));
  }
  if (userRules !== undefined) files.set('local_rules.xml', (files.get('local_rules.xml') ?? '') + userRules);
  return files;
}

function bareApiServers(count: number): readonly ApiServerStart[] {
  return Array.from({ length: count }, (_, index) => ({ name: `kube-apiserver-${index + 1}`, auditFlags: [] }));
}

async function renderApiServerFiles(
  product: Product,
  { policy, load, cutsOffSecond }: RunDefinition,
  count: number,
  folder: string,
  certificateFolder: string,
  receiverUrl: string,
): Promise<readonly ApiServerStart[]> {
  const { host } = new URL(receiverUrl);
  const policyFile = join(folder, 'audit-policy.yaml');
  writeFileSync(policyFile, policy === 'everything' ? EVERYTHING_POLICY : await product.run(policyRender(policy)));
  const apiServers: ApiServerStart[] = [];
  for (const [index, name] of apiServerNames(count).entries()) {
    const isCutOff = cutsOffSecond === true && index === 1;
    const receiver = isCutOff ? NOBODY : host;
    const webhookFile = join(folder, `${name}.webhook.yaml`);
    const files = clusterCertificate(certificateFolder, CLUSTER_NAME);
    writeFileSync(webhookFile, await product.run(webhookRender({ receiver, cluster: CLUSTER_NAME, apiServer: name, files })));
    const auditFlags =
      load === 'recommended'
        ? (await product.run(webhookFlags(host, CLUSTER_NAME, policyFile, webhookFile))).trim().split('\n')
        : [`--audit-policy-file=${policyFile}`, `--audit-webhook-config-file=${webhookFile}`, ...QUICK_FLAGS];
    apiServers.push({ name, auditFlags: isCutOff ? [...auditFlags, HASTY_FLAG] : auditFlags });
  }
  return apiServers;
}

async function end({
  definition,
  cluster,
  receiver,
  backend,
  folder,
}: Pick<TestGround, 'cluster' | 'receiver' | 'backend' | 'folder'> & { readonly definition: RunDefinition }): Promise<FinalState> {
  const { complaints } = await cluster.stop();
  const witness = new Map(await Promise.all(cluster.apiServers.map(async (each) => [each.name, await each.witness()] as const)));
  // Of one that posts to nobody nothing can be waited for.
  const heard = [...witness.values()].slice(0, definition.cutsOffSecond === true ? 1 : undefined);
  const made = heard.flatMap(({ sent }) => sent.map(eventKey));

  await drained(async () => {
    const archived = countArchived(await backend.archives());
    return made.every((key) => archived.has(key));
  });
  const { books, complaints: receiverComplaints } = await receiver.stop();
  const backendComplaints = await backend.stop();
  return {
    books,
    witness,
    alerts: await backend.alerts(),
    archives: await backend.archives(),
    complaints: [...complaints, ...receiverComplaints, ...backendComplaints],
    productFiles: filesBelow(folder, ['cluster', 'certificates']),
  };
}

async function drained(isDrained: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + DRAIN_WITHIN_MS;
  while (!(await isDrained()) && performance.now() < deadlineMs) await sleep(POLL_MS);
}

/** The cluster's own files and the certificates are none of the product's output. */
function filesBelow(folder: string, except: readonly string[]): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !except.some((name) => path.startsWith(`${join(folder, name)}/`)));
}
