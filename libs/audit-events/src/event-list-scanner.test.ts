import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EventListScanner } from './event-list-scanner.ts';
import { auditIds, list, outcomes, scan } from './testing/scan.ts';

const FIXTURES = new URL('../../../fixtures/', import.meta.url);
const event = (auditID: string, more: object = {}): object => ({ level: 'Metadata', auditID, ...more });

describe('a list of an API server', () => {
  it.each(['guide-policy', 'request-response'])('gives every recorded item, byte for byte (%s)', (name) => {
    for (const line of readFileSync(new URL(`recorded/${name}.eventlists.jsonl`, FIXTURES), 'utf8')
      .trim()
      .split('\n')) {
      const { items, end } = scan(`${line}\n`, [65_536]);

      expect(end).toEqual({ kind: 'list', items: items.length, refused: 0 });
      expect(`{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${texts(items).join(',')}]}`).toBe(line);
    }
  });

  it('may be pretty-printed, as the guide’s sample is', () => {
    const sample = readFileSync(new URL('guide/sample-event.json', FIXTURES));

    expect(auditIds(scan(sample, [7]))).toEqual(['6ae321a6-0735-41a6-a9d9-050f9a75644c']);
  });

  it('is read the same wherever its chunks end', () => {
    const nasty = event('a"b\\', { requestObject: { items: [{ auditID: 'x' }], text: '},{"level":"\\"]}' }, userAgent: '\u2028é😀\\' });
    const document = ` ${list(nasty, event('2'), 3, event('4'))}\n`;
    const whole = outcomes(scan(document));

    expect(whole).toEqual([nasty, event('2'), 'not-an-object', event('4')]);
    for (let size = 1; size < Buffer.byteLength(document); size += 1) expect(outcomes(scan(document, [size, 1]))).toEqual(whole);
  });

  it('may have its keys in any order and the kind behind the items', () => {
    const document = `{"metadata":{"items":[{"auditID":"no"}]},"items":[{"auditID":"1"}],"apiVersion":"audit.k8s.io/v1","kind":"EventList"}`;

    expect(auditIds(scan(document, [3]))).toEqual(['1']);
    expect(scan(document).end).toEqual({ kind: 'list', items: 1, refused: 0 });
  });

  it('may write a key with escapes', () => {
    expect(auditIds(scan('{"it\\u0065ms":[{"audit\\u0049D":"1"}]}', [1]))).toEqual(['1']);
  });

  it.each([
    ['empty', list()],
    ['null, as Go writes an empty one', '{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":null}'],
    ['missing', '{"kind":"EventList","apiVersion":"audit.k8s.io/v1"}'],
  ])('may have no items: %s', (_title, document) => {
    expect(scan(document).end).toEqual({ kind: 'list', items: 0, refused: 0 });
  });

  it('gives the items of two members of that name', () => {
    expect(auditIds(scan('{"items":[{"auditID":"1"}],"items":[{"auditID":"2"}]}'))).toEqual(['1', '2']);
  });
});

describe('a single event', () => {
  it.each([
    ['with its kind', '{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"1","verb":"get"}'],
    ['without', '{"level":"Metadata","auditID":"1"}'],
    ['with its kind last', '{"auditID":"1","kind":"Event"}'],
    ['with a member that is called items', '{"kind":"Event","auditID":"1","items":[{"auditID":"2"}]}'],
    ['behind a byte order mark', '\ufeff {"auditID":"1"}\r\n'],
  ])('is a list of one: %s', (_title, document) => {
    expect(auditIds(scan(document, [1]))).toEqual(['1']);
    expect(scan(document).end).toEqual({ kind: 'event', items: 1, refused: 0 });
  });

  it('that lies in one chunk is not copied', () => {
    const chunk = Buffer.from('{"items":[{"auditID":"1"},{"auditID":"2"}]}');
    const [first] = new EventListScanner().push(chunk);

    expect(first?.kind === 'event' && first.bytes.buffer === chunk.buffer).toBe(true);
  });
});

