import { readFileSync } from 'node:fs';
import type { AuditEvent } from '@k8s-audit/audit-events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditEvent } from '../testing/audit-event.ts';
import { leavesOf, pythonSpaced } from '../testing/wire-document.ts';
import { NO_TRUSTED_PROXIES, trustedProxies } from './source-address.ts';
import { MIN_BUDGET_BYTES, shapeWireEvent, type WireContext, type WireEvent } from './wire-event.ts';
import { WIRE_SCHEMA } from './wire-schema.ts';

/** What a manager's datagram leaves beside `1:k8s:`. */
const BUDGET_BYTES = 65_535 - '1:k8s:'.length;
const context: WireContext = {
  cluster: 'prod-eu',
  nowMs: Date.parse('2026-11-08T15:45:14Z'),
  trustedProxies: NO_TRUSTED_PROXIES,
  budgetBytes: BUDGET_BYTES,
};
const shape = (more: Partial<AuditEvent> = {}, with_: Partial<WireContext> = {}): WireEvent =>
  shapeWireEvent(auditEvent(more), { ...context, ...with_ });
const k8s = (more: Partial<AuditEvent> = {}, with_: Partial<WireContext> = {}): Record<string, unknown> =>
  JSON.parse(shape(more, with_).json).k8s;

function recordedEvents(): readonly AuditEvent[] {
  return ['guide-policy', 'request-response'].flatMap((name) =>
    readFileSync(new URL(`../../../../fixtures/recorded/${name}.eventlists.jsonl`, import.meta.url), 'utf8')
      .trim()
      .split('\n')
      .flatMap((line) => JSON.parse(line).items as AuditEvent[]),
  );
}

