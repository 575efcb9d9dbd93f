/** What happens to an event between the API server and Wazuh: redact, enrich, shape, trim. Pure. */
export { DEDUPE_KEY_BYTES, dedupeKey } from './dedupe-key.ts';
export { type Enrichment, enrich } from './enrichment.ts';
export { ACTORS, type Actor } from './facts/actor.ts';
export { FACTS, type FactName, type Facts, MAX_FACT_BYTES } from './facts/fact.ts';
export { OUTCOMES, type Outcome } from './facts/outcome.ts';
export type { Unseen } from './facts/unseen.ts';
export {
  HEALTH_KINDS,
  HEALTH_SCHEMA,
  HEALTH_STATES,
  type HealthEvent,
  type HealthKind,
  type HealthState,
  renderHealthEvent,
} from './health/health-event.ts';
export { needsRedaction } from './redaction/needs-redaction.ts';
export { type RedactedItem, redactItem } from './redaction/redact-item.ts';
export {
  DEFAULT_REDACTION,
  parseSensitiveResource,
  type RedactionPolicy,
  redactionPolicy,
  type SensitiveResource,
  sensitiveResource,
} from './redaction/redaction-policy.ts';
export { shapeGuideEvent } from './wire/guide-event.ts';
export { LATE_AFTER_MS } from './wire/lateness.ts';
export { NO_TRUSTED_PROXIES, sourceAddress, type TrustedProxies, trustedProxies } from './wire/source-address.ts';
export { MIN_BUDGET_BYTES, shapeWireEvent, type WireContext, type WireEvent } from './wire/wire-event.ts';
export { renderWireEventPage } from './wire/wire-event-page.ts';
export type { Detect, Except, WireFields } from './wire/wire-fields.ts';
export { WIRE_SCHEMA, type WireField } from './wire/wire-schema.ts';
