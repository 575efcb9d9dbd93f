import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { alertRow, renderPlainRow, renderTableHead, renderTableRow } from './alert-row.ts';
import type { Alert } from './alert-tail.ts';

const alert: Alert = {
  timestamp: '2026-11-23T15:11:28.000+0000',
  rule: { id: '118101', level: 5, description: 'Workload created' },
  agent: { id: '000', name: 'demo' },
  location: 'k8s',
  data: {
    srcip: '10.0.0.7',
    k8s: {
      cluster: 'demo',
      action: 'create deployments',
      outcome: 'allowed',
      user: { username: 'minikube-user' },
      objectRef: { resource: 'deployments', namespace: 'default', name: 'hello-minikube' },
      responseStatus: { code: '201' },
      requestReceivedTimestamp: '2026-11-23T15:11:27.625965Z',
    },
  },
};

const plain = (text: string): string => stripVTControlCharacters(text);

describe('the table', () => {
  it('says who did what to which object, from where, when, how bad', () => {
    expect(plain(renderTableRow(alertRow(alert)))).toBe(
      '15:11:27  5    118101  minikube-user             create deployments      default deployments hello-minikube  10.0.0.7         allowed 201',
    );
  });

  it('keeps its columns under long names', () => {
    const long = { ...alert, data: { ...alert.data, k8s: { ...alert.data?.k8s, user: { username: 'x'.repeat(500) } } } };

    expect(plain(renderTableRow(alertRow(long))).indexOf('create deployments')).toBe(plain(renderTableHead()).indexOf('DID'));
  });

  it('lets no user name write to the terminal', () => {
    const hostile = { ...alert, data: { ...alert.data, k8s: { ...alert.data?.k8s, user: { username: 'a\x1b[31mred\r\nforged\x07' } } } };
    const row = renderTableRow(alertRow(hostile));

    for (const part of ['\r', '\n', '\x07', '\x1b[31mred']) expect(row).not.toContain(part);
    expect(row).toContain('ared  forged ');
  });

  it('shows an alert that has nothing but a rule', () => {
    const { data: _, ...bare } = alert;

    expect(plain(renderTableRow(alertRow(bare)))).toContain('(nobody)');
  });
});

it('writes one line for a pipe, the rule id first', () => {
  expect(renderPlainRow(alertRow(alert))).toBe(
    '118101 time="2026-11-23T15:11:27.625965Z" level=5 who="minikube-user" action="create deployments" object="default deployments hello-minikube" from="10.0.0.7" outcome="allowed 201" cluster="demo" description="Workload created"',
  );
});
