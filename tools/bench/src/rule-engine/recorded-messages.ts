import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { EventListScanner, parseAuditEvent } from '@k8s-audit/audit-events';
import { detect } from '@k8s-audit/detections';
import { NO_TRUSTED_PROXIES, shapeWireEvent } from '@k8s-audit/event-pipeline';

const FOLDER = resolve(import.meta.dirname, '../../../../fixtures/recorded');
const LOCATION = '[000] (prod-eu) audit->k8s';
/** What a datagram leaves for the JSON after "1:LOCATION:". */
const BUDGET_BYTES = 65_535 - LOCATION.length - 3;

/** Events of a real API server, shaped as the receiver sends them. `file`: below fixtures/recorded. */
export function recordedMessages(file: string, most: number): readonly Buffer[] {
  const messages: Buffer[] = [];
  for (const line of readFileSync(resolve(FOLDER, file), 'utf8').split('\n')) {
    if (line.trim() === '') continue;
    const scanner = new EventListScanner();
    const items = [...scanner.push(Buffer.from(line, 'utf8'))];
    scanner.end();
    for (const item of items) {
      if (item.kind !== 'event') continue;
      const parsed = parseAuditEvent(item.bytes);
      if (parsed.kind !== 'event') continue;
      const nowMs = Date.parse(parsed.event.stageTimestamp ?? '') || 0;
      const { json } = shapeWireEvent(parsed.event, {
        cluster: 'prod-eu',
        nowMs,
        trustedProxies: NO_TRUSTED_PROXIES,
        budgetBytes: BUDGET_BYTES,
        detect,
      });
      messages.push(Buffer.from(`1:${LOCATION}:${json}`, 'utf8'));
      if (messages.length >= most) return messages;
    }
  }
  return messages;
}
