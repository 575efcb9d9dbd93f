import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { EventListScanner } from './event-list-scanner.ts';
import { scanEvent } from './item-judgement.ts';
import type { ScannedItem } from './scanned-item.ts';
import { list, scan } from './testing/scan.ts';

/** Bytes of buffers that something still points to. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().arrayBuffers;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const event = (more: object): string =>
  JSON.stringify({ level: 'RequestResponse', auditID: 'a', verb: 'create', ...more, stage: 'ResponseComplete' });
const around = (...items: readonly string[]): string => `{"items":[{"auditID":"before"},${items.join(',')},{"auditID":"after"}]}`;

/** What stands between the two neighbours, which must be there whatever comes between. */
function between(items: readonly ScannedItem[]): ScannedItem | undefined {
  expect(items).toHaveLength(3);
  expect([items[0], items[2]]).toMatchObject([
    { kind: 'event', index: 0 },
    { kind: 'event', index: 2 },
  ]);
  return items[1];
}

describe('an item over the size limit', () => {
  const limit = { maxItemBytes: 1_000 };
  const huge = { pad: 'x'.repeat(5_000), list: [[[{}]]] };

  it.each([
    ['the request', { requestObject: huge, responseObject: { small: true } }, ['requestObject'], { responseObject: { small: true } }],
    ['the response', { requestObject: { small: true }, responseObject: huge }, ['responseObject'], { requestObject: { small: true } }],
    ['both', { requestObject: huge, responseObject: huge }, ['requestObject', 'responseObject'], {}],
  ])('loses %s and keeps who did what', (_title, bodies, members, kept) => {
    const item = event(bodies);
    for (const size of [1, 7, 300, 100_000]) {
      const found = between(scan(around(item), [size], limit).items);

      expect(found).toMatchObject({ kind: 'event', cut: { because: 'too-large', byteLength: item.length, sha256: sha256(item) } });
      if (found?.kind !== 'event') return;
      const rest = JSON.parse(found.bytes.toString());
      expect(rest).toMatchObject({ auditID: 'a', verb: 'create', stage: 'ResponseComplete', ...kept });
      expect(found.cut?.members).toEqual(expect.arrayContaining(members));
      expect(rest.omittedBodies).toBe(found.cut?.members.join(','));
      for (const name of found.cut?.members ?? []) expect(rest[name]).toBeNull();
      expect(found.bytes.length).toBeLessThan(1_200);
    }
  });

  it('is asked about credentials as it is kept', () => {
    const asked: string[] = [];
    const isSensitive = (bytes: Buffer): boolean => asked.push(bytes.toString()) > 0;
    const { items } = scan(list({ auditID: 'a', requestObject: huge }), [100], { ...limit, isSensitive });

    expect(items).toMatchObject([{ kind: 'event', sensitive: true }]);
    expect(asked).toEqual(['{"auditID":"a","requestObject":null}']);
  });

  it.each([
    ['somewhere else', JSON.stringify({ auditID: 'a', annotations: huge })],
    ['in a string that never ends', JSON.stringify({ auditID: 'a', requestURI: 'x'.repeat(50_000) })],
    ['in a list', JSON.stringify([huge])],
    [
      'in many members',
      JSON.stringify({
        auditID: 'a',
        ...Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`m${index}`, index])),
        requestObject: huge,
      }),
    ],
  ])('is refused when its size is %s', (_title, item) => {
    for (const size of [64, 300, 100_000]) {
      const found = between(scan(around(item), [size], limit).items);

      expect(found).toMatchObject({ kind: 'refused', index: 1, byteLength: item.length, sha256: sha256(item) });
    }
  });

  it('is refused when nothing names it an event', () => {
    const item = JSON.stringify({ requestObject: huge });

    expect(between(scan(around(item), [100], limit).items)).toEqual({
      kind: 'refused',
      reason: 'no-audit-id',
      byteLength: item.length,
      sha256: sha256(item),
      index: 1,
    });
  });

  it('does not cut one that is exactly as large', () => {
    const item = event({ requestObject: { pad: 'x'.repeat(900) } });
    for (const [maxItemBytes, isCut] of [
      [item.length, false],
      [item.length - 1, true],
    ] as const) {
      for (const size of [10, 100_000]) {
        const found = between(scan(around(item), [size], { maxItemBytes }).items);

        expect(found).toHaveProperty('kind', 'event');
        expect(found !== undefined && 'cut' in found).toBe(isCut);
      }
    }
  });

  it('never holds more than the limit and a chunk, however long the body is', () => {
    const scanner = new EventListScanner({ maxItemBytes: 1_000_000 });
    scanner.push(Buffer.from('{"items":[{"auditID":"a","requestObject":{"a":[['));
    const before = heldBytes();
    for (let megabyte = 0; megabyte < 50; megabyte += 1) scanner.push(Buffer.alloc(1_000_000, '1,'));
    const held = heldBytes() - before;

    expect(scanner.push(Buffer.from('1]]}}]}'))).toMatchObject([{ kind: 'event', cut: { byteLength: 50_000_043 } }]);
    expect(held).toBeLessThan(4_000_000);
  });
});