describe('the document', () => {
  it('is this one', () => {
    const event = auditEvent({
      verb: 'get',
      requestURI: '/api/v1/namespaces/default/pods/web/exec?command=id&container=c',
      user: { username: 'alice', uid: '1', groups: ['a', 'b'], extra: { k: ['v', 'w'] } },
      impersonatedUser: { username: 'bob' },
      authenticationMetadata: { impersonationConstraint: 'impersonate:user-info' },
      sourceIPs: ['1.2.3.4', '10.0.0.7'],
      objectRef: { resource: 'pods', namespace: 'default', name: 'web', apiVersion: 'v1', subresource: 'exec' },
      responseStatus: { metadata: {}, status: 'Failure', message: 'no "x"', reason: 'NotFound', details: {}, code: 404 },
      requestObject: { kind: 'PodExecOptions' },
      annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': 'RBAC: "r"', 'a.b/c': 'd' },
    });
    const detect = (): readonly string[] => ['exec-into-pod', 'other'];
    const except = (): readonly string[] => ['other'];

    expect(shapeWireEvent(event, { ...context, apiServer: 'cp-1', detect, except }).json).toBe(
      '{"apiVersion": "audit.k8s.io/v1", "kind": "Event", "srcip": "10.0.0.7", "k8s": {"schema": "1", "cluster": "prod-eu", "apiServer": "cp-1", ' +
        '"action": "exec pods", "outcome": "failed", "actor": "human", "facts": {"scope": "object", "impersonates": "bob", "client": "kubectl", ' +
        '"source": "private", "command": "id", "container": "c"}, "detections": ["exec-into-pod", "other"], "excepted": "other", "unseen": "none", ' +
        '"late": "false", "level": "RequestResponse", "auditID": "6ae321a6-0735-41a6-a9d9-050f9a75644c", "stage": "ResponseComplete", ' +
        '"requestURI": "/api/v1/namespaces/default/pods/web/exec?command=id&container=c", "verb": "get", "user": {"username": "alice", "uid": "1", ' +
        '"groups": ["a", "b"], "extra": ["k=v", "k=w"]}, "impersonatedUser": {"username": "bob"}, "authenticationMetadata": ' +
        '{"impersonationConstraint": "impersonate:user-info"}, "sourceIPs": ["1.2.3.4", "10.0.0.7"], "userAgent": "kubectl/v1.35.4 (linux/amd64) ' +
        'kubernetes/8adc0f0", "objectRef": {"resource": "pods", "namespace": "default", "name": "web", "apiVersion": "v1", "subresource": "exec"}, ' +
        '"responseStatus": {"code": "404", "reason": "NotFound", "message": "no \\"x\\""}, "requestReceivedTimestamp": "2026-11-08T15:45:13.929428Z", ' +
        '"stageTimestamp": "2026-11-08T15:45:13.946284Z", "decision": "allow", "decisionReason": "RBAC: \\"r\\"", "annotations": ["a.b/c=d"], ' +
        '"request": "{\\"kind\\":\\"PodExecOptions\\"}"}}',
    );
  });

  it('is in Python’s spacing, closed, in the order of the schema, and matches the first guide’s rule, for every recorded event', () => {
    const order = new Map(WIRE_SCHEMA.map(({ name }, index) => [name, index]));
    const always = WIRE_SCHEMA.filter((field) => field.always).map(({ name }) => name);
    for (const event of recordedEvents()) {
      const { json } = shapeWireEvent(event, context);
      const leaves = leavesOf(json);
      const names = [...leaves.keys()].filter((name) => !name.startsWith('k8s.facts.'));

      expect(json).toBe(pythonSpaced(JSON.parse(json)));
      expect([...leaves.keys()].filter((name) => !order.has(name))).toEqual([]);
      expect(names).toEqual(names.toSorted((one, other) => (order.get(one) ?? 0) - (order.get(other) ?? 0)));
      expect(always.filter((name) => !leaves.has(name))).toEqual([]);
      expect(/requestURI":.+", "verb": "create/.test(json)).toBe(event.verb === 'create');
    }
  });

  it('has fewer than 120 fields, whatever comes', () => {
    expect(WIRE_SCHEMA.length).toBeLessThan(120);
    expect(new Set(WIRE_SCHEMA.map(({ name }) => name.toLowerCase())).size).toBe(WIRE_SCHEMA.length);
  });

  it('gives detections the fields as they will be sent', () => {
    for (const event of recordedEvents().slice(0, 300)) {
      let seen: unknown;
      const detect = (fields: unknown): readonly string[] => {
        seen = fields;
        return [];
      };
      const sent = JSON.parse(shapeWireEvent(event, { ...context, detect }).json).k8s;

      for (const field of [
        'schema',
        'cluster',
        'action',
        'outcome',
        'actor',
        'facts',
        'excepted',
        'level',
        'stage',
        'requestURI',
        'verb',
        'objectRef',
        'decision',
        'late',
      ] as const) {
        expect((seen as Record<string, unknown>)[field] ?? undefined).toEqual(sent[field]);
      }
      expect((seen as { user: { username?: string } }).user.username).toBe(sent.user.username);
      expect((seen as { responseStatus?: { code: string } }).responseStatus?.code).toBe(sent.responseStatus?.code);
    }
  });

  it('always says `excepted`: a missing field would silence the rule that negates it', () => {
    expect(k8s()).toMatchObject({ detections: [], excepted: '-' });
    expect(k8s({}, { detect: () => ['a', 'b'], except: (_fields, all) => all })).toMatchObject({ detections: ['a', 'b'], excepted: 'a,b' });
  });
});

describe('time', () => {
  const at = (stageTimestamp: string): unknown => k8s({ stageTimestamp })['late'];

  it('is late when the stage is more than five minutes old', () => {
    expect(at('2026-11-08T15:40:14.000000Z')).toBe('false');
    expect(at('2026-11-08T15:40:13.999000Z')).toBe('true');
    expect(k8s({}, { lateAfterMs: 10 })['late']).toBe('true');
  });

  it('is not late when it lies ahead or cannot be read', () => {
    expect(at('2038-01-19T03:14:08.000000Z')).toBe('false');
    expect(at('soon')).toBe('false');
  });

  it('is that of the stage: a session of an hour is not late when it ends', () => {
    expect(k8s({ requestReceivedTimestamp: '2026-11-08T14:00:00.000000Z' })['late']).toBe('false');
  });
});

describe('srcip', () => {
  const srcip = (sourceIPs: readonly string[] | undefined, ...proxies: readonly string[]): unknown =>
    JSON.parse(shape({ sourceIPs: sourceIPs as never }, { trustedProxies: trustedProxies(proxies) ?? NO_TRUSTED_PROXIES }).json).srcip;

  it.each<[readonly string[] | undefined, readonly string[], string | undefined]>([
    [['1.1.1.1', '10.0.0.7'], [], '10.0.0.7'],
    [['1.1.1.1', '2.2.2.2', '10.0.0.7'], ['10.0.0.0/8'], '2.2.2.2'],
    [['1.1.1.1', '10.0.0.8', '10.0.0.7'], ['10.0.0.8', '10.0.0.7/32'], '1.1.1.1'],
    [['10.0.0.8', '10.0.0.7'], ['10.0.0.0/8'], '10.0.0.8'],
    [['1.1.1.1', 'fd00::7'], ['fd00::/8'], '1.1.1.1'],
    [['1.1.1.1', '::ffff:10.0.0.7'], ['10.0.0.0/8'], '1.1.1.1'],
    [['2001:db8::1'], [], '2001:db8::1'],
    [['1.1.1.1', 'x'], [], undefined],
    [['x', '10.0.0.7'], ['10.0.0.0/8'], undefined],
    [['999.1.1.1'], [], undefined],
    [['1.1.1.1"}, "k8s": {'], [], undefined],
    [[], [], undefined],
    [undefined, [], undefined],
  ])('of %j behind %j is %s', (addresses, proxies, expected) => {
    expect(srcip(addresses, ...proxies)).toBe(expected);
  });

  it.each(['10.0.0.0/33', '10.0.0/8', 'x', '::1/129', '::1::', '1:2:3', '10.0.0.1/', '10.0.0.1/8/8', '10.0.0.1/-1', ''])(
    '%j is no proxy',
    (entry) => {
      expect(trustedProxies([entry])).toBeUndefined();
    },
  );
});

describe('text that a client wrote', () => {
  it.each([
    ['a\nb', 'a\ufffdb'],
    ['a\u0000\u001b[31m\u007f\u0085\u009b', 'a\ufffd\ufffd[31m\ufffd\ufffd\ufffd'],
    ['a\u2028\u2029\u202eb\u2066', 'a\ufffd\ufffd\ufffdb\ufffd'],
    ['a\ud800b\udc00', 'a\ufffdb\ufffd'],
    ['büro 日本 😀 "q" \\', 'büro 日本 😀 "q" \\'],
  ])('%j goes out as %j', (userAgent, expected) => {
    expect(k8s({ userAgent })['userAgent']).toBe(expected);
  });

  it('is never taken apart for a list: a blank comes before its bracket', () => {
    expect(k8s({ userAgent: '[{"a":1}]' })['userAgent']).toBe(' [{"a":1}]');
    expect(k8s({ requestObject: [{ op: 'add', path: '/a', value: 1 }] as never })['request']).toBe(
      '{"patch":[{"op":"add","path":"/a","value":1}]}',
    );
  });

  it('cannot pose as another field', () => {
    const forged = 'x", "verb": "create';
    const { json } = shape({
      verb: 'get',
      userAgent: forged,
      requestURI: `/${forged}`,
      user: { username: forged, groups: [forged] },
      requestObject: { a: forged },
    });

    expect(/requestURI":.+", "verb": "create/.test(json)).toBe(false);
    expect(JSON.parse(json).k8s.verb).toBe('get');
  });

  it('in a body is JSON that can be read again', () => {
    const requestObject = { text: 'a\n"b"\\ \ud800 \u2028', nested: { list: [1, null, true] } };

    expect(JSON.parse(k8s({ requestObject })['request'] as string)).toEqual({ ...requestObject, text: 'a\n"b"\\ \ud800 \ufffd' });
  });
});

describe('what is too long', () => {
  it('is cut between characters at 8,000 bytes, and named', () => {
    const shaped = shape({ requestURI: `/${'é'.repeat(100_000)}`, userAgent: 'x'.repeat(8_000) });
    const { requestURI, userAgent, trimmed } = JSON.parse(shaped.json).k8s;

    expect(Buffer.byteLength(requestURI)).toBe(7_999);
    expect(requestURI).not.toContain('\ufffd');
    expect(userAgent).toHaveLength(8_000);
    expect(trimmed).toBe('requestURI');
    expect(shaped.trimmed).toEqual(['requestURI']);
  });

  it('in a list goes at its end, and of source addresses at their beginning', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => `1.1.${index >> 8}.${index & 255}`);
    const { user, sourceIPs, trimmed } = k8s({ user: { groups: many }, sourceIPs: [...many, '10.0.0.7'] }) as never as {
      user: { groups: string[] };
      sourceIPs: string[];
      trimmed: string;
    };

    expect(user.groups[0]).toBe(many[0]);
    expect(sourceIPs.at(-1)).toBe('10.0.0.7');
    expect(sourceIPs.slice(0, -1)).toEqual(many.slice(1 - sourceIPs.length));
    for (const list of [user.groups, sourceIPs]) expect(Buffer.byteLength(list.join('","'))).toBeLessThanOrEqual(8_000);
    expect(trimmed).toBe('user.groups,sourceIPs');
  });

  it('in bodies goes field by field: names, kinds and flags stay', () => {
    const data = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`file${index}`, 'x'.repeat(9_000)]));
    const requestObject = { kind: 'ConfigMap', metadata: { name: 'big', managedFields: [{}] }, immutable: true, data };
    const { request, trimmed } = k8s({ requestObject }) as { request: string; trimmed: string };
    const body = JSON.parse(request);

    expect(Buffer.byteLength(request)).toBeLessThanOrEqual(30_000);
    expect(Buffer.byteLength(request)).toBeGreaterThan(20_000);
    expect(body).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'big' }, immutable: true });
    expect(body.metadata).not.toHaveProperty('managedFields');
    expect(Object.keys(body.data)).toEqual(Object.keys(data));
    expect(body.data.file0).toMatch(/^x+\[trimmed 9002\]$/);
    expect(trimmed).toBe('request');
  });

  it('in a long list keeps the first entries and counts the rest', () => {
    const items = Array.from({ length: 5_000 }, (_, index) => ({ metadata: { name: `pod-${index}` } }));
    const { response } = k8s({ verb: 'list', responseObject: { kind: 'PodList', items } as never }) as { response: string };
    const body = JSON.parse(response);

    expect(body.items[0]).toEqual(items[0]);
    expect(body.items.at(-1)).toMatch(/^\[trimmed \d+ more\]$/);
    expect(body.items.length - 1 + Number(/\d+/.exec(body.items.at(-1))?.[0])).toBe(5_000);
  });

  it('leaves the request at least half of the room', () => {
    const big = { data: { a: 'x'.repeat(50_000) } };
    const { request, response, trimmed } = k8s({ requestObject: big, responseObject: big }) as {
      request: string;
      response: string;
      trimmed: string;
    };

    expect(request.length).toBeGreaterThan(14_000);
    expect(request.length + response.length).toBeLessThanOrEqual(30_000);
    expect(trimmed).toBe('request,response');
    expect((k8s({ requestObject: { a: 1 }, responseObject: big })['response'] as string).length).toBeGreaterThan(29_000);
  });

  it('says which bodies the scanner left out', () => {
    expect(k8s({ omittedBodies: 'requestObject,responseObject', requestObject: null })['trimmed']).toBe('request,response');
  });

  it('never has a value that the index would refuse', () => {
    for (const value of leavesOf(monster().json).values()) {
      for (const text of typeof value === 'string' ? [value] : value) expect(Buffer.byteLength(text)).toBeLessThan(32_766);
    }
  });
});

