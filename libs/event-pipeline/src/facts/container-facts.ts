import type { JsonObject } from '@k8s-audit/audit-events';
import { type FactDraft, setFact, setFlag } from './fact.ts';
import { asObject, asObjects, asText, asTexts, at } from './json-reading.ts';

/** Risks of the containers together: which of them it is tells the body. */
export function containerFacts(
  containers: readonly JsonObject[],
  podContext: JsonObject | undefined,
  facts: FactDraft,
  annotations?: JsonObject,
): void {
  const contexts = containers.map((container) => asObject(container['securityContext']) ?? {});
  setFlag(
    facts,
    'privileged',
    contexts.some((context) => context['privileged'] === true),
  );
  setFlag(
    facts,
    'privilegeEscalation',
    contexts.some((context) => context['allowPrivilegeEscalation'] === true),
  );
  setFlag(facts, 'runAsRoot', runsAsRoot(contexts, podContext));
  setFact(
    facts,
    'capabilities',
    joinedOnce(contexts.flatMap((context) => asTexts(at(context, 'capabilities', 'add')).map(capability)).sort()),
  );
  setFact(facts, 'unconfined', joinedOnce(unconfined([...contexts, podContext ?? {}], annotations)));
  setFact(facts, 'images', joinedOnce(containers.flatMap((container) => asText(container['image']) ?? [])));
  setFact(facts, 'hostPorts', joinedOnce(containers.flatMap(hostPorts)));
}

/** A container's own word goes before the pod's. Without any the image decides, which nobody sees here. */
function runsAsRoot(contexts: readonly JsonObject[], podContext: JsonObject | undefined): boolean {
  const ofPod = podContext?.['runAsUser'] === 0;
  if (contexts.length === 0) return ofPod;
  return contexts.some((context) => (context['runAsUser'] === undefined ? ofPod : context['runAsUser'] === 0));
}

/** The kernel's CAP_ prefix is optional and the case is not fixed in all runtimes: one spelling for all. */
function capability(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, '');
}

function unconfined(contexts: readonly JsonObject[], annotations: JsonObject | undefined): readonly string[] {
  const off: string[] = [];
  const some = (holds: (context: JsonObject) => boolean): boolean => contexts.some(holds);
  if (some((context) => at(context, 'seccompProfile', 'type') === 'Unconfined')) off.push('seccomp');
  const byAnnotation = Object.entries(annotations ?? {}).some(
    ([key, value]) => key.startsWith('container.apparmor.security.beta.kubernetes.io/') && value === 'unconfined',
  );
  if (byAnnotation || some((context) => at(context, 'appArmorProfile', 'type') === 'Unconfined')) off.push('apparmor');
  if (some((context) => context['procMount'] === 'Unmasked')) off.push('procmount');
  if (
    some((context) => /^(?:spc_t|container_(?:kvm|engine|init)_t|unconfined_t)$/.test(asText(at(context, 'seLinuxOptions', 'type')) ?? ''))
  ) {
    off.push('selinux');
  }
  return off;
}

function hostPorts(container: JsonObject): readonly string[] {
  return asObjects(container['ports']).flatMap(({ hostPort }) => (typeof hostPort === 'number' && hostPort > 0 ? String(hostPort) : []));
}

function joinedOnce(values: readonly string[]): string {
  return [...new Set(values)].join(',');
}
