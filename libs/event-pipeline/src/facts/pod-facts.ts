import type { AuditEvent, JsonObject } from '@k8s-audit/audit-events';
import { containerFacts } from './container-facts.ts';
import { type FactDraft, setFact, setFlag } from './fact.ts';
import { hostPathFacts } from './host-path-facts.ts';
import { asObject, asObjects, asText, at } from './json-reading.ts';

/** Risks of a pod, or of the pod that a workload's template describes: there they are seen before any pod exists. */
export function podFacts(event: AuditEvent, body: JsonObject, facts: FactDraft): void {
  const { resource = '', subresource = '' } = event.objectRef ?? {};
  if (resource === 'pods') {
    if (subresource === 'ephemeralcontainers') {
      // Everything else of the pod was there before.
      setFlag(facts, 'ephemeralContainer', true);
      containerFacts(asObjects(at(body, 'spec', 'ephemeralContainers')), undefined, facts);
    }
    if (subresource !== '') return;
    setFact(facts, 'owner', ownerOf(body));
    specFacts(asObject(body['spec']), asObject(at(body, 'metadata', 'annotations')), facts);
    return;
  }
  if (subresource !== '') return;
  const template = templateOf(resource, body);
  const spec = asObject(template?.['spec']);
  if (spec === undefined) return;
  setFact(facts, 'workload', asText(body['kind']) ?? KINDS.get(resource) ?? resource);
  specFacts(spec, asObject(at(template, 'metadata', 'annotations')), facts);
}

/** Own workload kinds (Rollout, Knative's Service, …) keep Kubernetes' form: `spec.template.spec`. */
function templateOf(resource: string, body: JsonObject): JsonObject | undefined {
  if (resource === 'podtemplates') return asObject(body['template']);
  if (resource === 'cronjobs') return asObject(at(body, 'spec', 'jobTemplate', 'spec', 'template'));
  return asObject(at(body, 'spec', 'template'));
}

/** For patches, which name no kind. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ['deployments', 'Deployment'],
  ['daemonsets', 'DaemonSet'],
  ['statefulsets', 'StatefulSet'],
  ['replicasets', 'ReplicaSet'],
  ['replicationcontrollers', 'ReplicationController'],
  ['jobs', 'Job'],
  ['cronjobs', 'CronJob'],
  ['podtemplates', 'PodTemplate'],
]);

function ownerOf(body: JsonObject): string | undefined {
  const owner = asObjects(at(body, 'metadata', 'ownerReferences')).find((reference) => reference['controller'] === true);
  return owner === undefined ? undefined : `${asText(owner['kind']) ?? ''}/${asText(owner['name']) ?? ''}`;
}

function specFacts(spec: JsonObject | undefined, annotations: JsonObject | undefined, facts: FactDraft): void {
  if (spec === undefined) return;
  const containers = CONTAINER_LISTS.flatMap((list) => asObjects(spec[list]));
  setFlag(facts, 'hostNetwork', spec['hostNetwork'] === true);
  setFlag(facts, 'hostPID', spec['hostPID'] === true);
  setFlag(facts, 'hostIPC', spec['hostIPC'] === true);
  setFact(facts, 'serviceAccount', asText(spec['serviceAccountName']) ?? asText(spec['serviceAccount']));
  setFact(facts, 'nodeName', asText(spec['nodeName']));
  setFlag(facts, 'ephemeralContainer', asObjects(spec['ephemeralContainers']).length > 0);
  setFlag(facts, 'toleratesControlPlane', asObjects(spec['tolerations']).some(toleratesControlPlane));
  containerFacts(containers, asObject(spec['securityContext']), facts, annotations);
  hostPathFacts(asObjects(spec['volumes']), containers, facts);
}

const CONTAINER_LISTS: readonly string[] = ['initContainers', 'containers', 'ephemeralContainers'];

/** An empty key with Exists tolerates everything (as a DaemonSet of the system does). */
function toleratesControlPlane(toleration: JsonObject): boolean {
  const key = asText(toleration['key']) ?? '';
  return key === '' ? toleration['operator'] === 'Exists' : CONTROL_PLANE_TAINTS.has(key);
}

const CONTROL_PLANE_TAINTS: ReadonlySet<string> = new Set(['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master']);
