import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HEALTH_KINDS, HEALTH_SCHEMA, HEALTH_STATES, type HealthEvent, type HealthKind, renderHealthEvent } from './health-event.ts';

const sinceMs = Date.UTC(2026, 10, 26, 8);

it('is one line in the spacing of the wire event, with the mark of the base rule', () => {
  const event: HealthEvent = {
    kind: 'cluster-silent',
    state: 'problem',
    receiver: 'audit-1',
    cluster: 'prod-eu',
    count: 61,
    sinceMs,
    detail: 'nothing for 61 minutes',
  };

  expect(renderHealthEvent(event)).toBe(
    '{"k8s": {"schema": "1", "cluster": "prod-eu", "health": {"kind": "cluster-silent", "state": "problem", "receiver": "audit-1", "count": "61", "since": "2026-11-26T08:00:00.000Z", "detail": "nothing for 61 minutes"}}}',
  );
});

it('holds fields of the schema only, all of them short texts without control characters, whatever is reported', () => {
  const anyEvent = fc.record(
    {
      kind: fc.constantFrom(...(Object.keys(HEALTH_KINDS) as HealthKind[])),
      state: fc.constantFrom(...HEALTH_STATES),
      receiver: fc.string({ minLength: 1 }),
      cluster: fc.string({ unit: 'binary' }),
      apiServer: fc.string(),
      subject: fc.string({ unit: 'binary', maxLength: 1_000 }),
      count: fc.nat(),
      sinceMs: fc.nat({ max: 4e12 }),
      detail: fc.string({ unit: 'binary', minLength: 1, maxLength: 1_000 }),
    },
    { requiredKeys: ['kind', 'state', 'receiver', 'sinceMs', 'detail'] },
  );
  fc.assert(
    fc.property(anyEvent, (event) => {
      const text = renderHealthEvent(event as HealthEvent);
      const leaves = leavesOf(JSON.parse(text));
      const known = new Map(HEALTH_SCHEMA.map((each) => [each.name, each]));
      for (const [name, value] of leaves) {
        expect(known.has(name)).toBe(true);
        expect(typeof value).toBe('string');
        expect(Buffer.byteLength(String(value))).toBeLessThanOrEqual(400);
      }
      for (const { name, always } of HEALTH_SCHEMA) if (always) expect(leaves.map(([each]) => each)).toContain(name);
      expect([...text].every((character) => character >= ' ')).toBe(true);
    }),
  );
});

function leavesOf(node: unknown, path = ''): readonly (readonly [string, unknown])[] {
  if (typeof node !== 'object' || node === null) return [[path, node]];
  return Object.entries(node).flatMap(([key, value]) => leavesOf(value, path === '' ? key : `${path}.${key}`));
}
