import type { Stage } from '@k8s-audit/audit-events';
import { unionStages } from '../../evaluation/evaluator.ts';
import type { Data } from '../../go-json/data.ts';
import type { Policy, PolicyRule } from '../../model.ts';
import { candidatesOf } from '../../reachability/candidates.ts';
import { entryOf, finding, fixOf, keyAt, type LintContext, valueAt } from '../context.ts';
import { type Edits, isFlow, removeEntry, removeItem } from '../edits.ts';
import type { Finding, FindingKind } from '../finding.ts';
import { list } from '../wording.ts';

export const LOST_LOGINS: FindingKind = {
  id: 'lost-failed-logins',
  severity: 'warning',
  title: 'failed logins are not recorded',
  why: 'A request that nobody could authenticate (401) makes one event only, of the stage ResponseStarted. Where that stage is omitted, guessing passwords and trying stolen tokens leave no trace.',
  remedy:
    'Omit RequestReceived only. ResponseStarted costs little: beside failed logins only watches, exec, attach, log and the like have it.',
  example: '- level: Metadata\n  omitStages: [RequestReceived, ResponseStarted]\n',
};

export const LOST_OUTCOME: FindingKind = {
  id: 'lost-outcome',
  severity: 'warning',
  title: 'how requests went is not recorded',
  why: 'The status and the answer come with the stage ResponseComplete. Without it nobody can tell an attempt from a success; with RequestReceived omitted too, ordinary requests are not recorded at all, whatever the level says. Panic replaces it when the API server crashes in a request.',
  remedy: 'Omit RequestReceived only.',
  example: '- level: Request\n  omitStages: [ResponseComplete]\n',
};

export const RECEIVED_STAGE: FindingKind = {
  id: 'received-stage',
  severity: 'info',
  title: 'two events a request',
  why: 'Without `omitStages: [RequestReceived]` each request makes an event before anything is known of it, and another with all of that and the outcome. It doubles the volume for requests that never end, which are the rare ones worth it.',
  remedy: 'Omit RequestReceived for the whole policy, unless requests that crash the API server have to be seen.',
  example: '- level: Metadata\n',
};

export const STAGE_KINDS: readonly FindingKind[] = [LOST_LOGINS, LOST_OUTCOME, RECEIVED_STAGE];

export function* checkStages(context: LintContext): Iterable<Finding> {
  const { policy, rules, root } = context;
  if (policy === undefined || root === undefined) return;
  const recording = recordingRules(context, policy);
  const recordsLogins = new Set(recording.filter((index) => isForNobody(context, policy, index)));
  for (const index of recording) {
    const view = rules[index];
    const rule = policy.rules[index];
    if (view === undefined || rule === undefined) continue;
    const omitted = unionStages(policy.omitStages, rule.omitStages);
    if (rule.omitStages?.includes('ResponseStarted') && recordsLogins.has(index) && !policy.omitStages?.includes('ResponseStarted'))
      yield lostLogins(context, view.data, `${view.path}.omitStages`, rule.omitStages);
    if (rule.omitStages?.some((stage) => stage === 'ResponseComplete' || stage === 'Panic'))
      yield* lostOutcome(view.data, `${view.path}.omitStages`, rule.omitStages, omitted);
  }
  if (policy.omitStages?.includes('ResponseStarted') && recordsLogins.size > 0)
    yield lostLogins(context, root, 'omitStages', policy.omitStages);
  if (policy.omitStages !== undefined && recording.length > 0) yield* lostOutcome(root, 'omitStages', policy.omitStages, policy.omitStages);
  yield* receivedStage(context, policy, root, recording);
}

function recordingRules({ covers }: LintContext, policy: Policy): readonly number[] {
  return [...policy.rules.keys()].filter((index) => policy.rules[index]?.level !== 'None' && covers()[index]?.kind === 'escapes');
}

/** Whether a rule decides requests of somebody who is not authenticated. */
function isForNobody({ search }: LintContext, policy: Policy, index: number): boolean {
  const rule = policy.rules[index] as PolicyRule;
  if ((rule.users ?? []).length > 0 || (rule.userGroups ?? []).length > 0) return false;
  const requests = { ...candidatesOf(rule, search?.unnamed ?? ''), requesters: [{ username: null, groups: [] }] };
  return search?.coverBefore(requests, index).kind === 'escapes';
}

function lostLogins({ text }: LintContext, owner: Data, path: string, stages: readonly Stage[]): Finding {
  const index = stages.indexOf('ResponseStarted');
  return finding(LOST_LOGINS, valueAt(owner, 'omitStages', index), {
    path: `${path}[${index}]`,
    message: 'requests that fail to authenticate (401) have the stage ResponseStarted only: omitting it loses them all',
    advice: 'take ResponseStarted out of omitStages',
    fix: fixOf('record ResponseStarted', 'stated', removeStage(text, owner, index, stages.length)),
  });
}

function removeStage(text: LintContext['text'], owner: Data, index: number, count: number): Edits {
  const entry = entryOf(owner, 'omitStages');
  if (entry === undefined) return undefined;
  return count === 1 ? removeEntry(text, owner, entry) : removeItem(text, entry.value, index);
}

function* lostOutcome(owner: Data, path: string, stages: readonly Stage[], omitted: readonly Stage[]): Iterable<Finding> {
  for (const [index, stage] of stages.entries()) {
    if (stage !== 'ResponseComplete' && stage !== 'Panic') continue;
    const nothing = stage === 'ResponseComplete' && omitted.includes('RequestReceived');
    const complete = nothing
      ? 'ordinary requests are not recorded at all'
      : 'whether requests were allowed, and how they went, is not recorded';
    yield finding(LOST_OUTCOME, valueAt(owner, 'omitStages', index), {
      path: `${path}[${index}]`,
      message: `without ${stage} ${stage === 'Panic' ? 'a request that crashes its handler looks as if it never ended' : complete}`,
      advice: `take ${stage} out of omitStages`,
      severity: nothing ? 'error' : stage === 'Panic' ? 'info' : 'warning',
    });
  }
}

function* receivedStage({ rules, text }: LintContext, policy: Policy, root: Data, recording: readonly number[]): Iterable<Finding> {
  if (policy.omitStages?.includes('RequestReceived')) return;
  const twice = recording.filter((index) => !policy.rules[index]?.omitStages?.includes('RequestReceived'));
  if (twice.length === 0) return;
  const head = keyAt(root, 'rules');
  yield finding(RECEIVED_STAGE, head, {
    path: 'rules',
    message: `${list(twice.map((index) => rules[index]?.path ?? ''))} record each request twice, when it arrives and when it is answered`,
    advice: 'add omitStages: [RequestReceived] to the policy',
    fix:
      policy.omitStages !== undefined || entryOf(root, 'omitStages') !== undefined || isFlow(text, root) || head.place.column !== 1
        ? undefined
        : fixOf('omit RequestReceived for the whole policy', 'stated', [
            { place: head.place, end: head.place, text: `omitStages: [RequestReceived]\n` },
          ]),
  });
}
