import fc from 'fast-check';
import { expect, it } from 'vitest';
import { outcomes, scan } from './testing/scan.ts';

/** Text with everything in it that could be mistaken for structure. */
const nastyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', 'u', '\n', '\u0000', '\ud800', 'é', '😀') }),
  fc.constantFrom('items', 'auditID', 'kind', '__proto__', '},{"auditID":"x"', ']}', '\\"'),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    nastyText,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(true, false, null),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(nastyText, tie('any'), { maxKeys: 4 }),
  ),
})).any;
const event = fc.tuple(nastyText, fc.dictionary(nastyText, value, { maxKeys: 4 })).map(([auditID, more]) => ({ ...more, auditID }));
const member = fc.oneof(
  fc.tuple(
    fc.constant('items'),
    fc.oneof({ weight: 5, arbitrary: fc.array(fc.oneof(event, value), { maxLength: 6 }) }, { weight: 1, arbitrary: value }),
  ),
  fc.tuple(
    fc.constant('kind'),
    fc.oneof({ weight: 5, arbitrary: fc.constantFrom<unknown>('EventList', 'Event') }, { weight: 1, arbitrary: value }),
  ),
  fc.tuple(fc.constant('apiVersion'), fc.constantFrom<unknown>('audit.k8s.io/v1', 'audit.k8s.io/v1beta1')),
  fc.tuple(nastyText, value),
);
const document = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.uniqueArray(member, { maxLength: 6, selector: ([key]) => key }).map((members) => Object.fromEntries(members)),
  },
  { weight: 2, arbitrary: event },
  { weight: 1, arbitrary: value },
);
const pieces = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
const spacing = fc.constantFrom(undefined, 1, '\t');

/** The promise, told through JSON.parse. */
function expected(parsed: unknown): readonly unknown[] {
  if (!isObject(parsed)) return [];
  const { kind, apiVersion, items } = parsed;
  const keys = Object.keys(parsed);
  const comesFirst = (key: string): boolean => keys.includes(key) && keys.indexOf(key) < keys.indexOf('items');
  if (keys.includes('items') && !(kind === 'Event' && comesFirst('kind'))) {
    // What comes behind the items comes too late to take them back.
    const isForeign = (comesFirst('kind') && isOddKind(kind)) || (comesFirst('apiVersion') && isOddVersion(apiVersion));
    if (isForeign || !Array.isArray(items)) return [];
    return items.map((item) => (isObject(item) ? (hasAuditId(item) ? item : 'no-audit-id') : 'not-an-object'));
  }
  if ((kind !== undefined && isOddKind(kind)) || (apiVersion !== undefined && isOddVersion(apiVersion)) || kind === 'EventList') return [];
  if (hasAuditId(parsed)) return [parsed];
  return kind === undefined ? [] : ['no-audit-id'];
}

function isOddKind(kind: unknown): boolean {
  return kind !== 'EventList' && kind !== 'Event';
}

function isOddVersion(apiVersion: unknown): boolean {
  return !String(apiVersion).startsWith('audit.k8s.io/');
}

function isObject(candidate: unknown): candidate is Record<string, unknown> {
  return typeof candidate === 'object' && candidate !== null && !Array.isArray(candidate);
}

function hasAuditId(item: Record<string, unknown>): boolean {
  return Object.hasOwn(item, 'auditID') && typeof item['auditID'] === 'string' && item['auditID'] !== '';
}

it('gives the items that JSON.parse would, wherever the chunks end', () => {
  fc.assert(
    fc.property(document, spacing, pieces, (candidate, space, sizes) => {
      const text = JSON.stringify(candidate, null, space);
      const found = scan(text, sizes);

      expect(outcomes(found)).toEqual(expected(JSON.parse(text)));
      expect(found.end).toMatchObject({ items: found.items.filter((item) => item.kind === 'event').length });
    }),
    { numRuns: 2_000 },
  );
});

it('gives the same for one text however it is cut, well-formed or not', () => {
  const text = fc.tuple(document, fc.nat(), fc.nat(), nastyText).map(([candidate, at, length, junk]) => {
    const whole = JSON.stringify(candidate);
    const start = at % (whole.length + 1);
    return whole.slice(0, start) + junk + whole.slice(start + (length % 5));
  });
  fc.assert(
    fc.property(text, pieces, (candidate, sizes) => {
      const [whole, cut] = [scan(candidate), scan(candidate, sizes)];

      expect(cut.end).toEqual(whole.end);
      expect(cut.items).toEqual(whole.items);
    }),
    { numRuns: 2_000 },
  );
});
