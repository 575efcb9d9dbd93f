import type { AuditEvent } from '@k8s-audit/audit-events';
import { actionOf } from './facts/action.ts';
import { type Actor, actorOf } from './facts/actor.ts';
import type { Facts } from './facts/fact.ts';
import { factsOf } from './facts/facts.ts';
import { type Outcome, outcomeOf } from './facts/outcome.ts';
import { type Unseen, unseenOf } from './facts/unseen.ts';

/** What the receiver computes of an event, for detections and for the rules in Wazuh. */
export interface Enrichment {
  readonly action: string;
  readonly outcome: Outcome;
  readonly actor: Actor;
  readonly facts: Facts;
  readonly unseen: Unseen;
}

/** Which detections an event matches, and which of them an exception covers. Slugs: `exec-into-pod`. */
export interface Findings {
  readonly detections: readonly string[];
  readonly excepted: readonly string[];
}

/** The detection pack behind one function, so that the pipeline does not depend on it. Pure; called once an event. */
export type Detector = (event: AuditEvent, enrichment: Enrichment) => Findings;

export function enrich(event: AuditEvent): Enrichment {
  return {
    action: actionOf(event),
    outcome: outcomeOf(event),
    actor: actorOf(event.user),
    facts: factsOf(event),
    unseen: unseenOf(event),
  };
}
