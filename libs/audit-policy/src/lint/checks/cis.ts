import { askCis322, type CisConcern } from '../../cis/cis-3-2-2.ts';
import { finding, keyAt, type LintContext, valueAt } from '../context.ts';
import { describeRequest } from '../describe-request.ts';
import type { Finding, FindingKind } from '../finding.ts';

export const CIS_322: FindingKind = {
  id: 'cis-3-2-2',
  severity: 'warning',
  title: 'CIS Kubernetes Benchmark 3.2.2 is not met',
  why: 'The benchmark asks that the audit policy covers key security concerns: access to secrets (at Metadata only, as config maps and token reviews), changes of pods and deployments, the use of pods/exec, pods/portforward, pods/proxy and services/proxy, and Metadata for most other requests.',
  remedy:
    'Record what the message names at the level that it names. Evidence is a request and the rule that decides it; `policy explain` shows why.',
  example: '- level: None\n  resources:\n  - group: ""\n    resources: [pods/exec]\n- level: Metadata\n',
};

export const CIS_KINDS: readonly FindingKind[] = [CIS_322];

export function* checkCis({ search, rules, root }: LintContext): Iterable<Finding> {
  if (search === undefined || root === undefined) return;
  for (const concern of askCis322(search)) {
    const [evidence] = concern.failing;
    if (evidence === undefined) continue;
    const index = evidence.decision.matchedRule;
    const view = index === undefined ? undefined : rules[index];
    yield finding(CIS_322, view === undefined ? keyAt(root, 'rules') : valueAt(view.data, 'level'), {
      path: view === undefined ? 'rules' : `${view.path}.level`,
      message: `CIS 3.2.2, ${concern.title}: ${describeRequest(evidence.request)} is recorded at ${evidence.decision.level}${index === undefined ? ', since no rule matches' : ''}${others(concern)}`,
      advice: concern.remedy,
      severity: concern.status === 'partly' ? 'info' : 'warning',
    });
  }
}

function others({ failing }: CisConcern): string {
  return failing.length > 1 ? ` (and ${failing.length - 1} more)` : '';
}
