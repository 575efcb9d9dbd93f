import { readFileSync } from 'node:fs';
import { EventListScanner, parseAuditEvent, type ScannedEvent } from '@k8s-audit/audit-events';
import { expect, it } from 'vitest';
import { findSecrets, type SecretList } from '../testing/index.ts';
import { shapeGuideEvent } from '../wire/guide-event.ts';
import { NO_TRUSTED_PROXIES } from '../wire/source-address.ts';
import { shapeWireEvent } from '../wire/wire-event.ts';
import { needsRedaction } from './needs-redaction.ts';
import { redactItem } from './redact-item.ts';
import { DEFAULT_REDACTION } from './redaction-policy.ts';

const RECORDED = new URL('../../../../fixtures/recorded/', import.meta.url);
const list: SecretList = JSON.parse(readFileSync(new URL('secret-hashes.json', RECORDED), 'utf8'));
const recording = readFileSync(new URL('request-response.eventlists.jsonl', RECORDED));

function scanned(): readonly ScannedEvent[] {
  return recording
    .toString()
    .trim()
    .split('\n')
    .flatMap((line) => {
      const scanner = new EventListScanner({ isSensitive: (item, members) => needsRedaction(item, members, DEFAULT_REDACTION) });
      return scanner.push(Buffer.from(line)).filter((item) => item.kind === 'event');
    });
}

it('no secret of the recorded traffic is in what is stored or sent', () => {
  // The list finds all of them where they are: else its silence would mean nothing.
  expect(new Set(findSecrets(recording, list).map(({ what }) => what)).size).toBe(list.secrets.length);
  expect(list.secrets.length).toBe(25);

  const context = { cluster: 'c', nowMs: 0, trustedProxies: NO_TRUSTED_PROXIES, budgetBytes: 65_500 };
  const written: Buffer[] = [];
  for (const { bytes, sensitive } of scanned()) {
    const stored = sensitive ? redactItem(bytes, DEFAULT_REDACTION).bytes : bytes;
    const parsed = parseAuditEvent(stored);
    if (parsed.kind === 'refused') throw new Error(parsed.reason);
    written.push(stored, Buffer.from(shapeWireEvent(parsed.event, context).json), Buffer.from(shapeGuideEvent(stored, context).json));
  }

  expect(written).toHaveLength(3 * 2_644);
  expect(findSecrets(Buffer.concat(written), list)).toEqual([]);
});

it('what is not looked at would not have changed', () => {
  for (const { bytes, sensitive, index } of scanned()) {
    if (!sensitive) expect({ index, redacted: redactItem(bytes, DEFAULT_REDACTION).redacted }).toEqual({ index, redacted: [] });
  }
});

it('few items are looked at', () => {
  const items = scanned();

  expect(items.filter(({ sensitive }) => sensitive).length / items.length).toBeLessThan(0.05);
});
