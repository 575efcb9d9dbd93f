import { expect, it } from 'vitest';
import { decodeRecord, encodeOrigin, encodeRecords, type Origin } from './spool-record.ts';

const origin: Origin = { cluster: 'prod-eu', apiServer: 'node-1', source: 'webhook' };

it('gives back what was put in', () => {
  const [other, record] = encodeRecords(encodeOrigin(origin, 1_800_000_000_123), [Buffer.from('{}'), Buffer.from('{"auditID":"é"}')]) as [
    Buffer,
    Buffer,
  ];

  expect(decodeRecord(other).item.toString()).toBe('{}');
  expect(decodeRecord(record)).toEqual({ origin, receivedAtMs: 1_800_000_000_123, item: Buffer.from('{"auditID":"é"}') });
});

it.each([
  ['an empty record', ''],
  ['a short one', '\x01\0'],
  ['another version', `\x02${'\0'.repeat(20)}`],
])('refuses %s', (_, text) => {
  expect(() => decodeRecord(Buffer.from(text, 'latin1'))).toThrow('a spool record of version');
});
