import { type Explanation, resourceOf } from '@k8s-audit/audit-policy';
import { renderTable } from '../text-table.ts';
import type { RequestAnswer } from './explain-request.ts';

/** The answer as a person reads it: what is recorded, who decided, why nobody else did. */
export function renderAnswer(answer: RequestAnswer, policyName: string): string {
  if (answer.kind === 'not-audited')
    return `Nothing is recorded: the API server refuses the request before it audits it.\n  ${answer.reason}`;
  const { explanation } = answer;
  return [
    `policy   ${policyName}`,
    ...renderRequest(explanation),
    ...renderImpersonation(answer),
    '',
    ...renderDecision(explanation, policyName),
    ...renderPassedOver(explanation, policyName),
  ].join('\n');
}

function renderRequest({ request }: Explanation): string[] {
  const what = request.resourceRequest
    ? [
        `${request.verb === '' ? '(no verb)' : request.verb} ${resourceOf(request)}`,
        ...(request.namespace === '' ? [] : [`namespace ${request.namespace}`]),
        ...(request.name === '' ? [] : [`name ${request.name}`]),
      ].join(', ')
    : `${request.verb} ${request.path} (no resource)`;
  const who = request.user === null ? 'nobody: authentication failed' : `${request.user.username}, in ${request.user.groups.join(', ')}`;
  return [`request  ${what}`, `user     ${who}`];
}

/** Audit comes before impersonation in the API server's chain of filters (apiserver v0.36.3 pkg/server/config.go). */
function renderImpersonation({ explanation, impersonates }: Extract<RequestAnswer, { kind: 'explained' }>): string[] {
  if (impersonates === undefined) return [];
  return [`as       ${impersonates}: recorded in the event, but the policy decides by ${explanation.request.user?.username}`];
}

function renderDecision({ decision, stages, rule }: Explanation, policyName: string): string[] {
  const decided =
    rule === undefined
      ? 'no rule matches'
      : `decided by rules[${rule.index}]${rule.place === undefined ? '' : `, ${policyName}:${rule.place.line}`}`;
  return [
    `level    ${decision.level}: ${WHAT_IS_RECORDED[decision.level]}`,
    `         ${decided}`,
    `stages   ${stages.recorded.length === 0 ? 'none' : stages.recorded.join(', ')}${stages.omitted.length === 0 ? '' : ` (not ${stages.omitted.join(', ')})`}`,
    ...(decision.level !== 'None' && stages.recorded.length === 0
      ? ['         every stage that this request has is omitted: nothing is recorded']
      : []),
    ...(decision.omitManagedFields ? ['bodies   without managedFields'] : []),
  ];
}

const WHAT_IS_RECORDED = {
  None: 'nothing is recorded',
  Metadata: 'who did what, when, and how it went; no bodies',
  Request: 'and what was sent',
  RequestResponse: 'and what was sent and answered',
} as const;

function renderPassedOver({ passedOver }: Explanation, policyName: string): string[] {
  if (passedOver.length === 0) return [];
  const rows = passedOver.map(({ index, place, rule, reason }) => [
    `rules[${index}]`,
    ...(place === undefined ? [] : [`${policyName}:${place.line}`]),
    rule.level,
    reason,
  ]);
  const head = ['rule', ...(passedOver[0]?.place === undefined ? [] : ['line']), 'level', 'why not'];
  return ['', 'earlier rules do not match:', renderTable(head, rows)];
}
