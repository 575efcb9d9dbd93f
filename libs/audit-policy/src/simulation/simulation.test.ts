import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type AuditEvent, checkAuditEvent } from '@k8s-audit/audit-events';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Policy } from '../model.ts';
import { GUIDE_POLICY } from '../profiles/guide.ts';
import { readPolicy } from '../reader/read-policy.ts';
import { attributesOfEvent } from './event-attributes.ts';
import { renderBar, renderSimulationSvg, renderSparkline } from './picture.ts';
import { Simulation, type SimulationResult } from './simulation.ts';
import { Tally } from './tally.ts';
import { TimelineBuilder } from './timeline.ts';

const RECORDED = resolve(import.meta.dirname, '../../../../fixtures/recorded');

function recordedEvents(file: string): readonly AuditEvent[] {
  return readFileSync(`${RECORDED}/${file}`, 'utf8')
    .trim()
    .split('\n')
    .flatMap((line) => (JSON.parse(line) as { readonly items: readonly unknown[] }).items)
    .map((item) => {
      const parsed = checkAuditEvent(item);
      if (parsed.kind === 'refused') throw new Error(parsed.reason);
      return parsed.event;
    });
}

function publishedPolicy(): Policy {
  const reading = readPolicy(readFileSync(resolve(import.meta.dirname, '../../../../fixtures/guide/audit-policy.yaml')));
  if (reading.kind === 'refused') throw new Error(reading.message);
  return reading.policy;
}

const bytesOf = (event: AuditEvent): number => Buffer.byteLength(JSON.stringify(event));

function simulate(events: readonly AuditEvent[], policy: Policy, against?: Policy): SimulationResult {
  const simulation = new Simulation(policy, against);
  for (const event of events) simulation.add(event, bytesOf(event));
  return simulation.result();
}

const event = (parts: Partial<AuditEvent>): AuditEvent => ({
  level: 'Metadata',
  auditID: 'a',
  stage: 'ResponseComplete',
  requestURI: '/api/v1/namespaces/prod/secrets/x',
  verb: 'get',
  user: { username: 'alice', groups: ['dev'] },
  requestReceivedTimestamp: '2026-01-01T00:00:00.000000Z',
  stageTimestamp: '2026-01-01T00:00:00.000000Z',
  ...parts,
});

describe('a recording under the guide’s policy as published', () => {
  const published = publishedPolicy();
  let events: readonly AuditEvent[];
  beforeAll(() => {
    events = recordedEvents('guide-policy.eventlists.jsonl');
  });

  it('is kept whole by that policy, at the levels and sizes at which it was recorded', () => {
    const result = simulate(events, published, published);

    expect(result.kept.events).toBe(events.length);
    expect(result.kept.bytes).toBe(result.recordedBytes);
    for (const { events: count, eventsPerSecond } of [...result.kept.byLevel, ...result.kept.byUser.rows])
      expect(eventsPerSecond).toBeCloseTo(count / result.spanSeconds);
    expect(result.kept.unknownBodies).toBe(0);
    expect(
      Object.fromEntries(result.kept.byLevel.filter(({ events: count }) => count > 0).map(({ key, events: count }) => [key, count])),
    ).toEqual(result.recorded.levels);
    expect(result.change).toMatchObject({ lost: 0, gained: 0, raised: 0, lowered: 0, rows: { rows: [] } });
    expect(result.kept.byRule.reduce((sum, count) => sum + count) + result.kept.byNoRule).toBe(events.length);
  });

  it('is smaller under the policy as it was meant: reading pods is recorded without bodies', () => {
    const result = simulate(events, GUIDE_POLICY, published);

    expect(result.change).toMatchObject({ lost: 0, gained: 0, raised: 0 });
    expect(result.change?.rows.rows.map(({ key }) => key)).toContain('list pods: RequestResponse -> Metadata');
  });

  it('says what another policy would lose, and that bodies which were not recorded cannot be weighed', () => {
    const result = simulate(
      events,
      { rules: [{ level: 'RequestResponse', resources: [{ resources: ['pods', 'configmaps'] }] }] },
      published,
    );

    expect(result.change?.lost).toBe(events.length - result.kept.events);
    expect(result.change?.raised).toBeGreaterThan(0);
    expect(result.kept.unknownBodies).toBeGreaterThan(0);
    expect(result.change?.rows.rows.some(({ key }) => key.endsWith(': Metadata -> None'))).toBe(true);
    expect(result.kept.byResource.rows.map(({ key }) => key).sort()).toEqual(['configmaps', 'pods']);
  });
});

