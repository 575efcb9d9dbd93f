/** The vocabulary: audit events as kube-apiserver writes them, and how they are cut out of what it posts. */
export type {
  AuditEvent,
  AuthenticationMetadata,
  EventList,
  JsonObject,
  JsonValue,
  Level,
  ObjectReference,
  ResponseStatus,
  Stage,
  UserInfo,
} from './audit-event.ts';
export { LEVELS, STAGES } from './audit-event.ts';
export { EventLinesScanner } from './event-lines-scanner.ts';
export { EventListScanner } from './event-list-scanner.ts';
export { type ScannerOptions, scanEvent } from './item-judgement.ts';
export type { ItemMembers } from './item-members.ts';
export { checkAuditEvent, type ParsedEvent, parseAuditEvent } from './parse-audit-event.ts';
export {
  type CutBodies,
  DEFAULT_MAX_ITEM_BYTES,
  MAX_ITEM_DEPTH,
  type RefusalReason,
  type RefusedItem,
  type ScanEnd,
  type ScannedEvent,
  type ScannedItem,
} from './scanned-item.ts';
export { TRACED_AUDIT_ID_PREFIX, type TracedKey, tracedKeyOf } from './traced-audit-id.ts';
