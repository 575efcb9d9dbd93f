import type { AuditEvent } from '@k8s-audit/audit-events';
import type { WazuhEntry } from './wazuh-entry.ts';

/** Names one stage of one request. A client can choose the audit ID, not the API server's microseconds. */
export function eventKey({ auditID, stage, stageTimestamp }: Pick<AuditEvent, 'auditID' | 'stage' | 'stageTimestamp'>): string {
  return `${auditID} ${stage} ${stageTimestamp}`;
}

/** How often each audit event is in the archive, by its key. What the receiver reports of its own health is none. */
export function countArchived(archives: readonly WazuhEntry[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of archives.flatMap(keysOf)) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

function keysOf({ data, full_log: log }: WazuhEntry): readonly string[] {
  if (data?.k8s?.health !== undefined) return [];
  // Shaped as the guide's receiver does it: whole EventLists, which Wazuh's decoder makes text of.
  if (data?.k8s === undefined && log?.startsWith('{"kind": "EventList"') === true)
    return (JSON.parse(log) as { readonly items: readonly AuditEvent[] }).items.map(eventKey);
  const { auditID = '', stage = '', stageTimestamp = '' } = data?.k8s ?? {};
  return [eventKey({ auditID, stage, stageTimestamp })];
}