describe('a document that breaks', () => {
  it('has given out every item before the break, wherever it is cut off', () => {
    const document = list(event('1'), event('2', { requestObject: { a: [1, { b: '"' }] } }), event('3'));
    for (let end = 0; end < document.length; end += 1) {
      const cut = document.slice(0, end);
      const expected = ['1', '2', '3'].filter((id) => cut.includes(closed(document, id)));
      const { end: outcome } = scan(cut, [11]);

      expect(auditIds(scan(cut, [11]))).toEqual(expected);
      expect(outcome).toMatchObject({ kind: expected.length === 0 ? 'no-event' : 'broken', items: expected.length });
      expect(outcome.reason).toMatch(/^(ends (before|in|behind) |empty)/);
    }
  });

  it.each([
    [
      'brackets that do not match',
      '{"items":[{"auditID":"1"},{"auditID":"2","a":[}]},{"auditID":"3"}]}',
      'brackets do not match (number 1)',
    ],
    ['no comma', '{"items":[{"auditID":"1"}{"auditID":"2"}]}', 'no comma behind an item (number 1)'],
    ['two commas', '{"items":[{"auditID":"1"},,{"auditID":"2"}]}', 'no item where one must be (number 1)'],
    ['a comma at the end', '{"items":[{"auditID":"1"},]}', 'no item where one must be (number 1)'],
    ['text behind it', '{"items":[{"auditID":"1"}]} x', 'text behind the document'],
    ['a NUL behind it', '{"items":[{"auditID":"1"}]}\0', 'text behind the document'],
    ['a second document', '{"auditID":"1"}{"auditID":"2"}', 'text behind the document'],
    ['another kind behind the items', '{"items":[{"auditID":"1"}],"kind":"PodList"}', 'kind is "PodList", not EventList or Event'],
    ['a key that is none', '{"items":[{"auditID":"1"}],x:1}', 'no key where one must be'],
    ['no colon', '{"items":[{"auditID":"1"}],"x" 1}', 'no colon behind a key'],
    ['no value', '{"items":[{"auditID":"1"}],"x":}', 'no value where one must be'],
    ['no comma between members', '{"items":[{"auditID":"1"}]"x":1}', 'no comma behind a value'],
  ])('says what broke it: %s', (_title, document, reason) => {
    for (const size of [1, 2, 1_000]) {
      expect(auditIds(scan(document, [size]))).toEqual(['1']);
      expect(scan(document, [size]).end).toEqual({ kind: 'broken', items: 1, refused: 0, reason });
    }
  });

  it.each([
    ['', 'ends before the document'],
    ['   \n', 'ends before the document'],
    ['{}', 'neither a list of events nor an event'],
    ['{"a":1}', 'neither a list of events nor an event'],
    ['[]', 'not a JSON object'],
    ['null', 'not a JSON object'],
    ['no json', 'not a JSON object'],
    ['\ufeff\ufeff{"auditID":"1"}', 'not a JSON object'],
    ['{"kind":"Pod","apiVersion":"v1","auditID":"1"}', 'kind is "Pod", not EventList or Event'],
    ['{"kind":"PodList","items":[{"auditID":"1"}]}', 'kind is "PodList", not EventList or Event'],
    ['{"kind":"EventList","apiVersion":"v1","items":[{"auditID":"1"}]}', 'apiVersion is "v1", not audit.k8s.io/v1'],
    ['{"kind":"EventList","items":{"auditID":"1"}}', 'items is not a list'],
    ['{"kind":"EventList","items":"null"}', 'items is not a list'],
    ['{"items":[', 'ends before the first item (number 0)'],
    ['{"__proto__":{"items":[]}}', 'neither a list of events nor an event'],
  ])('holds no event: %j', (document, reason) => {
    expect(scan(document, [1]).items).toEqual([]);
    expect(scan(document).end).toEqual({ kind: 'no-event', items: 0, refused: 0, reason });
  });
});

describe('bytes that are no text', () => {
  it('stay as they are', () => {
    const item = Buffer.concat([
      Buffer.from('{"auditID":"1","userAgent":"'),
      Buffer.from([0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0]),
      Buffer.from('"}'),
    ]);
    const document = Buffer.concat([Buffer.from('{"items":['), item, Buffer.from(']}')]);

    expect(scan(document, [5]).items).toEqual([{ kind: 'event', bytes: item, index: 0, sensitive: false }]);
  });
});

function texts(items: readonly { kind: string; bytes?: Buffer }[]): readonly string[] {
  return items.map((item) => String(item.bytes));
}

/** The text up to the brace that closes the item. */
function closed(document: string, id: string): string {
  const next = document.indexOf(`{"level":"Metadata","auditID":"${Number(id) + 1}"`);
  return next < 0 ? document.slice(0, document.lastIndexOf('}') - 1) : document.slice(0, next - 1);
}
