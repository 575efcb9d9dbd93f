import type { DrillGround } from '../drill.ts';

/** On every node of a kubeadm cluster already; does nothing, and says its version with `-v`. */
const IMAGE = 'registry.k8s.io/pause:3.10';
/** What the strictest Pod Security level asks for. */
const SECURITY = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};
/** A service account of the drill's own: a new namespace’s default one comes some moments later, and this one may do nothing. */
export const SERVICE_ACCOUNT = 'drill';

export const CONTAINER: { readonly name: string; readonly image: string; readonly securityContext: object } = {
  name: 'main',
  image: IMAGE,
  securityContext: SECURITY,
};

export async function createServiceAccount({ namespace, prepare }: DrillGround): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  const { items } = (await prepare({ method: 'GET', path })) as {
    readonly items: readonly { readonly metadata: { readonly name: string } }[];
  };
  if (items.some(({ metadata }) => metadata.name === SERVICE_ACCOUNT)) return;
  await prepare({ method: 'POST', path, body: { metadata: { name: SERVICE_ACCOUNT } } });
}

/** A pod that does nothing. */
export async function createPod(ground: DrillGround, name: string): Promise<void> {
  await createServiceAccount(ground);
  const spec = {
    containers: [CONTAINER],
    serviceAccountName: SERVICE_ACCOUNT,
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
  };
  await ground.prepare({ method: 'POST', path: `/api/v1/namespaces/${ground.namespace}/pods`, body: { metadata: { name }, spec } });
}

/** A deployment without any replica. */
export function deployment(name: string): object {
  const labels = { app: name };
  return {
    metadata: { name },
    spec: { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [CONTAINER] } } },
  };
}

export function deploymentsPath({ namespace }: DrillGround): string {
  return `/apis/apps/v1/namespaces/${namespace}/deployments`;
}
