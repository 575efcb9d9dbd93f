import { CORE_DETECTIONS } from './catalogue.ts';
import { compileCondition, type WireFields } from './condition/evaluate.ts';

const COMPILED = CORE_DETECTIONS.map(({ slug, condition }) => ({ slug, truthOf: compileCondition(condition) }));

/**
 * The slugs of every detection that an event matches, in the order of the catalogue: the wire event's `k8s.detections`.
 *
 * The rules of the pack decide about the alert; this says what else is true, because Wazuh reports only one rule an event.
 * Exceptions are not looked at: an excepted detection still matches.
 *
 * @param k8s the object `k8s` of the wire event as it will be sent: action, outcome, actor, stage and facts already computed
 */
export function detect(k8s: WireFields): readonly string[] {
  return COMPILED.filter(({ truthOf }) => truthOf(k8s) === 'true').map(({ slug }) => slug);
}
