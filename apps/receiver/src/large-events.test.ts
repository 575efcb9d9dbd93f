import { parseAuditEvent } from '@k8s-audit/audit-events';
import { afterEach, describe, expect, it } from 'vitest';
import { createShaping, type ShapingSettings } from './event-shaping.ts';
import { LARGE_EVENT_BYTES } from './event-without-bodies.ts';
import { LargeEvents } from './large-events.ts';

const settings: ShapingSettings = {
  redactionResources: [],
  wire: 'v1',
  isNamed: true,
  trustedProxies: [],
  lateAfterMs: 300_000,
  maxDatagramBytes: 65_535,
};
const origin = { cluster: 'prod-eu', apiServer: '-', source: 'webhook' } as const;
const givenUp: string[] = [];
const large = new LargeEvents(settings, (reason) => givenUp.push(reason));
afterEach(async () => {
  givenUp.length = 0;
  await large.close();
});

function eventOf(requestObject: unknown, resource = 'pods'): Buffer {
  const objectRef = { resource, namespace: 'default', name: 'n', apiVersion: 'v1' };
  const user = { username: 'jane' };
  return Buffer.from(
    JSON.stringify({
      level: 'Request',
      auditID: '1',
      stage: 'ResponseComplete',
      requestURI: '/',
      verb: 'create',
      user,
      objectRef,
      requestObject,
    }),
  );
}

const pod = eventOf({ kind: 'Pod', spec: { hostNetwork: true, containers: [{ name: 'c', args: ['x'.repeat(LARGE_EVENT_BYTES)] }] } });
const secret = eventOf({ kind: 'Secret', data: { password: Buffer.from('x'.repeat(LARGE_EVENT_BYTES)).toString('base64') } }, 'secrets');
/** Two million values in 4 MB. */
const madeForIt = eventOf({ kind: 'Pod', spec: { hostNetwork: true, a: Array.from({ length: 2_000_000 }, () => 1) } });

describe('a large event', () => {
  it('is redacted and shaped in its thread as it would be here', async () => {
    const here = createShaping(settings);

    expect((await large.redact(secret)).equals(here.redact(secret))).toBe(true);
    expect(await large.redact(secret)).not.toContain(Buffer.from('xxx').toString('base64'));
    const read = await large.read({ item: pod, origin }, 0);
    expect(read).toEqual(expect.objectContaining({ kind: 'event', late: false }));
    const expected = here.read({ item: pod, origin }, 0);
    expect(Object.values(read).map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value))).toEqual(
      Object.values(expected).map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value)),
    );
    expect(givenUp).toEqual([]);
  });

  it('that is a slice of something, or no event, is met as what it is', async () => {
    const slice = Buffer.concat([Buffer.from('before'), pod, Buffer.from('behind')]).subarray(6, 6 + pod.length);

    expect(await large.read({ item: slice, origin }, 0)).toMatchObject({ kind: 'event' });
    expect(await large.read({ item: Buffer.alloc(LARGE_EVENT_BYTES + 1, 0x20), origin }, 0)).toMatchObject({ kind: 'refused' });
  });

  it('of more values than any object has loses its bodies, and says so; nothing of it is lost beside', async () => {
    const clean = await large.redact(madeForIt);
    expect(parseAuditEvent(clean)).toMatchObject({ kind: 'event', event: { auditID: '1', user: { username: 'jane' } } });
    expect(clean.length).toBeLessThan(1_000);
    expect(await large.read({ item: madeForIt, origin }, 0)).toMatchObject({ kind: 'event' });
    expect(givenUp).toEqual(['more than 1000000 values', 'more than 1000000 values']);
  });

  it('does not keep the others waiting for ever when its thread ends', async () => {
    const answers = [large.read({ item: pod, origin }, 0), large.read({ item: pod, origin }, 0)];
    await large.close();

    expect((await Promise.all(answers)).map(({ kind }) => kind)).toEqual(['event', 'event']);
    expect(givenUp).toEqual(['its thread ended']);
  });
});