/** Everything as long as it gets. */
function monster(budgetBytes = BUDGET_BYTES): WireEvent {
  const text = '"\\é'.repeat(10_000);
  const map = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`key${index}`, text.slice(0, 200)]));
  return shape(
    {
      requestURI: `/${text}?command=${text}&container=${text}`,
      verb: text,
      auditID: text,
      user: {
        username: text,
        uid: text,
        groups: [text, text],
        extra: Object.fromEntries(Object.entries(map).map(([key, value]) => [key, [value]])),
      },
      impersonatedUser: { username: text, groups: [text] },
      sourceIPs: [text, '10.0.0.7'],
      userAgent: text,
      objectRef: {
        resource: text,
        namespace: text,
        name: text,
        uid: text,
        apiGroup: text,
        apiVersion: text,
        resourceVersion: text,
        subresource: 'exec',
      },
      responseStatus: { code: 403, message: text, reason: text },
      requestReceivedTimestamp: text,
      annotations: { ...map, 'authorization.k8s.io/reason': text, 'pod-security.kubernetes.io/audit-violations': text },
      requestObject: map,
      responseObject: { kind: 'Pod', list: Object.values(map) },
    },
    { budgetBytes },
  );
}

describe('the datagram', () => {
  const datagramBytes = (json: string): number => Buffer.byteLength(`1:k8s:${json}`);

  /** An event that is exactly so many bytes too long for the datagram, or so many short of it. */
  function eventBeyond(bytes: number): Partial<AuditEvent> {
    // Quotes in a body take four bytes each on the wire and two of the body's own limit.
    const of = (pad: number): Partial<AuditEvent> => ({
      requestObject: { text: '"'.repeat(14_900) },
      userAgent: 'x'.repeat(4_000),
      requestURI: `/${'y'.repeat(pad)}`,
    });
    const atZero = datagramBytes(shape(of(0), { budgetBytes: 200_000 }).json);
    return of(65_535 - atZero + bytes);
  }

  it.each([
    [65_534, 65_534, []],
    [65_535, 65_535, []],
    [65_536, undefined, ['request']],
    [65_537, undefined, ['request']],
  ])('of %i bytes is sent with %s', (natural, sent, trimmed) => {
    const event = eventBeyond(natural - 65_535);
    expect(datagramBytes(shape(event, { budgetBytes: 200_000 }).json)).toBe(natural);
    const shaped = shape(event);

    if (sent === undefined) expect(datagramBytes(shaped.json)).toBeLessThanOrEqual(65_535);
    else expect(datagramBytes(shaped.json)).toBe(sent);
    expect(shaped.trimmed).toEqual(trimmed);
    expect(JSON.parse(shaped.json).k8s).toMatchObject({ schema: '1', verb: 'create', stageTimestamp: expect.any(String) });
  });

  it('holds the longest event there is, in any budget down to the smallest', () => {
    for (let budgetBytes = MIN_BUDGET_BYTES; budgetBytes <= 66_000; budgetBytes += 1_237) {
      const { json, trimmed } = monster(budgetBytes);

      expect(Buffer.byteLength(json)).toBeLessThanOrEqual(budgetBytes);
      expect(leavesOf(json).get('k8s.outcome')).toBe('forbidden');
      expect(leavesOf(json).get('k8s.trimmed')).toBe(trimmed.join(','));
      expect(trimmed).toEqual(expect.arrayContaining(['requestURI', 'user.groups', 'request', 'response']));
    }
    expect(() => monster(MIN_BUDGET_BYTES - 1)).toThrow(RangeError);
  });
});

