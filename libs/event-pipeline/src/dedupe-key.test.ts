import type { AuditEvent } from '@k8s-audit/audit-events';
import { describe, expect, it } from 'vitest';
import { DEDUPE_KEY_BYTES, dedupeKey } from './dedupe-key.ts';
import { auditEvent } from './testing/audit-event.ts';

const event = auditEvent({ impersonatedUser: { username: 'bob' }, requestObject: { a: 1 }, responseObject: { b: 2 } });
const key = (more: Partial<AuditEvent> = {}, cluster = 'prod'): string => dedupeKey(cluster, { ...event, ...more }).toString('hex');

describe('dedupeKey', () => {
  it('is 16 bytes, and this one: keys of a spool written by an earlier version must still be known', () => {
    expect(dedupeKey('prod', event)).toHaveLength(DEDUPE_KEY_BYTES);
    expect(key()).toBe('c47ac2585cb1b56a79cd786a9f3a9f1c');
  });

  it.each<[string, Partial<AuditEvent>]>([
    ['the log file, whose lines have a kind', { kind: 'Event', apiVersion: 'audit.k8s.io/v1' }],
    [
      'a copy that the API server truncated',
      { requestObject: undefined as never, responseObject: undefined as never, annotations: { 'audit.k8s.io/truncated': 'true' } },
    ],
    ['a copy whose body the scanner left out', { requestObject: null, omittedBodies: 'requestObject' }],
    ['a reader that orders groups in its own way', { user: { username: 'alice', groups: ['b', 'a'] } }],
  ])('is the same for %s', (_title, more) => {
    expect(key(more)).toBe(key());
  });

  it.each<[string, Partial<AuditEvent>]>([
    ['another stage', { stage: 'ResponseStarted' }],
    ['another audit ID', { auditID: 'x' }],
    ['another microsecond', { requestReceivedTimestamp: '2026-11-08T15:45:13.929429Z' }],
    ['another microsecond of its stage', { stageTimestamp: '2026-11-08T15:45:13.946285Z' }],
    ['another verb', { verb: 'delete' }],
    ['another URI', { requestURI: '/x' }],
    ['another user', { user: { username: 'eve' } }],
    ['another user of the same name', { user: { username: 'alice', uid: '2' } }],
    ['another impersonated user', { impersonatedUser: { username: 'carol' } }],
    ['another status', { responseStatus: { code: 403 } }],
  ])('is another for %s', (_title, more) => {
    expect(key(more)).not.toBe(key());
  });

  it('is another for another cluster', () => {
    expect(key({}, 'staging')).not.toBe(key());
  });

  it('cannot be steered by what a client puts where', () => {
    expect(key({ auditID: 'a5:b', stage: 'c' as never })).not.toBe(key({ auditID: 'a', stage: 'b1:c' as never }));
    expect(key({ verb: 'get', requestURI: '1:x' })).not.toBe(key({ verb: 'get1', requestURI: ':x' }));
    expect(key({ user: { username: 'ab', uid: '' } })).not.toBe(key({ user: { username: 'a', uid: 'b' } }));
  });
});
