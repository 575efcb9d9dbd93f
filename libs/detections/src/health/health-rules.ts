import { HEALTH_KINDS, type HealthKind } from '@k8s-audit/event-pipeline';
import type { RuleDefinition } from '@k8s-audit/wazuh-rules';
import { escapePattern } from '../condition/rule-conditions.ts';
import { LEVEL_BY_SEVERITY, type Severity } from '../severity.ts';

interface HealthRule {
  /** id = base + offset, in the block 900..998. Never used again for something else. */
  readonly offset: number;
  readonly severity: Severity;
  readonly title: string;
  /** ATT&CK ids, where an attacker's deed looks like this. */
  readonly attack?: readonly string[];
}

/** The parent of all of them: level 0, so that a kind that this version does not know stays silent. */
const HEALTH_OFFSET = 900;
const RESOLVED_OFFSET = 990;

/** What costs events, or may be an attacker who blinds us, is high; what leads there, medium. */
export const HEALTH_RULES: Readonly<Record<HealthKind, HealthRule>> = {
  'cluster-silent': { offset: 901, severity: 'high', title: 'a cluster is silent', attack: ['T1562.008'] },
  'apiserver-silent': { offset: 902, severity: 'high', title: 'an API server is silent', attack: ['T1562.008'] },
  'apiserver-drops': { offset: 903, severity: 'high', title: 'an API server dropped audit events' },
  'clients-refused': { offset: 904, severity: 'medium', title: 'clients were refused' },
  'spool-filling': { offset: 905, severity: 'medium', title: 'events wait on disk' },
  'spool-full': { offset: 906, severity: 'high', title: 'the spool is full' },
  'spool-damaged': { offset: 907, severity: 'high', title: 'accepted events were lost on disk' },
  'certificate-ending': { offset: 908, severity: 'medium', title: 'a certificate or token ends soon' },
  'certificate-ended': { offset: 909, severity: 'high', title: 'a certificate or token has ended' },
  'events-late': { offset: 910, severity: 'low', title: 'events arrived late' },
  'wazuh-drops': { offset: 911, severity: 'high', title: 'Wazuh dropped events' },
  'log-gap': { offset: 914, severity: 'high', title: 'a log file was removed or emptied before it was read', attack: ['T1070.002'] },
  'migration-open': { offset: 912, severity: 'low', title: 'clients without a certificate may post' },
  'configuration-stale': { offset: 913, severity: 'medium', title: 'the configuration is broken' },
};

/** The rules 1189xx: one a kind, and one for whatever is over. Each below the base rule of the pack, as detections are. */
export function healthRules(idBase: number): readonly RuleDefinition[] {
  const parent = idBase + HEALTH_OFFSET;
  return [
    {
      id: parent,
      level: 0,
      parents: { kind: 'sid', ids: [idBase] },
      conditions: [condition('k8s.health.kind', '.')],
      options: ['no_ar'],
      description: 'Kubernetes audit pipeline: $(k8s.health.detail)',
    },
    ...kinds().map(
      ([kind, { offset, severity, title, attack = [] }]): RuleDefinition => ({
        id: idBase + offset,
        level: LEVEL_BY_SEVERITY[severity],
        parents: { kind: 'sid', ids: [parent] },
        conditions: [condition('k8s.health.kind', `^${escapePattern(kind)}$`), condition('k8s.health.state', '^(problem|lasting)$')],
        options: ['no_ar'],
        mitre: { ids: attack, pairs: [] },
        description: `Kubernetes audit pipeline, ${title}: $(k8s.health.detail)`,
      }),
    ),
    {
      id: idBase + RESOLVED_OFFSET,
      level: LEVEL_BY_SEVERITY.info,
      parents: { kind: 'sid', ids: [parent] },
      conditions: [condition('k8s.health.state', '^resolved$')],
      options: ['no_ar'],
      description: 'Kubernetes audit pipeline, over: $(k8s.health.kind), $(k8s.health.detail)',
    },
  ];
}

/** For the reference page: id, level, kind, title and meaning. */
export function healthRuleTable(idBase: number): readonly { id: number; level: number; kind: string; says: string }[] {
  return [
    ...kinds().map(([kind, { offset, severity }]) => ({
      id: idBase + offset,
      level: LEVEL_BY_SEVERITY[severity],
      kind,
      says: HEALTH_KINDS[kind],
    })),
    { id: idBase + RESOLVED_OFFSET, level: LEVEL_BY_SEVERITY.info, kind: '(any)', says: 'what was reported before is over' },
  ];
}

function kinds(): readonly (readonly [HealthKind, HealthRule])[] {
  return Object.entries(HEALTH_RULES) as unknown as readonly (readonly [HealthKind, HealthRule])[];
}

function condition(name: string, pattern: string): RuleDefinition['conditions'][number] {
  return { kind: 'field', name, pattern: { type: 'pcre2', text: pattern, negate: false } };
}
