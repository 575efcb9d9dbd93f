import { type AuditEvent, STAGES, type Stage } from '@k8s-audit/audit-events';
import { attributesOf, explainDecision, type Policy, readPolicy, readRequestInfo, withImpliedGroups } from '@k8s-audit/audit-policy';
import { ASKERS, type Question } from './questions.ts';

/** What is recorded of a request: one event a stage, all at one level. */
export interface Recorded {
  readonly level: string;
  readonly stages: readonly string[];
}

/** The policy of a file, as `policy explain` reads it for the Kubernetes of the testbed. */
export function policyOf(text: string, kubernetesVersion: `${number}.${number}`): Policy {
  const reading = readPolicy(text, { kubernetesVersion });
  if (reading.kind === 'refused') throw new Error(reading.message);
  return reading.policy;
}

/** What `policy explain` says of a question. */
export function expectedOf(policy: Policy, { method, url, asker }: Question): Recorded {
  const reading = readRequestInfo(method, url);
  if (reading.kind === 'broken') throw new Error(reading.message);
  const { decision, stages } = explainDecision(policy, attributesOf(reading.info, userOf(asker)));
  return stages.recorded.length === 0 ? { level: 'None', stages: [] } : { level: decision.level, stages: stages.recorded };
}

/** What the API server wrote down of a request. */
export function recordedOf(events: readonly AuditEvent[]): Recorded {
  const levels = [...new Set(events.map(({ level }) => level))].sort().join(' and ');
  const order = (stage: string): number => STAGES.indexOf(stage as Stage);
  const stages = events.map(({ stage }) => stage).sort((a, b) => order(a) - order(b));
  return events.length === 0 ? { level: 'None', stages: [] } : { level: levels, stages };
}

/** A line for a person where the two differ; undefined where they agree. */
export function differenceOf(question: Question, expected: Recorded, recorded: Recorded, status: number | undefined): string | undefined {
  if (render(expected) === render(recorded)) return undefined;
  return `${question.method} ${question.url} by ${question.asker} (answer ${status}): explain says ${render(expected)}, recorded is ${render(recorded)}`;
}

function render({ level, stages }: Recorded): string {
  return stages.length === 0 ? level : `${level} at ${stages.join(', ')}`;
}

function userOf(asker: Question['asker']): { readonly username: string; readonly groups: readonly string[] } | null {
  if (asker === 'nobody') return null;
  const { username, groups } = asker === 'anonymous' ? { username: 'system:anonymous', groups: [] } : ASKERS[asker];
  return { username, groups: withImpliedGroups(username, groups) };
}
