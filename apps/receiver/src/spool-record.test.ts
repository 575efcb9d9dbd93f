import { expect, it } from 'vitest';
import { decodeRecord, encodeOrigin, type Origin } from './spool-record.ts';

const origin: Origin = { cluster: 'prod-eu', apiServer: 'node-1', source: 'webhook' };

it('gives back what was put in', () => {
  const head = encodeOrigin(origin, 1_800_000_000_123);

  expect(decodeRecord(Buffer.concat([head, Buffer.from('{"auditID":"é"}')]))).toEqual({
    origin,
    receivedAtMs: 1_800_000_000_123,
    item: Buffer.from('{"auditID":"é"}'),
  });
});

it.each([
  ['an empty record', ''],
  ['a short one', '\x01\0'],
  ['another version', `\x02${'\0'.repeat(20)}`],
])('refuses %s', (_, text) => {
  expect(() => decodeRecord(Buffer.from(text, 'latin1'))).toThrow('a spool record of version');
});
