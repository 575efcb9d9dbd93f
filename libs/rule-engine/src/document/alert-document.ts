import type { Rule } from '@k8s-audit/wazuh-rules';
import type { ByteString } from '../byte-string.ts';
import type { EngineEvent } from '../event/engine-event.ts';
import type { StaticFields } from '../event/field-table.ts';
import { printString } from '../json/strings.ts';
import type { LastEvents } from '../rules/event-memory.ts';
import { placeOf, printAgent, printAgentless } from './agent-object.ts';
import type { TechniqueLookup } from './mitre-object.ts';
import { NestedObject } from './nested-object.ts';
import { type Firing, printRule } from './rule-object.ts';

/** One line of alerts.json or archives.json, without its newline. */
export interface DocumentParts {
  readonly event: EngineEvent;
  /** `dataOf(event)`, printed; undefined when there is nothing in it. */
  readonly data: ByteString | undefined;
  /** Undefined: no rule, or one of level 0. */
  readonly rule: { readonly rule: Rule; readonly firing: Firing; readonly lastEvents: LastEvents } | undefined;
  /** archives.json has the message even where the rule says `no_full_log`. */
  readonly forcesFullLog: boolean;
  /** The number behind the point of `id`: the size of the file so far. */
  readonly fileOffset: number;
}

export interface DocumentSettings {
  readonly managerName: ByteString;
  /** Names in the alert when the manager is one of a cluster. */
  readonly cluster: { readonly name: ByteString; readonly node: ByteString } | undefined;
  readonly utcOffsetMinutes: number;
  readonly technique: TechniqueLookup;
}

/** Order of the static fields in `data`; `program_name` and `hostname` are not among them. */
const FIRST_STATICS: readonly (keyof StaticFields)[] = ['protocol', 'action', 'srcip', 'srcport', 'srcuser', 'dstip', 'dstport', 'dstuser'];
const LAST_STATICS: readonly (keyof StaticFields)[] = ['id', 'status', 'url', 'data', 'extra_data', 'system_name'];

/** Keys in Wazuh's order. Source: wazuh v4.14.7 src/analysisd/format/to_json.c, Eventinfo_to_jsonstr; json_extended.c, W_ParseJSON. */
export function printDocument({ event, data, rule, forcesFullLog, fileOffset }: DocumentParts, settings: DocumentSettings): ByteString {
  const { managerName, cluster, utcOffsetMinutes, technique } = settings;
  const members: ByteString[] = [`"timestamp":"${formatTimestamp(event.receivedMs, utcOffsetMinutes)}"`];
  const add = (key: string, value: ByteString | undefined): void => {
    if (value !== undefined) members.push(`"${key}":${value}`);
  };
  if (rule !== undefined) add('rule', printRule(rule.rule, rule.firing, technique));
  add('agent', printAgent(event, managerName));
  add('manager', `{"name":${printString(managerName)}}`);
  // alert_id has room for 21 bytes.
  add('id', `"${`${Math.floor(event.receivedMs / 1000)}.${fileOffset}`.slice(0, 21)}"`);
  if (cluster !== undefined) add('cluster', `{"name":${printString(cluster.name)},"node":${printString(cluster.node)}}`);
  // One earlier event alone is not shown.
  if (rule !== undefined && rule.lastEvents.length > 1) add('previous_output', printString(rule.lastEvents.join('\n')));
  if (forcesFullLog || rule?.rule.alert.noFullLog !== true) add('full_log', printString(event.fullLog));
  add('predecoder', printPredecoder(event));
  add('decoder', event.decoder === undefined ? '{}' : `{"name":"${event.decoder}"}`);
  add('data', data);
  add('location', optional(placeOf(event)));
  add('agentless', printAgentless(event));
  return `{${members.join(',')}}`;
}

/** The alert's `data`: decoded fields, empty ones left out. */
export function dataOf(event: EngineEvent): NestedObject {
  const data = new NestedObject();
  const { fields } = event;
  for (const name of [...FIRST_STATICS, ...LAST_STATICS]) {
    const value = fields.statics[name];
    if (value !== undefined) data.addText(name, value);
  }
  for (let position = 0; position < fields.size; position++) {
    const value = fields.valueAt(position);
    if (value !== '') data.addField(fields.nameAt(position), value);
  }
  return data;
}

/** `2026-11-23T14:46:39.172+0000` in the manager's local time. */
export function formatTimestamp(ms: number, utcOffsetMinutes: number): string {
  const local = new Date(ms + utcOffsetMinutes * 60_000).toISOString().slice(0, 23);
  const size = Math.abs(utcOffsetMinutes);
  const zone = `${Math.floor(size / 60)}`.padStart(2, '0') + `${size % 60}`.padStart(2, '0');
  return `${local}${utcOffsetMinutes < 0 ? '-' : '+'}${zone}`;
}

/** A syslog header's own hostname, as json_extended.c looks for it. */
const SYSLOG_HOST = /^[A-Z][a-z][a-z] [ 0123][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9] ([^ ]+)/;

function printPredecoder({ predecoded, fullLog }: EngineEvent): ByteString | undefined {
  const members: ByteString[] = [];
  if (predecoded.programName !== undefined) members.push(`"program_name":${printString(predecoded.programName)}`);
  if (predecoded.timestamp !== undefined) members.push(`"timestamp":${printString(predecoded.timestamp)}`);
  const host = SYSLOG_HOST.exec(fullLog)?.[1];
  if (host !== undefined) members.push(`"hostname":${printString(host)}`);
  return members.length === 0 ? undefined : `{${members.join(',')}}`;
}

function optional(text: ByteString | undefined): ByteString | undefined {
  return text === undefined ? undefined : printString(text);
}
