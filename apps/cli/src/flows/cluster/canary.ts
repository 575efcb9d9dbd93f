import { createEvaluator, type Policy, type RequestAttributes } from '@k8s-audit/audit-policy';
import type { CanaryRequest } from '@k8s-audit/cluster';

/** Requests that nobody is harmed by, even where anonymous users may do everything: dry runs, an empty pod, a name that does not exist. */
const CANDIDATES: readonly (CanaryRequest & { readonly attributes: Partial<RequestAttributes> })[] = [
  { verb: 'DELETE', path: '/api/v1/namespaces/default/pods/k8s-audit-canary?dryRun=All', attributes: pods('delete', 'k8s-audit-canary') },
  { verb: 'POST', path: '/api/v1/namespaces/default/pods?dryRun=All', attributes: pods('create', '') },
  { verb: 'GET', path: '/api/v1/namespaces/default/pods/k8s-audit-canary', attributes: pods('get', 'k8s-audit-canary') },
  { verb: 'GET', path: '/k8s-audit-canary', attributes: { resourceRequest: false, verb: 'get', path: '/k8s-audit-canary' } },
];

/** A request without credentials of which this policy records an event. Undefined: it records nothing of anonymous users. */
export function canaryFor(policy: Policy): CanaryRequest | undefined {
  const decide = createEvaluator(policy);
  return CANDIDATES.find(({ attributes }) => decide({ ...ANONYMOUS, ...attributes }).level !== 'None');
}

const ANONYMOUS: RequestAttributes = {
  user: { username: 'system:anonymous', groups: ['system:unauthenticated'] },
  verb: '',
  resourceRequest: true,
  path: '',
  namespace: '',
  apiGroup: '',
  apiVersion: 'v1',
  resource: '',
  subresource: '',
  name: '',
};

function pods(verb: string, name: string): Partial<RequestAttributes> {
  return { verb, namespace: 'default', resource: 'pods', name, path: `/api/v1/namespaces/default/pods${name === '' ? '' : `/${name}`}` };
}
