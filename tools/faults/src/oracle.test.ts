import { describe, expect, it } from 'vitest';
import { Oracle } from './oracle.ts';

const series = { token: 'abc', startMs: 1_800_000_000_000 };

/** As the receiver shapes it: bodies as JSON text, numbers as strings. */
function datagram(event: Readonly<Record<string, unknown>>, changes: object = {}): Uint8Array {
  const { requestObject, responseStatus, ...rest } = event;
  const k8s = {
    ...rest,
    responseStatus: { code: String((responseStatus as { code: number }).code) },
    request: JSON.stringify(requestObject),
  };
  return Buffer.from(`1:[000] (oracle) audit->k8s:${JSON.stringify({ k8s: { ...k8s, ...changes } })}`);
}

describe('the oracle', () => {
  it('misses what was acknowledged and has not arrived, and only that', () => {
    const oracle = new Oracle(series);
    const [one, two, three] = oracle.issue(3) as [number, number, number];
    oracle.acknowledge([one, two]);
    oracle.receive(datagram(oracle.event(one)));
    oracle.receive(datagram(oracle.event(three)));

    expect(oracle.findings()).toMatchObject({ issued: 3, acknowledged: 2, arrived: 2, lost: [two], altered: [], spurious: 0, copies: 0 });
  });

  it.each([
    ['another user', { user: { username: 'eve' } }],
    ['another microsecond', { stageTimestamp: '2027-01-15T08:00:00.000009Z' }],
    ['a body that lost a field', { request: '{"kind":"ConfigMap"}' }],
    ['a body that is cut', { request: '{"kind":' }],
  ])('notices %s', (_title, changes) => {
    const oracle = new Oracle(series);
    const [one] = oracle.issue(1) as [number];
    oracle.receive(datagram(oracle.event(one), changes));

    expect(oracle.findings().altered).toEqual([one]);
  });

  it('notices what it never issued, and what is no event at all', () => {
    const oracle = new Oracle(series);
    oracle.issue(1);
    oracle.receive(datagram({ ...oracle.event(1), auditID: 'abc-2' }));
    oracle.receive(datagram({ ...oracle.event(1), auditID: 'other-1' }));
    oracle.receive(Buffer.from('1:k8s:{'));

    expect(oracle.findings()).toMatchObject({ spurious: 3, arrived: 0 });
  });

  it('counts copies', () => {
    const oracle = new Oracle(series);
    oracle.issue(1);
    for (let i = 0; i < 3; i++) oracle.receive(datagram(oracle.event(1)));

    expect(oracle.findings()).toMatchObject({ arrived: 1, datagrams: 3, copies: 2 });
  });
});
