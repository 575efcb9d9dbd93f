import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, unwatchFile, watchFile, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';

export interface StandInNode {
  readonly root: string;
  readonly manifest: string;
  readonly url: string;
  /** How often its API server was started. */
  readonly starts: () => number;
  stop(): Promise<void>;
}

const MANIFEST = '/etc/kubernetes/manifests/kube-apiserver.yaml';
const POLL_MS = 25;
const DOWN_MS = 80;

/**
 * A folder that stands for a node, and something that behaves as kubelet and API server do towards `cluster connect`: it restarts when the
 * manifest changes, dies of a policy with an unknown level, and posts events to the webhook that it is given. The real ones run in apps/e2e.
 */
export async function startStandInNode(root: string, tls: { readonly cert: string; readonly key: string }): Promise<StandInNode> {
  const path = join(root, MANIFEST);
  let server: Server = createServer(tls);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, manifestAt(port), { mode: 0o600 });
  let starts = 0;
  let queue = Promise.resolve();
  await restart(0);
  watchFile(path, { interval: POLL_MS }, () => {
    queue = queue.then(() => restart(DOWN_MS));
  });
  return {
    root,
    manifest: path,
    url: `https://127.0.0.1:${port}`,
    starts: () => starts,
    async stop() {
      unwatchFile(path);
      await queue;
      await close();
    },
  };

  async function restart(downMs: number): Promise<void> {
    await close();
    await sleep(downMs);
    const flags = flagsIn(readFileSync(path, 'utf8'));
    const policy = flags.get('audit-policy-file');
    const problem = policy === undefined ? undefined : problemOf(join(root, policy));
    const log = join(root, `var/log/pods/kube-system_kube-apiserver-n_${starts}/kube-apiserver/0.log`);
    mkdirSync(dirname(log), { recursive: true });
    starts++;
    writeFileSync(log, `2026-01-01T00:00:00Z stderr F ${problem ?? 'I0101 serving'}\n`);
    if (problem !== undefined) return;
    server = createServer(tls, (asked, response) => {
      asked.resume();
      const isProbe = asked.url === '/readyz';
      response.writeHead(isProbe ? 200 : 403).end('{}');
      if (!isProbe) post(flags.get('audit-webhook-config-file'));
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  }

  async function close(): Promise<void> {
    if (!server.listening) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }

  /** What a real one does with every audited request; its own errors are its own. */
  function post(webhook: string | undefined): void {
    if (webhook === undefined) return;
    const config = parse(readFileSync(join(root, webhook), 'utf8'));
    const read = (file: string): string => readFileSync(join(root, file), 'utf8');
    const body = JSON.stringify({
      kind: 'EventList',
      apiVersion: 'audit.k8s.io/v1',
      items: [{ level: 'Metadata', auditID: String(Math.random()), stage: 'ResponseComplete', requestURI: '/', verb: 'get', user: {} }],
    });
    const { cluster } = config.clusters[0];
    const { user } = config.users[0];
    request(
      cluster.server,
      {
        method: 'POST',
        agent: false,
        ca: read(cluster['certificate-authority']),
        cert: read(user['client-certificate']),
        key: read(user['client-key']),
      },
      (response) => response.resume(),
    )
      .on('error', () => undefined)
      .end(body);
  }
}

function problemOf(policy: string): string | undefined {
  if (!existsSync(policy)) return `E0101 loading audit policy file: open ${policy}: no such file or directory`;
  const levels = [...readFileSync(policy, 'utf8').matchAll(/level: (\w+)/g)].map(([, level]) => level);
  const odd = levels.find((level) => !['None', 'Metadata', 'Request', 'RequestResponse'].includes(level ?? ''));
  return odd === undefined ? undefined : `E0101 loading audit policy file: unknown level ${odd}`;
}

function flagsIn(manifest: string): ReadonlyMap<string, string> {
  const [container] = parse(manifest).spec.containers as readonly [{ readonly command: readonly string[] }];
  return new Map(
    container.command.flatMap((item) =>
      item.includes('=') ? [[item.slice(2, item.indexOf('=')), item.slice(item.indexOf('=') + 1)] as const] : [],
    ),
  );
}

function manifestAt(port: number): string {
  return `# this node's own
apiVersion: v1
kind: Pod
metadata:
  name: kube-apiserver
spec:
  containers:
  - command:
    - kube-apiserver
    - --advertise-address=127.0.0.1
    - --secure-port=${port}
    name: kube-apiserver
  hostNetwork: true
`;
}
