import { CORE_DETECTIONS } from '../catalogue.ts';
import type { WireFields } from '../condition/evaluate.ts';
import type { Detection } from '../detection.ts';
import { wireFields, wireMessage } from '../example-event.ts';
import type { PackName, PackOptions } from './pack.ts';
import { DEFAULT_ID_BASE } from './rule-ids.ts';

/** An event, and what a pack's rules must make of it. */
export interface PackExample {
  /** The detection's slug; of the pack `guide` the rule's id. */
  readonly about: string;
  readonly title: string;
  /** As it goes to Wazuh's queue: `1:k8s:{…}`. */
  readonly message: string;
  /** `alerts`: the result is this rule, and it alerts. `quiet`: the result is none of these rules. */
  readonly expected: { readonly kind: 'alerts'; readonly rule: number } | { readonly kind: 'quiet'; readonly rules: readonly number[] };
}

/** Every example of a pack's detections. */
export function packExamples(name: PackName, { idBase = DEFAULT_ID_BASE }: PackOptions = {}): readonly PackExample[] {
  return name === 'guide' ? GUIDE_EXAMPLES : CORE_DETECTIONS.flatMap((detection) => examplesOf(detection, idBase));
}

function examplesOf(detection: Detection, idBase: number): readonly PackExample[] {
  const rules = [detection.ruleOffset, ...(detection.escalations ?? []).map(({ ruleOffset }) => ruleOffset)].map(
    (offset) => idBase + offset,
  );
  return detection.examples.map(({ title, alerts, k8s }) => ({
    about: detection.slug,
    title,
    message: wireMessage(wireFields(k8s)),
    expected: alerts === 'none' ? { kind: 'quiet', rules } : { kind: 'alerts', rule: idBase + alerts },
  }));
}

/** The guide's rules see nothing but the verb behind the URI. */
const GUIDE_EXAMPLES: readonly PackExample[] = [
  guideExample('110003', 'a deployment is created', { verb: 'create' }, 110_003),
  guideExample(
    '110003',
    'an access review is created',
    { verb: 'create', requestURI: '/apis/authorization.k8s.io/v1/subjectaccessreviews' },
    110_003,
  ),
  guideExample('110003', 'a deployment is changed', { verb: 'update' }, 'quiet'),
  guideExample('110003', 'a body speaks of creating', { verb: 'get', request: '{"requestURI": "/x", "verb": "create"}' }, 'quiet'),
  guideExample('110004', 'a deployment is deleted', { verb: 'delete' }, 110_004),
  guideExample('110004', 'all deployments are deleted', { verb: 'deletecollection' }, 110_004),
  guideExample('110004', 'deployments are listed', { verb: 'list' }, 'quiet'),
];

function guideExample(about: string, title: string, changes: WireFields, rule: number | 'quiet'): PackExample {
  return {
    about,
    title,
    message: wireMessage(wireFields(changes)),
    expected: rule === 'quiet' ? { kind: 'quiet', rules: [Number(about)] } : { kind: 'alerts', rule },
  };
}
