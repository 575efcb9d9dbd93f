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

export function enrich(event: AuditEvent): Enrichment {
  return {
    action: actionOf(event),
    outcome: outcomeOf(event),
    actor: actorOf(event.user),
    facts: factsOf(event),
    unseen: unseenOf(event),
  };
}
