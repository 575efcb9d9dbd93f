import { describe, expect, it } from 'vitest';
import { assertRule, assertTimes, entriesOf, none, theOnly } from './alert-search.ts';
import type { WazuhEntry } from './wazuh-entry.ts';

const alert: WazuhEntry = {
  timestamp: '2026-11-24T04:24:05.100+0000',
  rule: { id: '110003', level: 5, description: 'Kubernetes request to create resource' },
  agent: { id: '000', name: 'e2e' },
  location: 'k8s',
  data: {
    srcip: '127.0.0.1',
    k8s: {
      auditID: 'a',
      verb: 'create',
      stage: 'ResponseComplete',
      objectRef: { resource: 'deployments', namespace: 'default', name: 'hello-minikube' },
      user: { username: 'kubernetes-admin' },
      responseStatus: { code: '201' },
      requestReceivedTimestamp: '2026-11-24T04:24:03.000000Z',
      stageTimestamp: '2026-11-24T04:24:03.200000Z',
    },
  },
};
const request = {
  auditId: 'a',
  user: 'admin',
  apiServer: 0,
  method: 'POST',
  path: '/',
  sentAtMs: Date.parse('2026-11-24T04:24:02.900Z'),
  answeredAtMs: Date.parse('2026-11-24T04:24:03.300Z'),
};

it('finds the events of a request', () => {
  const { data: _data, ...undecoded } = alert;
  expect(entriesOf([alert, undecoded], 'a')).toEqual([alert]);
  expect(entriesOf([alert], 'b')).toEqual([]);
});

describe('theOnly', () => {
  it('gives the one entry', () => expect(theOnly([alert], 'alerts')).toBe(alert));

  it('fails with none, and with two, of which it tells what they are', () => {
    expect(() => theOnly([], 'alerts')).toThrow('alerts: expected one, found 0');
    expect(() => theOnly([alert, alert], 'alerts')).toThrow(
      /found 2\n {4}rule 110003 level 5: kubernetes-admin create deployments\/default\/hello-minikube 201 ResponseComplete \[e2e\]/,
    );
  });
});

it('none fails with one', () => {
  expect(() => none([], 'alerts')).not.toThrow();
  expect(() => none([alert], 'alerts')).toThrow('expected none, found 1');
});

describe('assertRule', () => {
  const right = { id: '110003', level: 5, description: 'Kubernetes request to create resource' };

  it('takes the rule that should win', () => {
    expect(() => assertRule(alert, right)).not.toThrow();
    expect(() => assertRule(alert, { ...right, description: /create/ })).not.toThrow();
  });

  it.each([{ id: '110004' }, { level: 6 }, { description: 'Kubernetes request' }, { description: /delete/ }])('refuses %o', (wrong) => {
    expect(() => assertRule(alert, { ...right, ...wrong })).toThrow();
  });

  it('refuses an entry without a rule', () => {
    const { rule: _rule, ...archived } = alert;
    expect(() => assertRule(archived, right)).toThrow('no rule');
  });
});

describe('assertTimes', () => {
  it('takes an event that happened while the request was on its way', () => {
    expect(() => assertTimes(alert, request)).not.toThrow();
  });

  it.each([
    ['an event of an hour before', { sentAtMs: request.sentAtMs + 3_600_000, answeredAtMs: request.answeredAtMs + 3_600_000 }],
    ['an event that was complete after the answer', { answeredAtMs: request.answeredAtMs - 60_000 }],
  ])('refuses %s', (_what, change) => {
    expect(() => assertTimes(alert, { ...request, ...change })).toThrow();
  });

  it('refuses an alert that came much later, or without a time', () => {
    expect(() => assertTimes({ ...alert, timestamp: '2026-11-24T05:24:05.100+0000' }, request)).toThrow('alerted');
    expect(() => assertTimes({ ...alert, timestamp: '' }, request)).toThrow('alerted');
  });
});
