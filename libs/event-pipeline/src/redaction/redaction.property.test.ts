import { EventListScanner, type JsonValue, parseAuditEvent } from '@k8s-audit/audit-events';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NO_TRUSTED_PROXIES } from '../wire/source-address.ts';
import { shapeWireEvent } from '../wire/wire-event.ts';
import { needsRedaction } from './needs-redaction.ts';
import { redactItem } from './redact-item.ts';
import { DEFAULT_REDACTION } from './redaction-policy.ts';

/** No part of any key, kind or number, in base64 neither. */
const CANARY = 'QZCanaryQZ';
const canary = fc.constantFrom(CANARY, `${CANARY}\n"\\`, `é${CANARY}`);

const word = fc.string({ minLength: 1, maxLength: 8 });
const filler = fc.oneof(
  word,
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(word, { maxLength: 3 }),
  fc.dictionary(word, word, { maxKeys: 3 }),
);
const metadata = fc.dictionary(word, filler, { maxKeys: 3 });

/** A member order of any kind: `kind` may come behind what it is about. */
function shuffled(members: Record<string, unknown>): fc.Arbitrary<Record<string, unknown>> {
  const entries = Object.entries(members);
  return fc.shuffledSubarray(entries, { minLength: entries.length }).map((each) => Object.fromEntries(each));
}

const secretData = fc.oneof(
  fc.dictionary(word, canary, { minKeys: 1, maxKeys: 3 }),
  fc.record({ a: fc.record({ b: fc.array(canary, { minLength: 1, maxLength: 2 }) }) }),
);
const secret = fc
  .record(
    { kind: fc.constant('Secret'), apiVersion: fc.constant('v1'), metadata, data: secretData, stringData: secretData },
    { requiredKeys: ['kind', 'data'] },
  )
  .chain(shuffled);

/** Objects around a Secret, as deep as people stack them. */
function wrapped(inner: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.tuple(word, inner, metadata).map(([key, value, rest]) => ({ ...rest, [key]: value })),
    fc.tuple(inner, filler).map(([value, other]) => [other, value]),
    fc.tuple(inner, metadata).map(([value, rest]) => ({ kind: 'List', apiVersion: 'v1', metadata: rest, items: [value] })),
    inner.map((value) => ({ kind: 'Template', objects: [{ raw: value }] })),
    inner.map((value) => ({
      metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `${JSON.stringify(value)}\n` } },
    })),
    inner.map((value) => ({ kind: 'ConfigMap', data: { 'object.json': JSON.stringify(value, null, 2) } })),
    inner.map((value) => [{ op: 'add', path: '/spec/objects/-', value }]),
    inner.map((value) => ({ kind: 'Table', rows: [{ cells: ['x'], object: value }] })),
  );
}
const body = fc.oneof(wrapped(secret), wrapped(wrapped(secret)), wrapped(wrapped(wrapped(secret))), secret);

/** What an event about a Secret itself carries, with no kind to tell it. */
const bareSecret = fc.oneof(
  fc.tuple(secretData, metadata).map(([data, rest]) => ({ metadata: rest, data })),
  fc.tuple(fc.constantFrom('data', 'stringData'), canary).map(([field, value]) => [{ op: 'replace', path: `/${field}/a~1b`, value }]),
  secretData.map((data) => ({ items: [{ data }], kind: 'SecretList' })),
  secretData.map((data) => JSON.stringify({ data })),
  secret,
);

const event = fc.oneof(
  fc.record({
    objectRef: fc.constantFrom({ resource: 'widgets' }, { resource: 'configmaps' }, { resource: 'secrets' }),
    requestObject: body,
  }),
  fc.record({ objectRef: fc.constantFrom({ resource: 'widgets' }, { resource: 'secrets' }), responseObject: body }),
  fc.record({ objectRef: fc.constant({ resource: 'secrets' }), requestObject: bareSecret, responseObject: bareSecret }),
  fc.record({
    objectRef: fc.constant({ resource: 'serviceaccounts', subresource: 'token' }),
    responseObject: canary.map((token) => ({ status: { token } })),
  }),
  fc.record({
    objectRef: fc.constant({ resource: 'tokenreviews', apiGroup: 'authentication.k8s.io' }),
    requestObject: canary.map((token) => ({ spec: { token } })),
  }),
);

it('no value of a Secret is stored or sent, wherever it stands', () => {
  fc.assert(
    fc.property(event, (members) => {
      const scanner = new EventListScanner({ isSensitive: (item, found) => needsRedaction(item, found, DEFAULT_REDACTION) });
      const [item] = scanner.push(Buffer.from(JSON.stringify({ items: [{ auditID: 'a', verb: 'create', ...members }] })));
      if (item?.kind !== 'event') throw new Error('no event');
      const stored = item.sensitive ? redactItem(item.bytes, DEFAULT_REDACTION).bytes : item.bytes;
      const parsed = parseAuditEvent(stored);
      if (parsed.kind === 'refused') throw new Error(parsed.reason);
      const sent = shapeWireEvent(parsed.event, { cluster: 'c', nowMs: 0, trustedProxies: NO_TRUSTED_PROXIES, budgetBytes: 65_500 }).json;

      expect(stored.toString()).not.toContain(CANARY);
      expect(sent).not.toContain(CANARY);
      expect(skeleton(parsed.event)).toEqual(skeleton(JSON.parse(item.bytes.toString())));
    }),
    { numRuns: 1_000 },
  );
});

/** The value with every text taken away: keys, lists and types must be what they were. A text may have been a packed object. */
function skeleton(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(skeleton);
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' || typeof value === 'number' ? 'x' : (value as JsonValue);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !['level', 'stage', 'requestURI', 'requestReceivedTimestamp', 'stageTimestamp', 'user'].includes(key))
      .map(([key, inner]) => [key, skeleton(inner)]),
  );
}
