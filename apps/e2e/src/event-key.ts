import type { AuditEvent } from '@k8s-audit/audit-events';
import type { WazuhEntry } from './wazuh-entry.ts';

/** Names one stage of one request. A client can choose the audit ID, not the API server's microseconds. */
export function eventKey({ auditID, stage, stageTimestamp }: Pick<AuditEvent, 'auditID' | 'stage' | 'stageTimestamp'>): string {
  return `${auditID} ${stage} ${stageTimestamp}`;
}

/** How often each audit event is in the archive, by its key. What the receiver reports of its own health is none. */
export function countArchived(archives: readonly WazuhEntry[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { data } of archives) {
    if (data?.k8s?.health !== undefined) continue;
    const { auditID = '', stage = '', stageTimestamp = '' } = data?.k8s ?? {};
    const key = eventKey({ auditID, stage, stageTimestamp });
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
