import type { AuditEvent, ObjectReference, ResponseStatus, UserInfo } from '@k8s-audit/audit-events';
import type { Enrichment } from '../enrichment.ts';
import type { FactName } from '../facts/fact.ts';
import { bodyTexts } from './body-text.ts';
import { quoted, quotedJson } from './json-text.ts';
import type { WireLimits } from './limits.ts';
import { sourceAddress, type TrustedProxies } from './source-address.ts';
import { WireWriter } from './wire-writer.ts';

/** Everything that goes into the text of one wire event. */
export interface Shape {
  readonly event: AuditEvent;
  readonly enrichment: Enrichment;
  /** Slugs that match, and those of them that an exception covers. */
  readonly detections: readonly string[];
  readonly excepted: readonly string[];
  readonly late: boolean;
  readonly context: { readonly cluster: string; readonly apiServer?: string; readonly trustedProxies: TrustedProxies };
}

/**
 * The text within these limits. Written by hand and in one pass: it is the hottest code behind the parser, and the order
 * and the spacing are part of the format (`requestURI` directly before `verb`). What was computed comes first, so that
 * nothing a client sends can push it out. Empty values are left out: analysisd leaves them out of the alert too.
 */
export function wireText(shape: Shape, limits: WireLimits): { readonly json: string; readonly trimmed: readonly string[] } {
  const { event, enrichment, detections, excepted, context } = shape;
  const writer = new WireWriter(limits);
  const srcip = sourceAddress(event.sourceIPs, context.trustedProxies);

  writer.raw('{"apiVersion": "audit.k8s.io/v1", "kind": "Event"');
  if (srcip !== undefined) writer.raw(`, "srcip": "${srcip}"`);
  writer.raw(`, "k8s": {"schema": "1", "cluster": ${quoted(context.cluster)}`);
  if (context.apiServer !== undefined) writer.text('apiServer', context.apiServer);
  writer.text('action', enrichment.action);
  writer.raw(`, "outcome": "${enrichment.outcome}", "actor": "${enrichment.actor}"`);
  writeFacts(writer, enrichment, limits);
  writer.raw(`, "detections": [${detections.map(quoted).join(', ')}]`);
  writer.raw(`, "excepted": ${quoted(excepted.length === 0 ? '-' : excepted.join(','))}`);
  writer.raw(`, "unseen": "${enrichment.unseen}", "late": "${shape.late}"`);

  writer.text('level', event.level);
  writer.text('auditID', event.auditID);
  writer.text('stage', event.stage);
  writer.always('requestURI', event.requestURI);
  writer.always('verb', event.verb);
  writeUser(writer, 'user', event.user);
  if (event.impersonatedUser != null) writeUser(writer, 'impersonatedUser', event.impersonatedUser);
  const constraint = event.authenticationMetadata?.impersonationConstraint;
  if (constraint) {
    writer.open('authenticationMetadata');
    writer.text('impersonationConstraint', constraint);
    writer.close();
  }
  writer.lastOf('sourceIPs', event.sourceIPs);
  writer.text('userAgent', event.userAgent);
  if (event.objectRef != null) writeReference(writer, event.objectRef);
  if (event.responseStatus != null) writeStatus(writer, event.responseStatus);
  writer.text('requestReceivedTimestamp', event.requestReceivedTimestamp);
  writer.text('stageTimestamp', event.stageTimestamp);
  writeAnnotations(writer, event, limits);
  writeBodies(writer, event, limits);
  if (writer.trimmed.length > 0) writer.raw(`, "trimmed": ${quoted(writer.trimmed.join(','))}`);
  writer.raw('}}');
  return { json: writer.finish(), trimmed: writer.trimmed };
}

function writeFacts(writer: WireWriter, { facts }: Enrichment, limits: WireLimits): void {
  writer.open('facts');
  for (const name in facts) writer.text(name, facts[name as FactName], limits.fact);
  writer.close();
}

function writeUser(writer: WireWriter, name: string, user: UserInfo): void {
  writer.open(name);
  writer.text('username', user.username);
  writer.text('uid', user.uid);
  writer.list('groups', user.groups);
  if (user.extra != null) writer.extra(user.extra);
  writer.close();
}

function writeReference(writer: WireWriter, reference: ObjectReference): void {
  writer.open('objectRef');
  writer.text('resource', reference.resource);
  writer.text('namespace', reference.namespace);
  writer.text('name', reference.name);
  writer.text('uid', reference.uid);
  writer.text('apiGroup', reference.apiGroup);
  writer.text('apiVersion', reference.apiVersion);
  writer.text('resourceVersion', reference.resourceVersion);
  writer.text('subresource', reference.subresource);
  writer.close();
}

/** `status` and `details` repeat the code and the message. */
function writeStatus(writer: WireWriter, status: ResponseStatus): void {
  writer.open('responseStatus');
  // A number is a number for one event and a text for the next in the index: all integers are texts.
  if (status.code != null) writer.text('code', String(status.code));
  writer.text('reason', status.reason);
  writer.text('message', status.message);
  writer.close();
}

const DECISION = 'authorization.k8s.io/decision';
const REASON = 'authorization.k8s.io/reason';

/** Keys without bounds become entries of a list: as fields they would fill the index's mapping, and dots would split them. */
function writeAnnotations(writer: WireWriter, { annotations }: AuditEvent, limits: WireLimits): void {
  if (annotations == null) return;
  writer.text('decision', annotations[DECISION]);
  writer.text('decisionReason', annotations[REASON]);
  const entries: string[] = [];
  for (const key in annotations) if (key !== DECISION && key !== REASON) entries.push(`${key}=${annotations[key]}`);
  writer.list('annotations', entries, limits.annotations);
}

function writeBodies(writer: WireWriter, event: AuditEvent, limits: WireLimits): void {
  if (event.omittedBodies !== undefined) for (const body of event.omittedBodies.split(',')) writer.note(BODY_NAMES.get(body) ?? body);
  if (event.requestObject == null && event.responseObject == null) return;
  const { request, response, trimmed } = bodyTexts(event, limits.bodies);
  if (request !== undefined) writer.raw(`, "request": ${quotedJson(request)}`);
  if (response !== undefined) writer.raw(`, "response": ${quotedJson(response)}`);
  for (const name of trimmed) writer.note(name);
}

const BODY_NAMES: ReadonlyMap<string, string> = new Map([
  ['requestObject', 'request'],
  ['responseObject', 'response'],
]);
