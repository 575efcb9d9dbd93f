import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { auditFlags, computeLoadFlags, parseWebhookAddress, renderFlags, renderWebhookKubeconfig } from '@k8s-audit/apiserver-config';
import { GUIDE_POLICY, renderPolicy } from '@k8s-audit/audit-policy';
import { writeFileAtomically } from '@k8s-audit/host-files';
import { siblingProgram } from '../sibling-program.ts';
import { type ChildProgram, startChildProgram } from './child-program.ts';
import { replay } from './replay.ts';
import { DEMO_CLUSTER, type Running } from './start-files.ts';

const run = promisify(execFile);

/** A cold build of Kubernetes takes 5 minutes on two idle cores, 20 on busy ones. */
const BUILD_WITHIN_MS = 45 * 60_000;

/** A recording of a real API server, or a real control plane on this machine. */
export type TrafficSource =
  | { readonly kind: 'recording'; readonly file: string; readonly listsPerSecond?: number }
  | { readonly kind: 'testbed' };

export interface Traffic {
  readonly programs: readonly ChildProgram[];
  /** Resolves when a recording is through; never for a control plane. */
  readonly finished: Promise<void>;
}

/** Sets the traffic going; the recording plays on while this returns. */
export async function startTraffic(
  source: TrafficSource,
  running: Running,
  signal: AbortSignal,
  onStep: (step: string) => void,
): Promise<Traffic> {
  if (source.kind === 'testbed') return { programs: [await startTestbed(running, onStep)], finished: new Promise(() => undefined) };
  const { client } = running.files;
  const target = {
    url: new URL(`/${DEMO_CLUSTER}/recording`, running.receiverUrl),
    authority: client.authorityPem,
    certificate: client.certificatePem,
    key: client.privateKeyPem,
  };
  const pace = source.listsPerSecond === undefined ? {} : { listsPerSecond: source.listsPerSecond };
  const finished = replay(source.file, target, { ...pace, signal }).then(({ events }) => onStep(`${events} recorded events posted`));
  return { programs: [], finished };
}

/** A control plane whose API server gets the same files and flags that a user's would. */
async function startTestbed({ files, receiverUrl }: Running, onStep: (step: string) => void): Promise<ChildProgram> {
  onStep('control plane (the first time it is built, which takes some minutes)');
  const policy = join(files.folder, 'audit-policy.yaml');
  const webhook = join(files.folder, 'audit-webhook.yaml');
  const kubeconfig = renderWebhookKubeconfig({
    address: parseWebhookAddress(new URL(receiverUrl).host),
    cluster: DEMO_CLUSTER,
    apiServer: 'testbed',
    authorityPath: files.authority,
    certificatePath: files.clientCertificate,
    keyPath: files.clientKey,
  });
  await writeFileAtomically(policy, renderPolicy(GUIDE_POLICY), { existing: 'replace' });
  await writeFileAtomically(webhook, kubeconfig, { existing: 'replace' });
  const flags = renderFlags(auditFlags({ policyPath: policy, webhookPath: webhook, load: computeLoadFlags() }), 'list')
    .trim()
    .split('\n');
  const plane = await startChildProgram('testbed', ['up', ...flags.flatMap((flag) => ['--api-server-flag', flag])], {
    // It says nothing of readiness but the path of its kubeconfig.
    readyOf: (line) => (line.endsWith('.kubeconfig') ? { kubeconfig: line } : undefined),
    readyWithinMs: BUILD_WITHIN_MS,
  });
  await createDeployment(String(plane.ready['kubeconfig']), onStep);
  return plane;
}

/** The first deed on the new cluster, and how its owner goes on: the control plane's binary is its own kubectl. */
async function createDeployment(kubeconfig: string, onStep: (step: string) => void): Promise<void> {
  const [program, ...first] = siblingProgram('testbed');
  const { stdout } = await run(program, [...first, 'build']);
  const kubectl = ['kubectl', '--kubeconfig', kubeconfig];
  const binary = stdout.trim();
  await run(binary, [...kubectl, 'create', 'deployment', 'hello-minikube', '--image=registry.k8s.io/echoserver:1.4']);
  onStep(`deployment hello-minikube created; go on with:  ${[binary, ...kubectl].join(' ')} delete deployment hello-minikube`);
}
