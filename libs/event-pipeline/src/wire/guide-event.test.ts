import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { auditEvent } from '../testing/audit-event.ts';
import { shapeGuideEvent } from './guide-event.ts';
import { MIN_BUDGET_BYTES } from './wire-event.ts';

const FIXTURES = new URL('../../../../fixtures/', import.meta.url);
const shape = (item: object, budgetBytes = 65_529): ReturnType<typeof shapeGuideEvent> =>
  shapeGuideEvent(Buffer.from(JSON.stringify(item)), { budgetBytes });
const sentItem = (event: { readonly json: string }): Record<string, unknown> => JSON.parse(event.json).items[0];

describe('shapeGuideEvent', () => {
  it('sends the guide’s sample as the guide’s script does', () => {
    const sample = JSON.parse(readFileSync(new URL('guide/sample-event.json', FIXTURES), 'utf8'));

    expect(shape(sample.items[0]).json).toBe(
      '{"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": [{"level": "Metadata", "auditID": "6ae321a6-0735-41a6-a9d9-050f9a75644c", ' +
        '"stage": "ResponseComplete", "requestURI": "/apis/apps/v1/namespaces/default/deployments?fieldManager=kubectl-create&fieldValidation=Strict", ' +
        '"verb": "create", "user": {"username": "minikube-user", "groups": ["system:masters", "system:authenticated"]}, "sourceIPs": ["192.168.132.137"], ' +
        '"userAgent": "kubectl/v1.25.3 (linux/amd64) kubernetes/434bfd8", "objectRef": {"resource": "deployments", "namespace": "default", "name": ' +
        '"hello-minikube", "apiGroup": "apps", "apiVersion": "v1"}, "responseStatus": {"metadata": {}, "code": 201}, "requestReceivedTimestamp": ' +
        '"2022-11-08T15:45:13.929428Z", "stageTimestamp": "2022-11-08T15:45:13.946284Z", "annotations": {"authorization.k8s.io/decision": "allow", ' +
        '"authorization.k8s.io/reason": ""}}]}',
    );
  });

  it('matches the guide’s rules 110003 and 110004 for every recorded create and delete', () => {
    const lines = readFileSync(new URL('recorded/guide-policy.eventlists.jsonl', FIXTURES), 'utf8').trim().split('\n');
    for (const event of lines.flatMap((line) => JSON.parse(line).items)) {
      const { json, trimmed } = shape(event);

      expect(trimmed).toEqual([]);
      expect(/requestURI":.+", "verb": "create/.test(json)).toBe(event.verb === 'create');
      expect(/requestURI":.+", "verb": "delete/.test(json)).toBe(event.verb === 'delete' || event.verb === 'deletecollection');
    }
  });

  it('loses what can be missed first, until it fits to the byte', () => {
    const event = auditEvent({
      requestObject: { a: 'x'.repeat(20_000) },
      responseObject: { a: 'é'.repeat(5_000) },
      annotations: { a: 'y'.repeat(10_000) },
    });
    const whole = shape(event, 200_000);
    const bytes = Buffer.byteLength(whole.json);

    expect(whole.trimmed).toEqual([]);
    expect(shape(event, bytes)).toEqual(whole);
    expect(shape(event, bytes - 1).trimmed).toEqual(['responseObject']);
    expect(shape(event, 30_000).trimmed).toEqual(['responseObject', 'requestObject']);
    expect(Object.keys(sentItem(shape(event, 30_000)))).toEqual(Object.keys(event).filter((name) => !name.endsWith('Object')));
  });

  it('cuts the longest texts when nothing else is left', () => {
    const long = '"é'.repeat(30_000);
    for (const budgetBytes of [MIN_BUDGET_BYTES, 65_529]) {
      const shaped = shape(
        { ...auditEvent({ requestURI: `/${long}`, userAgent: long, user: { groups: [long] } }), [long]: 1 },
        budgetBytes,
      );

      expect(Buffer.byteLength(shaped.json)).toBeLessThanOrEqual(budgetBytes);
      expect(sentItem(shaped)).toMatchObject({ verb: 'create', auditID: expect.any(String) });
      expect(shaped.trimmed).toContain('requestURI');
    }
  });

  it('refuses a budget that is none, and what is no event', () => {
    expect(() => shape({}, MIN_BUDGET_BYTES - 1)).toThrow(RangeError);
    expect(() => shapeGuideEvent(Buffer.from('[]'), { budgetBytes: 65_529 })).toThrow(SyntaxError);
  });
});
