import type { TestUser } from '@k8s-audit/testbed';

/** Who asks. `nobody` holds a token that no authenticator knows, `anonymous` nothing at all. */
export type Asker = CertifiedAsker | 'nobody' | 'anonymous';
export type CertifiedAsker = 'alice' | 'bob' | 'scheduler' | 'node' | 'controller' | 'endpoints' | 'operator';

/** One request, by its line and by who sends it. */
export interface Question {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly asker: Asker;
}

/** Users with a client certificate: the name and groups that their policies' rules ask for. */
export const ASKERS: Readonly<Record<CertifiedAsker, TestUser>> = {
  alice: { username: 'alice', groups: ['dev'] },
  bob: { username: 'bob', groups: [] },
  scheduler: { username: 'system:kube-scheduler', groups: [] },
  node: { username: 'system:node:n1', groups: ['system:nodes'] },
  controller: serviceAccount('kube-system', 'deployment-controller'),
  endpoints: serviceAccount('kube-system', 'endpoint-controller'),
  operator: serviceAccount('ops', 'operator'),
};

/** May do everything; all the others are refused most of it, which the policy does not see. */
export const ADMINISTRATOR: string = ASKERS.alice.username;

/** What each of them asks. Between them they meet every rule of every profile, and miss each by little. */
const LINES: readonly string[] = [
  'GET /healthz',
  'GET /livez/ping',
  'HEAD /readyz',
  'GET /healthzz',
  'GET /version',
  'GET /metrics/other',
  'GET /logs',
  'GET /swagger.json',
  'GET /apis',
  'GET /apis/apps/v1',
  'GET /openapi/v2/other',
  'POST /any-path',
  'GET /api/v1/namespaces/prod/secrets',
  'GET /api/v1/namespaces/test/secrets/x',
  'GET /api/v1/secrets?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dx',
  'POST /api/v1/namespaces/prod/secrets?dryRun=All',
  'PATCH /api/v1/namespaces/prod/configmaps/x?dryRun=All',
  'POST /api/v1/namespaces/default/serviceaccounts/default/token?dryRun=All',
  'POST /apis/authentication.k8s.io/v1/tokenreviews?dryRun=All',
  'POST /apis/authorization.k8s.io/v1/subjectaccessreviews?dryRun=All',
  'GET /api/v1/namespaces/prod/pods/x/exec?command=sh',
  'POST /api/v1/namespaces/prod/pods/x/attach',
  'GET /api/v1/namespaces/test/pods/x/log',
  'GET /api/v1/pods?limit=1',
  'GET /api/v1/namespaces/prod/pods?watch=1&timeoutSeconds=1',
  'POST /api/v1/namespaces/test/pods?dryRun=All',
  'PUT /api/v1/namespaces/prod/pods/x?dryRun=All',
  'PATCH /api/v1/namespaces/prod/pods/x/ephemeralcontainers?dryRun=All',
  'DELETE /api/v1/namespaces/prod/pods/x?dryRun=All',
  'DELETE /api/v1/namespaces/prod/pods?dryRun=All',
  'OPTIONS /api/v1/namespaces/prod/pods',
  'GET /api/v1/nodes/n1',
  'PATCH /api/v1/nodes/n1/status?dryRun=All',
  'POST /api/v1/namespaces/test/events?dryRun=All',
  'DELETE /api/v1/namespaces/prod/events?dryRun=All',
  'PUT /apis/coordination.k8s.io/v1/namespaces/kube-system/leases/x?dryRun=All',
  'PATCH /apis/apps/v1/namespaces/prod/deployments/x?dryRun=All',
  'PUT /apis/apps/v1/namespaces/prod/deployments/x/status?dryRun=All',
  'PATCH /apis/apps/v1/namespaces/prod/deployments/x/scale?dryRun=All',
  'POST /apis/rbac.authorization.k8s.io/v1/clusterrolebindings?dryRun=All',
  'PUT /apis/certificates.k8s.io/v1/certificatesigningrequests/x/approval?dryRun=All',
  'POST /apis/certificates.k8s.io/v1/certificatesigningrequests?dryRun=All',
  'GET /api/v1/namespaces/prod/endpoints/x',
  'PUT /api/v1/namespaces/prod/endpoints/x?dryRun=All',
  'GET /apis/example.com/v1/namespaces/prod/widgets/x',
];

export const QUESTIONS: readonly Question[] = [...(Object.keys(ASKERS) as Asker[]), 'nobody' as const, 'anonymous' as const].flatMap(
  (asker) =>
    LINES.map((line): Question => {
      const [method = '', url = ''] = line.split(' ');
      return { method, url, asker };
    }),
);

function serviceAccount(namespace: string, name: string): TestUser {
  return {
    username: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
  };
}
