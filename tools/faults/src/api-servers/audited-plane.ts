import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditFlags, computeLoadFlags, type Flag, parseWebhookAddress, renderWebhookKubeconfig } from '@k8s-audit/apiserver-config';
import { type ControlPlane, ensureTestbedBinary, findFreePorts, type RunningApiServer, startControlPlane } from '@k8s-audit/testbed';
import { CLUSTER, type RunCertificates } from '../certificates.ts';

/** One API server a row, each with its own flags and its own receiver, all on one etcd. */
export const API_SERVERS = ['outage-60', 'outage-180', 'guide', 'unanswered'] as const;
export type ApiServerName = (typeof API_SERVERS)[number];

export interface AuditedPlane {
  /** The receiver of this API server must listen here. */
  portOf(name: ApiServerName): number;
  /** Resolves when the API servers are ready; their first events are on the way by then. */
  readonly ready: Promise<ControlPlane>;
  server(name: ApiServerName): Promise<RunningApiServer>;
}

/** What an audit policy of a quiet cluster records: everything but the counters' own page. One event a request. */
const POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: None
    nonResourceURLs: ['/metrics', '/readyz*', '/livez*', '/healthz*']
  - level: Metadata
`;

let shared: { readonly plane: Promise<AuditedPlane>; users: number } | undefined;

/** The plane is started by the first row that needs it and stopped by the last. */
export async function usePlane<Result>(
  options: { readonly folder: string; readonly certificates: RunCertificates; readonly onProgress: (line: string) => void },
  use: (plane: AuditedPlane) => Promise<Result>,
): Promise<Result> {
  shared ??= { plane: openPlane(options), users: 0 };
  const mine = shared;
  mine.users++;
  try {
    return await use(await mine.plane);
  } finally {
    mine.users--;
    if (mine.users === 0) {
      shared = undefined;
      const started = await (await mine.plane).ready.catch(() => undefined);
      await started?.stop();
    }
  }
}

async function openPlane({ folder, certificates, onProgress }: Parameters<typeof usePlane>[0]): Promise<AuditedPlane> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const ports = await findFreePorts(API_SERVERS.length);
  const ready = start();
  // A row that awaits it hears of the failure; until then it must not end the process.
  ready.catch(() => undefined);

  async function start(): Promise<ControlPlane> {
    const binary = await ensureTestbedBinary({ onProgress });
    const policyPath = write('policy.yaml', POLICY);
    const apiServers = API_SERVERS.map((name, index) => {
      const webhookPath = writeKubeconfig(name, ports[index] as number);
      return { name, flags: flagsOf(name, policyPath, webhookPath).map((flag) => `--${flag.name}=${flag.value}`) };
    });
    const plane = await startControlPlane({ binary, folder: join(folder, 'plane'), apiServers, onProgress });
    // Their requests would be events of the first API server alone.
    await plane.stopControllers();
    return plane;
  }
  function write(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }
  function writeKubeconfig(name: ApiServerName, port: number): string {
    const { authority, certificate, key } = certificates.client;
    return write(
      `${name}.kubeconfig`,
      renderWebhookKubeconfig({
        address: parseWebhookAddress(`127.0.0.1:${port}`),
        cluster: CLUSTER,
        apiServer: name,
        authorityPath: write(`${name}-ca.crt`, authority),
        certificatePath: write(`${name}.crt`, certificate),
        keyPath: write(`${name}.key`, key),
      }),
    );
  }
  return {
    portOf: (name) => ports[API_SERVERS.indexOf(name)] as number,
    ready,
    server: async (name) => (await ready).apiServers.find((each) => each.name === name) as RunningApiServer,
  };
}

/** The recommended flags, but for the guide's own three, and a shorter backoff where only the repetition matters. */
function flagsOf(name: ApiServerName, policyPath: string, webhookPath: string): readonly Flag[] {
  if (name === 'guide')
    return [
      { name: 'audit-policy-file', value: policyPath },
      { name: 'audit-webhook-config-file', value: webhookPath },
      { name: 'audit-webhook-batch-max-size', value: '1' },
    ];
  const flags = auditFlags({ policyPath, webhookPath, load: computeLoadFlags(100) });
  if (name !== 'unanswered') return flags;
  return flags.map((flag) => (flag.name === 'audit-webhook-initial-backoff' ? { ...flag, value: '1s' } : flag));
}
