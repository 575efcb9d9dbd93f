import { type Condition as RuleCondition, type RuleDefinition, renderRuleFile } from '@k8s-audit/wazuh-rules';
import { CORE_DETECTIONS } from '../catalogue.ts';
import { escapePattern, ruleConditionsOf } from '../condition/rule-conditions.ts';
import type { Detection } from '../detection.ts';
import { healthRules } from '../health/health-rules.ts';
import { LEVEL_BY_SEVERITY, type Severity } from '../severity.ts';

/** Sorts before local_rules.xml, so that a user's rules may hang below ours. */
export const CORE_RULES_FILE = 'k8s_audit_rules.xml';
/** Sorts last. */
export const END_RULES_FILE = 'zz_k8s_audit_end.xml';

const BASE_OFFSET = 0;
const END_OFFSET = 999;

/**
 * An audit event of ours: the marker, and a place that neither a container's log nor an agent can have (`audit` is no address).
 * No `decoded_as`: a text inside an event can turn the decoder's name into another.
 */
const AUDIT_EVENT: readonly RuleCondition[] = [
  { kind: 'location', pattern: { type: 'pcre2', text: String.raw`^(\([A-Za-z0-9._-]+\) audit->)?k8s$`, negate: false } },
  { kind: 'field', name: 'k8s.schema', pattern: { type: 'pcre2', text: '^1$', negate: false } },
];

/** The rules by name of their file, for the ids from `idBase` on. */
export function renderCorePack(idBase: number): ReadonlyMap<string, string> {
  const base = idBase + BASE_OFFSET;
  const rules = CORE_DETECTIONS.flatMap((detection) => rulesOf(detection, base));
  return new Map([
    [
      CORE_RULES_FILE,
      renderRuleFile({
        comment: [
          'Made by k8s-audit from its detections, and replaced with each new version. Rules of your own belong into local_rules.xml,',
          `below the base rule (if_sid ${base}) or below a detection.`,
        ],
        groups: [
          { name: 'k8s_audit,', rules: [baseRule(base)] },
          { name: 'k8s_audit,k8s_detection,', rules },
          { name: 'k8s_audit,k8s_health,', rules: healthRules(idBase) },
        ],
      }),
    ],
    [
      END_RULES_FILE,
      renderRuleFile({
        comment: ['Takes what no rule above asked for, before a stock rule takes it for a word in a user agent.'],
        groups: [{ name: 'k8s_audit,', rules: [endRule(idBase + END_OFFSET)] }],
      }),
    ],
  ]);
}

/** Level 0 and noalert: where no child matches, the search goes on, to the guide's rules and a user's own. */
function baseRule(id: number): RuleDefinition {
  return {
    id,
    level: 0,
    noalert: true,
    parents: { kind: 'category', category: 'syslog' },
    conditions: AUDIT_EVENT,
    options: ['no_ar'],
    description: 'Kubernetes audit event.',
  };
}

function endRule(id: number): RuleDefinition {
  return {
    id,
    level: 0,
    parents: { kind: 'category', category: 'syslog' },
    conditions: AUDIT_EVENT,
    options: ['no_ar'],
    description: 'Kubernetes audit event, nothing to report.',
  };
}

/**
 * The detection's own rule and below it one for each escalation: Wazuh reports the last that matches, so exactly one of them alerts,
 * and who silences the detection's rule silences them all.
 */
function rulesOf(detection: Detection, base: number): readonly RuleDefinition[] {
  const rule = (ruleOffset: number, parent: number, severity: Severity, conditions: readonly RuleCondition[]): RuleDefinition => ({
    id: base + ruleOffset,
    level: LEVEL_BY_SEVERITY[severity],
    parents: { kind: 'sid', ids: [parent] },
    conditions,
    // An automatic firewall-drop on the source of an audit event may cut a load balancer, and with it the cluster, off.
    options: ['no_ar'],
    mitre: { ids: detection.attack, pairs: [] },
    group: `${[...detection.groups, ...detection.compliance].join(',')},`,
    description: detection.description,
  });
  const own = [...ruleConditionsOf(detection.condition), notExcepted(detection.slug)];
  return [
    rule(detection.ruleOffset, base, detection.severity, own),
    ...(detection.escalations ?? []).map(({ ruleOffset, severity, when }) =>
      rule(ruleOffset, base + detection.ruleOffset, severity, ruleConditionsOf(when)),
    ),
  ];
}

/** A condition of the rule and not a child of level 0, which would silence every other detection of the same event. */
function notExcepted(slug: string): RuleCondition {
  return { kind: 'field', name: 'k8s.excepted', pattern: { type: 'pcre2', text: `(^|,)${escapePattern(slug)}(,|$)`, negate: true } };
}