describe('an item that is nested too deep', () => {
  const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

  it('loses the bodies and keeps who did what', () => {
    const item = `{"auditID":"a","requestObject":${nested(1_000)},"verb":"patch","responseObject" : {"x":1} }`;
    const found = between(scan(around(item), [50]).items);

    expect(found).toMatchObject({ cut: { because: 'too-deep', members: ['requestObject'], byteLength: item.length } });
    expect(found?.kind === 'event' && found.bytes.toString()).toBe(
      '{"omittedBodies":"requestObject","auditID":"a","requestObject":null,"verb":"patch","responseObject" : {"x":1} }',
    );
  });

  it('loses the other body for its size', () => {
    const item = `{"auditID":"a","requestObject":${JSON.stringify({ pad: ['x'.repeat(5_000)] })},"responseObject":${nested(1_100)}}`;
    for (const size of [100, 100_000]) {
      const found = between(scan(around(item), [size], { maxItemBytes: 3_000 }).items);

      expect(found).toMatchObject({ kind: 'event', cut: { byteLength: item.length, sha256: sha256(item) } });
      expect(found?.kind === 'event' && JSON.parse(found.bytes.toString())).toMatchObject({
        auditID: 'a',
        requestObject: null,
        responseObject: null,
      });
      expect(found?.kind === 'event' && found.cut?.members.toSorted()).toEqual(['requestObject', 'responseObject']);
    }
  });

  it('is kept whole at the limit', () => {
    const item = `{"auditID":"a","requestObject":${nested(999)}}`;

    expect(between(scan(around(item)).items)).not.toHaveProperty('cut');
  });

  it('is refused when the depth is somewhere else, at a million levels too', () => {
    const item = `{"auditID":"a","annotations":${nested(1_000_000)}}`;

    expect(between(scan(around(item), [65_536]).items)).toMatchObject({ kind: 'refused', reason: 'too-deep', byteLength: item.length });
  });
});

describe('an item that is no event', () => {
  it.each([
    ['1', 'not-an-object'],
    ['null', 'not-an-object'],
    ['"{\\"auditID\\":\\"a\\"}"', 'not-an-object'],
    ['[{"auditID":"a"}]', 'not-an-object'],
    ['{}', 'no-audit-id'],
    ['{"auditID":""}', 'no-audit-id'],
    ['{"auditID":7}', 'no-audit-id'],
    ['{"auditID":null}', 'no-audit-id'],
    ['{"user":{"auditID":"a"}}', 'no-audit-id'],
    ['{"auditid":"a"}', 'no-audit-id'],
    ['{"x":"auditID","y":"a"}', 'no-audit-id'],
  ])('is refused with its size and hash, and its neighbours are kept: %s', (item, reason) => {
    for (const size of [1, 100]) {
      expect(between(scan(around(item), [size]).items)).toEqual({
        kind: 'refused',
        reason,
        byteLength: item.length,
        sha256: sha256(item),
        index: 1,
      });
    }
  });
});

describe('scanEvent', () => {
  it('reads a line of an audit log', () => {
    expect(scanEvent(Buffer.from(' {"kind":"Event","auditID":"a"}\r\n'), {}, 4)).toEqual({
      kind: 'event',
      bytes: Buffer.from('{"kind":"Event","auditID":"a"}'),
      index: 4,
      sensitive: false,
    });
  });

  it.each(['', ' \n', '{"auditID":"a"', '{"auditID":"a"}{}', '{"auditID":"a"]', '[]'])('refuses what is not one object: %j', (line) => {
    expect(scanEvent(Buffer.from(line))).toMatchObject({ kind: 'refused', reason: 'not-an-object' });
  });
});