const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom('"', '\\', '[', '{', '\n', '\u0000', '\u007f', '\ud800', '\udc00', '\u202e', 'é', '日', '😀', 'a', '=', ','),
    maxLength: 60,
  }),
  fc.tuple(fc.constantFrom('x', '"', '日', '\ud800'), fc.integer({ min: 1, max: 15_000 })).map(([unit, count]) => unit.repeat(count)),
);
const hostileTexts = fc.array(hostileText, { maxLength: 30 });
const hostileBody = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'medium' },
    hostileText,
    fc.double(),
    fc.constantFrom(null, true),
    fc.array(tie('any'), { maxLength: 8 }),
    fc.dictionary(hostileText, tie('any'), { maxKeys: 8 }),
  ),
})).any;
const hostileUser = fc.record(
  { username: hostileText, uid: hostileText, groups: hostileTexts, extra: fc.dictionary(hostileText, hostileTexts, { maxKeys: 5 }) },
  { requiredKeys: [] },
);
const hostileEvent = fc.record(
  {
    level: hostileText,
    auditID: hostileText,
    stage: hostileText,
    requestURI: hostileText,
    verb: fc.oneof(hostileText, fc.constantFrom('create', 'patch')),
    user: hostileUser,
    impersonatedUser: hostileUser,
    sourceIPs: hostileTexts,
    userAgent: hostileText,
    objectRef: fc.record(
      {
        resource: fc.oneof(hostileText, fc.constantFrom('pods', 'clusterroles', 'deployments')),
        namespace: hostileText,
        name: hostileText,
        subresource: hostileText,
      },
      { requiredKeys: [] },
    ),
    responseStatus: fc.record({ code: fc.integer(), message: hostileText, reason: hostileText }, { requiredKeys: [] }),
    requestObject: hostileBody,
    responseObject: hostileBody,
    requestReceivedTimestamp: hostileText,
    stageTimestamp: hostileText,
    annotations: fc.dictionary(hostileText, hostileText, { maxKeys: 10 }),
  },
  { requiredKeys: ['level', 'auditID', 'stage', 'requestURI', 'verb', 'user', 'requestReceivedTimestamp', 'stageTimestamp'] },
);

it('keeps every promise for any event at all', () => {
  const known = new Set(WIRE_SCHEMA.map(({ name }) => name));
  fc.assert(
    fc.property(hostileEvent, fc.integer({ min: MIN_BUDGET_BYTES, max: 65_535 }), (event, budgetBytes) => {
      const { json } = shapeWireEvent(event as AuditEvent, { ...context, budgetBytes });

      expect(Buffer.byteLength(json)).toBeLessThanOrEqual(budgetBytes);
      expect(json.isWellFormed()).toBe(true);
      expect(json).toBe(pythonSpaced(JSON.parse(json)));
      for (const [name, value] of leavesOf(json)) {
        expect(known).toContain(name);
        for (const text of typeof value === 'string' ? [value] : value) {
          expect(text).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
          expect(Buffer.byteLength(text)).toBeLessThan(32_766);
        }
        if (typeof value === 'string') expect(value.startsWith('[')).toBe(false);
      }
    }),
    { numRuns: 80 },
  );
});
