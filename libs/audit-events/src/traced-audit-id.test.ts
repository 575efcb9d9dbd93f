import { expect, it } from 'vitest';
import { TRACED_AUDIT_ID_PREFIX, tracedKeyOf } from './traced-audit-id.ts';

const AUDIT_ID = `${TRACED_AUDIT_ID_PREFIX}0123abcd`;
const item = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

it('knows a traced event as an API server posts it, and as its log file has it', () => {
  const key = { auditId: AUDIT_ID, stage: 'ResponseComplete' };
  const event = { level: 'Metadata', ...{ auditID: AUDIT_ID, stage: 'ResponseComplete' }, requestURI: '/' };

  expect(tracedKeyOf(item(event))).toEqual(key);
  expect(tracedKeyOf(item({ kind: 'Event', apiVersion: 'audit.k8s.io/v1', ...event }))).toEqual(key);
});

it.each<[string, object]>([
  ['any other event', { level: 'Metadata', auditID: '0123abcd', stage: 'ResponseComplete' }],
  ['one that only speaks of a traced one', { level: 'Metadata', auditID: 'a', stage: 'Panic', requestURI: `/?"auditID":"${AUDIT_ID}"` }],
  ['an audit ID that is none of ours', { auditID: `${AUDIT_ID}\n"`, stage: 'ResponseComplete' }],
  ['an endless one', { auditID: `${AUDIT_ID}${'a'.repeat(100)}`, stage: 'ResponseComplete' }],
  ['one far behind', { requestURI: 'a'.repeat(300), auditID: AUDIT_ID, stage: 'ResponseComplete' }],
])('does not take %s for one', (_what, event) => {
  expect(tracedKeyOf(item(event))).toBeUndefined();
});

it('looks at no byte behind its view', () => {
  const bytes = item({ auditID: AUDIT_ID, stage: 'ResponseComplete' });
  expect(tracedKeyOf(bytes.subarray(0, 30))).toBeUndefined();
});