describe('sizes at another level', () => {
  it('come out as they were recorded under that level', () => {
    const events = recordedEvents('request-response.eventlists.jsonl');
    const simulated = simulate(events, { rules: [{ level: 'Metadata' }] });
    const stripped = events.map((one) =>
      bytesOf({ ...one, level: 'Metadata', requestObject: undefined, responseObject: undefined } as unknown as AuditEvent),
    );

    expect(simulated.kept.bytes).toBe(stripped.reduce((sum, bytes) => sum + bytes));
    expect(simulated.kept.unknownBodies).toBe(0);
  });

  it('leave managed fields out where the policy does', () => {
    const body = { kind: 'Secret', metadata: { name: 'x', managedFields: [{ manager: 'kubectl', fieldsV1: { f: {} } }] } };
    const full = event({ level: 'RequestResponse', responseObject: body });
    const without = event({ level: 'RequestResponse', responseObject: { kind: 'Secret', metadata: { name: 'x' } } });

    expect(simulate([full], { omitManagedFields: true, rules: [{ level: 'RequestResponse' }] }).kept.bytes).toBeCloseTo(
      bytesOf(without),
      -1,
    );
  });

  it.each<[what: string, parts: Partial<AuditEvent>, unknown: number]>([
    ['the answer of a get', {}, 1],
    ['a request for a path', { requestURI: '/version' }, 0],
    ['an exec', { requestURI: '/api/v1/namespaces/a/pods/p/exec', verb: 'get' }, 0],
    ['a watch', { requestURI: '/api/v1/pods?watch=1', verb: 'watch' }, 0],
    ['the arrival of a request', { stage: 'RequestReceived' }, 0],
  ])('of %s: %j', (_, parts, unknownBodies) => {
    expect(simulate([event(parts)], { rules: [{ level: 'RequestResponse' }] }).kept.unknownBodies).toBe(unknownBodies);
  });
});

describe('attributesOfEvent', () => {
  it('takes the name from the URL, where the policy finds it, and not from the body', () => {
    const created = event({
      verb: 'create',
      requestURI: '/api/v1/namespaces/prod/secrets?dryRun=All',
      objectRef: { resource: 'secrets', name: 'x' },
    });

    expect(attributesOfEvent(created)).toMatchObject({
      verb: 'create',
      name: '',
      namespace: 'prod',
      path: '/api/v1/namespaces/prod/secrets',
    });
  });

  it('takes the user who authenticated, and nobody of a 401', () => {
    expect(attributesOfEvent(event({ impersonatedUser: { username: 'admin' } })).user).toEqual({ username: 'alice', groups: ['dev'] });
    expect(attributesOfEvent(event({ user: {}, stage: 'ResponseStarted' })).user).toBeNull();
  });

  it('falls back on objectRef for a URL that is cut off', () => {
    expect(attributesOfEvent(event({ requestURI: '/api/v1/%', objectRef: { resource: 'pods', namespace: 'a' } }))).toMatchObject({
      resourceRequest: true,
      resource: 'pods',
      namespace: 'a',
    });
  });
});

describe('memory', () => {
  it('is bounded whatever names clients choose, and nothing gets lost from the sum', () => {
    const tally = new Tally(10);
    for (let index = 0; index < 10_000; index++) tally.add(index % 3 === 0 ? 'alice' : `user-${index}`, 1, false);
    const { rows, others } = tally.top(5);

    expect(rows[0]).toMatchObject({ key: 'alice', events: 3_334 });
    expect(rows.reduce((sum, row) => sum + row.events, others.events)).toBe(10_000);
    expect(tally.top(100).rows.length).toBeLessThanOrEqual(20);
  });

  it('is bounded over any span, in any order', () => {
    const timeline = new TimelineBuilder(8);
    for (const seconds of [86_400, 0, 1, 2, 90_000, 3_600]) timeline.add(seconds * 1000, true, false);
    timeline.add(Number.NaN, true, true);
    const built = timeline.build();

    expect(built?.buckets.length).toBeLessThanOrEqual(8);
    expect(built?.buckets.reduce((sum, { all }) => sum + all, 0)).toBe(6);
    expect(new TimelineBuilder().build()).toBeUndefined();
  });
});

describe('pictures', () => {
  it('draw what there is, however little', () => {
    expect([0, 1, 500, 1000].map((value) => renderBar(value, 1000, 4))).toEqual(['', '▏', '██', '████']);
    expect(renderSparkline([0, 1, 4, 8], 8)).toBe(' ▁▄█');
  });

  it('make a file that is well-formed and holds no text of clients', async () => {
    const result = simulate([event({ user: { username: '<script>' } }), event({ stageTimestamp: '2026-01-01T00:01:00Z' })], GUIDE_POLICY, {
      rules: [{ level: 'None' }],
    });

    await expect(renderSimulationSvg(result)).toMatchFileSnapshot('../../golden/simulation.svg');
    expect(renderSimulationSvg(simulate([], GUIDE_POLICY))).toContain('0 of 0 events kept');
  });
});
