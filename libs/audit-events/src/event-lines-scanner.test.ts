import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EventLinesScanner } from './event-lines-scanner.ts';
import { type ScannerOptions, scanEvent } from './item-judgement.ts';
import type { ScanEnd, ScannedItem } from './scanned-item.ts';

const event = (auditID: string, more: object = {}): string => JSON.stringify({ kind: 'Event', level: 'Metadata', auditID, ...more });

function scan(
  text: string | Buffer,
  sizes: readonly number[] = [65_536],
  options: ScannerOptions = {},
): { items: ScannedItem[]; end: ScanEnd } {
  const bytes = Buffer.from(text);
  const scanner = new EventLinesScanner(options);
  const items: ScannedItem[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[Math.min(turn, sizes.length - 1)] as number;
    items.push(
      ...scanner
        .push(bytes.subarray(at, at + size))
        .map((item) => (item.kind === 'event' ? { ...item, bytes: Buffer.from(item.bytes) } : item)),
    );
    at += size;
  }
  return { items, end: scanner.end() };
}

const outcomes = ({ items }: { readonly items: readonly ScannedItem[] }): unknown[] =>
  items.map((item) => (item.kind === 'event' ? JSON.parse(item.bytes.toString()).auditID : item.reason));

describe('lines of an audit log', () => {
  it('are events, byte for byte', () => {
    const lines = [event('1'), event('2', { requestObject: { a: '\u2028é😀' } })];
    const { items, end } = scan(`${lines.join('\n')}\n`);

    expect(items.map((item) => item.kind === 'event' && item.bytes.toString())).toEqual(lines);
    expect(items.map(({ index }) => index)).toEqual([0, 1]);
    expect(end).toEqual({ kind: 'list', items: 2, refused: 0 });
  });

  it('are the same wherever chunks end', () => {
    const text = `${event('1', { userAgent: 'a\\n"b' })}\n\n \r\n[1]\n{"half": \n${event('4')}\r\n`;
    const whole = outcomes(scan(text));

    expect(whole).toEqual(['1', 'not-an-object', 'not-an-object', '4']);
    for (let size = 1; size < text.length; size++) expect(outcomes(scan(text, [size, 1]))).toEqual(whole);
  });

  it('keep the ones around a line that is none', () => {
    const { items, end } = scan(`${event('1')}\n{"auditID":"x"}]}garbage\n${event('3')}\n`);

    expect(outcomes({ items })).toEqual(['1', 'not-an-object', '3']);
    expect(items[1]).toMatchObject({ index: 1, byteLength: 24 });
    expect(end).toMatchObject({ items: 2, refused: 1 });
  });

  it('may be EventLists, as a webhook was posted them', () => {
    const recorded = readFileSync(new URL('../../../fixtures/recorded/guide-policy.eventlists.jsonl', import.meta.url));
    const expected = recorded
      .toString()
      .trimEnd()
      .split('\n')
      .flatMap((line) => JSON.parse(line).items as { auditID: string }[]);
    const { items } = scan(recorded, [10_000]);

    expect(outcomes({ items })).toEqual(expected.map(({ auditID }) => auditID));
    expect(items.map(({ index }) => index)).toEqual(expected.map((_, index) => index));
  });

  it('ask which of them may hold credentials', () => {
    const { items } = scan(`${event('1')}\n${event('2')}\n`, [7], { isSensitive: (item) => item.includes('"2"') });

    expect(items.map((item) => item.kind === 'event' && item.sensitive)).toEqual([false, true]);
  });

  it('are refused whole, with their hash, when they are longer than what is kept', () => {
    const long = event('x', { requestObject: 'a'.repeat(5_000) });
    const { items } = scan(`${event('1')}\n${long}\n${event('3')}\n`, [100], { maxItemBytes: 1_000 });

    expect(outcomes({ items })).toEqual(['1', 'too-large', '3']);
    expect(items[1]).toMatchObject({ byteLength: long.length, sha256: createHash('sha256').update(long).digest('hex') });
  });

  it('lose their bodies, not themselves, when they are over the limit of an item', () => {
    const large = event('x', { requestObject: { a: 'a'.repeat(2_000) } });
    expect(scan(`${large}\n`, [100], { maxItemBytes: 1_000 }).items).toEqual([scanEvent(Buffer.from(large), { maxItemBytes: 1_000 })]);
  });

  it('are not there before their line feed', () => {
    expect(scan(`${event('1')}\n${event('2')}`)).toMatchObject({ items: [{ index: 0 }], end: { kind: 'broken', items: 1 } });
  });
});
