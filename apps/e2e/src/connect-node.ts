import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningApiServer } from './cluster.ts';
import { type CommandLine, clusterConnect, clusterDisconnect, clusterSettle, doctorOfNode } from './product.ts';
import type { CommandOutcome, Product, ProductCommand } from './product-process.ts';
import { CLUSTER_NAME, type ScenarioContext } from './scenario.ts';

/** An API server that is told to end while it starts is killed after the kubelet's 30 s; then it starts, beside a full test run in 10 to 20 s. */
const WAIT_SECONDS = 90;
const POLL_MS = 5;

/** A control-plane node under `cluster connect`: commands run on it, and what is on its disk. */
export interface ConnectNode {
  readonly name: string;
  readonly root: string;
  /** The node's manifest, byte for byte. */
  manifest(): string;
  /** Every file of /etc with its mode and text, by path; backups left out. */
  files(): Readonly<Record<string, string>>;
  /** Names of what the kubelet would take for pods. */
  pods(): readonly string[];
  connect(extra?: readonly string[]): Promise<CommandOutcome>;
  disconnect(): Promise<CommandOutcome>;
  settle(how: 'resume' | 'rollback'): Promise<CommandOutcome>;
  /** What the doctor finds there, by check: `ok`, or what it complains about. */
  doctor(kubeconfigFile: string): Promise<Readonly<Record<string, string>>>;
  /** Starts a connect and kills it, without a warning, as soon as `isReached`. */
  killedConnect(extra: readonly string[], isReached: (command: ProductCommand) => boolean): Promise<void>;
  /** Whether `path` of the node is there. */
  has(path: string): boolean;
}

export function createConnectNode(context: ScenarioContext, apiServer: RunningApiServer): ConnectNode {
  const { node, name } = apiServer;
  assert.ok(node !== undefined, `${name} does not run from a manifest`);
  const { root, manifestFile } = node;
  const product: Product = context.product;
  const line = (extra: readonly string[]): CommandLine =>
    clusterConnect({
      cluster: CLUSTER_NAME,
      root,
      apiServer: name,
      receiver: new URL(context.receiver.url).host,
      certificates: dirname(context.receiver.certificate(CLUSTER_NAME).certificate),
      waitSeconds: WAIT_SECONDS,
      extra,
    });
  return {
    name,
    root,
    manifest: () => readFileSync(manifestFile, 'utf8'),
    files: () => readTree(join(root, 'etc'), ['k8s-audit-backup']),
    pods: () => readdirSync(dirname(manifestFile)).filter((each) => !each.startsWith('.')),
    connect: (extra = []) => product.attempt(line(extra)),
    disconnect: () => product.attempt(clusterDisconnect({ cluster: CLUSTER_NAME, root, waitSeconds: WAIT_SECONDS })),
    settle: (how) => product.attempt(clusterSettle({ how, root, waitSeconds: WAIT_SECONDS })),
    async doctor(kubeconfigFile) {
      const { stdout } = await product.attempt(doctorOfNode(root, manifestFile, kubeconfigFile));
      const { results } = JSON.parse(stdout) as { results: { check: { id: string }; finding: { kind: string; seen?: string } }[] };
      return Object.fromEntries(results.map(({ check, finding: { kind, seen } }) => [check.id, kind === 'ok' ? kind : `${kind}: ${seen}`]));
    },
    async killedConnect(extra, isReached) {
      const command = product.begin(line(extra));
      while (!isReached(command)) {
        assert.ok(command.isRunning(), `it ended before it could be killed:\n${command.said()}`);
        await sleep(POLL_MS);
      }
      command.kill();
      const { code } = await command.ended;
      assert.equal(code, null, 'it was not killed');
    },
    has: (path) => existsSync(join(root, path)),
  };
}

function readTree(folder: string, except: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !except.some((name) => entry.parentPath.includes(`/${name}`)))
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((path) => [path, `${(statSync(path).mode & 0o7777).toString(8)} ${readFileSync(path, 'utf8')}`]),
  );
}
