import type { WireFields } from './condition/evaluate.ts';

/** An ordinary event: a person creates a deployment, and it is done. */
const ORDINARY: WireFields = {
  schema: '1',
  cluster: 'prod-eu',
  action: 'create deployments',
  outcome: 'allowed',
  actor: 'human',
  facts: {},
  detections: [],
  excepted: '-',
  unseen: 'request,response',
  level: 'Metadata',
  auditID: '6ae321a6-0735-41a6-a9d9-050f9a75644c',
  stage: 'ResponseComplete',
  requestURI: '/apis/apps/v1/namespaces/default/deployments?fieldManager=kubectl-create&fieldValidation=Strict',
  verb: 'create',
  user: { username: 'alice', groups: ['dev', 'system:authenticated'] },
  sourceIPs: ['10.0.0.7'],
  userAgent: 'kubectl/v1.35.4 (linux/amd64) kubernetes/8adc0f0',
  objectRef: { resource: 'deployments', namespace: 'default', name: 'web', apiGroup: 'apps', apiVersion: 'v1' },
  responseStatus: { code: '201' },
};

/** The object `k8s` of an ordinary event with some fields changed. */
export function wireFields(changes: WireFields = {}): WireFields {
  return { ...ORDINARY, ...changes };
}

/** The whole message for wazuh-analysisd, with the separators of the wire event. */
export function wireMessage(k8s: WireFields, location = 'k8s'): string {
  const document = { apiVersion: 'audit.k8s.io/v1', kind: 'Event', srcip: '10.0.0.7', k8s };
  return `1:${location}:${spaced(document)}`;
}

function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${spaced(member)}`);
  return `{${members.join(', ')}}`;
}
