import { readFileSync } from 'node:fs';
import { type AuditEvent, EventListScanner, parseAuditEvent } from '@k8s-audit/audit-events';
import { expect, it } from 'vitest';
import { enrich } from '../enrichment.ts';
import { redactItem } from '../redaction/redact-item.ts';
import { DEFAULT_REDACTION } from '../redaction/redaction-policy.ts';

const FIXTURES = new URL('../../../../fixtures/', import.meta.url);

it('says of each stage that Kubernetes’ own filters make what became of the request', async () => {
  const lines = readFileSync(new URL('policy/stages.jsonl', FIXTURES), 'utf8').trim().split('\n');
  const text = lines.map((line) => {
    const { name, events } = JSON.parse(line) as { name: string; events: AuditEvent[] };
    return `${name}\n${events.map((event) => `  ${event.stage}: ${told(event)}`).join('\n')}`;
  });

  await expect(`${text.join('\n')}\n`).toMatchFileSnapshot('../../golden/stages.txt');
});

it('finds these facts in the traffic of a real API server', async () => {
  const counts = new Map<string, number>();
  for (const line of readFileSync(new URL('recorded/request-response.eventlists.jsonl', FIXTURES), 'utf8').trim().split('\n')) {
    for (const item of new EventListScanner().push(Buffer.from(line))) {
      const parsed = item.kind === 'event' ? parseAuditEvent(redactItem(item.bytes, DEFAULT_REDACTION).bytes) : item;
      if (parsed.kind !== 'event') throw new Error(parsed.reason);
      if (parsed.event.stage !== 'ResponseComplete') continue;
      const { action, outcome, actor, facts } = enrich(parsed.event);
      // The API server's own start makes every built-in role and binding.
      if (actor === 'control-plane') continue;
      for (const [name, value] of Object.entries(facts)) {
        if (ORDINARY.has(name)) continue;
        const found = `${action} (${outcome}, ${actor}): ${name} = ${value}`;
        counts.set(found, (counts.get(found) ?? 0) + 1);
      }
    }
  }
  const text = [...counts]
    .map(([found, count]) => `${String(count).padStart(4)} ${found}`)
    .toSorted((one, other) => one.slice(5).localeCompare(other.slice(5), 'en'));

  await expect(`${text.join('\n')}\n`).toMatchFileSnapshot('../../golden/recorded-facts.txt');
});

/** Of every event, and of no news. */
const ORDINARY: ReadonlySet<string> = new Set([
  'scope',
  'client',
  'source',
  'fieldManager',
  'actorNamespace',
  'systemNamespace',
  'crossNamespace',
  'images',
  'serviceAccount',
  'workload',
  'owner',
]);

function told(event: AuditEvent): string {
  const { action, outcome, actor, unseen } = enrich(event);
  return `${actor} · ${action} · ${outcome}${unseen === 'none' ? '' : ` · unseen: ${unseen}`}`;
}
