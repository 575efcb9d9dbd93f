import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAuditEvent } from './parse-audit-event.ts';

const parse = (value: unknown): unknown => parseAuditEvent(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));
const FIXTURES = new URL('../../../fixtures/', import.meta.url);

describe('parseAuditEvent', () => {
  it('reads every recorded event as it is', () => {
    for (const line of readFileSync(new URL('recorded/guide-policy.eventlists.jsonl', FIXTURES), 'utf8').trim().split('\n')) {
      for (const event of JSON.parse(line).items) expect(parse(event)).toEqual({ kind: 'event', event });
    }
  });

  it('reads what the request filters of Kubernetes 1.36 make, at every stage', () => {
    for (const line of readFileSync(new URL('policy/stages.jsonl', FIXTURES), 'utf8').trim().split('\n')) {
      for (const event of JSON.parse(line).events) expect(parse(event)).toMatchObject({ kind: 'event', event: { stage: event.stage } });
    }
  });

  it('keeps fields it does not know, and bodies of any type', () => {
    const event = { auditID: 'a', requestObject: [1], responseObject: 'skipped-too-big-size-object', newField: { x: 1 } };

    expect(parse(event)).toMatchObject({ kind: 'event', event });
  });

  it('completes what Go always writes', () => {
    expect(parse({ auditID: 'a' })).toEqual({
      kind: 'event',
      event: { auditID: 'a', level: '', stage: '', requestURI: '', verb: '', requestReceivedTimestamp: '', stageTimestamp: '', user: {} },
    });
  });

  it('takes null for not there, as Go writes empty lists and maps', () => {
    const nulls = {
      auditID: 'a',
      user: null,
      impersonatedUser: null,
      sourceIPs: null,
      objectRef: null,
      annotations: null,
      userAgent: null,
    };

    expect(parse(nulls)).toMatchObject({ kind: 'event', event: { user: {} } });
    expect(parse({ auditID: 'a', user: { groups: null, extra: { a: null } } })).toMatchObject({ kind: 'event' });
  });

  it('does not let a member reach the prototype', () => {
    const text = '{"auditID":"a","__proto__":{"verb":"get"},"user":{"__proto__":{"username":"root"}}}';
    const parsed = parseAuditEvent(Buffer.from(text));

    expect(parsed).toMatchObject({ kind: 'event', event: { verb: '' } });
    expect(parsed.kind === 'event' && parsed.event.user.username).toBeUndefined();
  });

  it('reads bytes that are no UTF-8 as U+FFFD, and the last of two members', () => {
    const bytes = Buffer.concat([Buffer.from('{"auditID":"a","auditID":"b","verb":"'), Buffer.from([0xff]), Buffer.from('"}')]);

    expect(parseAuditEvent(bytes)).toMatchObject({ kind: 'event', event: { auditID: 'b', verb: '\ufffd' } });
  });

  it.each<[unknown, string]>([
    ['', 'not JSON'],
    ['{"auditID":"a",}', 'not JSON'],
    ['{"auditID":"a"}\0', 'not JSON'],
    ['\ufeff{"auditID":"a"}', 'not JSON'],
    ['[]', 'not an object'],
    ['null', 'not an object'],
    [{}, 'no auditID'],
    [{ auditID: '' }, 'no auditID'],
    [{ auditID: 1 }, 'no auditID'],
    [{ auditID: 'a', verb: 1 }, 'verb is not a string'],
    [{ auditID: 'a', user: 'root' }, 'user is not an object'],
    [{ auditID: 'a', user: [] }, 'user is not an object'],
    [{ auditID: 'a', user: { username: {} } }, 'user.username is not a string'],
    [{ auditID: 'a', user: { groups: 'x' } }, 'user.groups is not a list of strings'],
    [{ auditID: 'a', user: { groups: [1] } }, 'user.groups is not a list of strings'],
    [{ auditID: 'a', user: { extra: { a: 'x' } } }, 'user.extra is not a map of lists of strings'],
    [{ auditID: 'a', impersonatedUser: { uid: 1 } }, 'impersonatedUser.uid is not a string'],
    [{ auditID: 'a', sourceIPs: '10.0.0.7' }, 'sourceIPs is not a list of strings'],
    [{ auditID: 'a', objectRef: { name: 1 } }, 'objectRef.name is not a string'],
    [{ auditID: 'a', responseStatus: { code: '201' } }, 'responseStatus.code is not an integer'],
    [{ auditID: 'a', responseStatus: { code: 1.5 } }, 'responseStatus.code is not an integer'],
    [{ auditID: 'a', responseStatus: { message: [] } }, 'responseStatus.message is not a string'],
    [{ auditID: 'a', annotations: { a: 1 } }, 'annotations is not a map of strings'],
    [{ auditID: 'a', annotations: ['a'] }, 'annotations is not a map of strings'],
    [
      { auditID: 'a', authenticationMetadata: { impersonationConstraint: 1 } },
      'authenticationMetadata.impersonationConstraint is not a string',
    ],
  ])('refuses %j: %s', (value, reason) => {
    expect(parse(value)).toEqual({ kind: 'refused', reason });
  });
});
