import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AuditCounters, findFreePorts } from '@k8s-audit/testbed';
import { ApiLoad } from '../api-servers/api-load.ts';
import { type ApiServerName, type AuditedPlane, usePlane } from '../api-servers/audited-plane.ts';
import { SwallowingProxy } from '../api-servers/swallowing-proxy.ts';
import { eventually } from '../eventually.ts';
import type { FaultRow } from '../fault-row.ts';
import type { ReceiverProcess } from '../receiver-process.ts';
import type { Trial } from '../trial.ts';

const REQUESTS_PER_SECOND = 100;
/** libs/apiserver-config: five attempts at 0, 1, 2.5, 4.75 and 8.125 backoffs of 30 s, each up to a fifth later. */
const LAST_ATTEMPT_MS = 8.125 * 30_000 * 1.2;
const TESTBED = 'a real kube-apiserver of the testbed';

/** Different events that arrived, and how often something arrived again. */
class ArrivedEvents {
  readonly #keys: Set<string> = new Set();
  copies = 0;

  constructor(trial: Trial) {
    trial.oracle.expectForeign(() => true);
    trial.oracle.onDatagram((_, k8s) => {
      const key = `${k8s?.['auditID']} ${k8s?.['stage']}`;
      if (this.#keys.has(key)) this.copies++;
      this.#keys.add(key);
    });
  }

  get count(): number {
    return this.#keys.size;
  }
}

function outageRow(id: string, name: ApiServerName, seconds: number): FaultRow {
  return {
    id,
    fault: `receiver away for ${seconds} s, a real API server as client, recommended flags`,
    injection: `${TESTBED} under ${REQUESTS_PER_SECOND} requests a second; its receiver is killed by SIGKILL and started again ${seconds} s later on the same port`,
    isWaiting: true,
    run: (trial) =>
      onPlane(trial, async (plane) => {
        const { findings } = trial;
        const arrived = new ArrivedEvents(trial);
        const listen = { listen: { address: '127.0.0.1', port: plane.portOf(name) } };
        const first = await trial.start(listen);
        const { load, server } = await loadOn(trial, plane, name);
        load.start(REQUESTS_PER_SECOND);
        await sleep(10_000);
        await first.kill();
        await sleep(seconds * 1_000);
        const receiver = await trial.start(listen);
        await sleep(10_000);
        await load.stop();
        const caughtUp = await booksAgree(server.auditCounters, arrived, LAST_ATTEMPT_MS);
        const { events, errors } = await server.auditCounters();
        const lost = Object.values(errors).reduce((sum, count) => sum + count, 0);
        findings.check(
          'own',
          'nothing is lost: the API server counts no error',
          lost === 0,
          `${events} events, errors ${JSON.stringify(errors)}`,
        );
        findings.check(
          'own',
          'the books balance with its own counter: as many different events arrived as it made',
          caughtUp,
          `apiserver_audit_event_total ${events}, arrived ${arrived.count}, copies ${arrived.copies}`,
        );
        findings.figure('requests', load.sent);
        findings.figure('events made, arrived', `${events}, ${arrived.count}`);
        findings.figure('lost', lost);
        await concludeHere(trial, receiver);
      }),
  };
}

export const outage60: FaultRow = outageRow('A1', 'outage-60', 60);
export const outage180: FaultRow = outageRow('A2', 'outage-180', 180);

const GUIDE_SECONDS = 180;
/** kube-apiserver's defaults, which the guide leaves as they are (k8s.io/apiserver v0.36.3 pkg/server/options/audit.go). */
const GUIDE = { batchesPerSecond: 10, burst: 15, bufferEvents: 10_000 };

/** The receiver is in good health all the time: what is lost here is lost by the flags. */
export const guideFlags: FaultRow = {
  id: 'A3',
  fault: 'the guide’s flags (batches of one event), a real API server as client',
  injection: `${TESTBED} with --audit-webhook-batch-max-size=1 under ${REQUESTS_PER_SECOND} requests a second for ${GUIDE_SECONDS} s; no fault at all in the receiver`,
  isWaiting: true,
  run: (trial) =>
    onPlane(trial, async (plane) => {
      const { findings } = trial;
      const arrived = new ArrivedEvents(trial);
      const receiver = await trial.start({ listen: { address: '127.0.0.1', port: plane.portOf('guide') } });
      const { load, server } = await loadOn(trial, plane, 'guide');
      // What came with the start has gone out by then: the burst is there again, and the buffer is empty.
      await eventually(async () => (await server.auditCounters()).events <= arrived.count, 60_000, 500);
      const before = await server.auditCounters();
      const arrivedBefore = arrived.count;
      const startedAt = performance.now();
      load.start(REQUESTS_PER_SECOND);
      await sleep(GUIDE_SECONDS * 1_000);
      await load.stop();
      const seconds = (performance.now() - startedAt) / 1_000;
      const after = await server.auditCounters();
      const offered = after.events - before.events;
      const dropped = after.errors['buffered'] ?? 0;
      const delivered = arrived.count - arrivedBefore;
      const sendable = GUIDE.burst + GUIDE.batchesPerSecond * seconds;
      const predicted = Math.max(0, offered - GUIDE.bufferEvents - sendable);
      findings.check(
        'own',
        'the API server loses what the arithmetic predicts, to 5 %',
        predicted > 0 && Math.abs(dropped - predicted) <= 0.05 * predicted,
        `predicted ${Math.round(predicted)}, apiserver_audit_error_total{plugin="buffered"} ${dropped}`,
      );
      findings.check(
        'own',
        'it delivers ten events a second, to 5 %',
        Math.abs(delivered - sendable) <= 0.05 * sendable,
        `${delivered} in ${Math.round(seconds)} s, predicted ${Math.round(sendable)}`,
      );
      findings.figure('offered', offered);
      findings.figure('lost (predicted)', `${dropped} (${Math.round(predicted)})`);
      findings.figure('delivered (predicted)', `${delivered} (${Math.round(sendable)})`);
      await concludeHere(trial, receiver);
    }),
};

const UNANSWERED = 20;

/** Row 21: the API server posts, the events are stored, and the answer is lost on its way; five times over. */
export const lostAnswers: FaultRow = {
  id: '21',
  fault: 'API server repeats what was stored: the answer never arrives; one audit ID at two servers; stages',
  injection: `${TESTBED} behind a proxy that keeps back every answer: five attempts of 30 s; then lists of one audit ID in three stages, at two API servers with other timestamps, and forged by another user`,
  isWaiting: true,
  run: (trial) =>
    onPlane(trial, async (plane) => {
      const { findings } = trial;
      const arrived = new ArrivedEvents(trial);
      const [port = 0] = await findFreePorts(1);
      const proxy = await SwallowingProxy.listen(plane.portOf('unanswered'), () => port);
      trial.onClose(() => proxy.close());
      const receiver = await trial.start({ listen: { address: '127.0.0.1', port } });
      const { load, server } = await loadOn(trial, plane, 'unanswered');
      // With a backoff of a second some of its first events are lost before this receiver is there.
      const lostBefore = await quiet(server.auditCounters, arrived);
      proxy.isSwallowing = true;
      await load.burst(UNANSWERED);
      // Five attempts with a time-out of 30 s, 1, 1.5, 2.25 and 3.4 s apart.
      const gaveUp = await eventually(
        async () => ((await server.auditCounters()).errors['webhook'] ?? 0) >= lostBefore + UNANSWERED,
        240_000,
        1_000,
      );
      proxy.isSwallowing = false;
      const { total } = await receiver.books();
      const { events } = await server.auditCounters();
      findings.check(
        'own',
        'the API server gave up and counts its events as lost',
        gaveUp !== undefined,
        gaveUp === undefined ? 'not within 240 s' : `after ${Math.round(gaveUp / 1_000)} s`,
      );
      findings.check(
        'own',
        'each of them was stored and delivered exactly once',
        arrived.copies === 0 && arrived.count >= UNANSWERED,
        `${arrived.count} arrived, ${arrived.copies} twice; it made ${events}`,
      );
      findings.check(
        'own',
        'duplicates were seen: the repetitions came',
        total.duplicate >= 4 * UNANSWERED,
        `${total.duplicate} duplicates of ${UNANSWERED} events`,
      );
      findings.figure('events, attempts stored, delivered', `${UNANSWERED}, ${UNANSWERED + total.duplicate}, ${UNANSWERED}`);
      await sameAuditId(trial, receiver);
      await concludeHere(trial, receiver, [{ logged: 'ready', metric: ['k8s_audit_events_duplicate_total'] }]);
    }),
};

/** Waits until what the API server made has arrived or is lost. @returns what its webhook lost so far */
async function quiet(counters: () => Promise<AuditCounters>, arrived: ArrivedEvents): Promise<number> {
  let lost = 0;
  await eventually(
    async () => {
      const { events, errors } = await counters();
      lost = errors['webhook'] ?? 0;
      return events - lost <= arrived.count;
    },
    60_000,
    200,
  );
  return lost;
}

/** What must never be merged, and what must, by the key of libs/event-pipeline/src/dedupe-key.ts. */
async function sameAuditId(trial: Trial, receiver: ReceiverProcess): Promise<void> {
  const { oracle, findings } = trial;
  const [id] = oracle.issue(1) as [number];
  const event = oracle.event(id);
  const variants = [
    { ...event, auditID: 'chosen-by-a-client' },
    { ...event, auditID: 'chosen-by-a-client', stage: 'ResponseStarted' },
    { ...event, auditID: 'chosen-by-a-client', stage: 'RequestReceived' },
    { ...event, auditID: 'chosen-by-a-client', requestReceivedTimestamp: '2026-11-26T10:00:00.000001Z' },
    { ...event, auditID: 'chosen-by-a-client', user: { username: 'eve' } },
  ];
  const before = (await receiver.books()).total;
  for (const path of ['/oracle/apiserver-1', '/oracle/apiserver-2'])
    await trial.client.post(JSON.stringify({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items: variants }), { path });
  await trial.drained(receiver, 5_000);
  const after = (await receiver.books()).total;
  findings.check(
    'own',
    'one audit ID in other stages, at other microseconds, by another user: never merged',
    after.delivered - before.delivered === variants.length,
    `${after.delivered - before.delivered} of ${variants.length} delivered`,
  );
  findings.check(
    'own',
    'the very same events again, by the path of another API server: merged',
    after.duplicate - before.duplicate === variants.length,
    `${after.duplicate - before.duplicate} duplicates`,
  );
}

async function onPlane(trial: Trial, use: (plane: AuditedPlane) => Promise<void>): Promise<void> {
  const { certificates, onProgress } = trial.settings;
  await usePlane({ folder: join(trial.folder, '..', 'control-plane'), certificates, onProgress }, use);
}

async function loadOn(
  trial: Trial,
  plane: AuditedPlane,
  name: ApiServerName,
): Promise<{ readonly load: ApiLoad; readonly server: Awaited<ReturnType<AuditedPlane['server']>> }> {
  const [ready, server] = [await plane.ready, await plane.server(name)];
  const load = new ApiLoad(server.url, ready.kubeconfig('admin', ready.apiServers.indexOf(server)));
  trial.onClose(() => load.close());
  return { load, server };
}

/** In a quiet moment everything that the API server counted has arrived; its own leases go on, so the moment has to be found. */
async function booksAgree(
  counters: () => Promise<{ readonly events: number }>,
  arrived: ArrivedEvents,
  withinMs: number,
): Promise<boolean> {
  return (await eventually(async () => (await counters()).events === arrived.count, withinMs, 400)) !== undefined;
}

/** The API server's path is its own: the oracle's fresh event comes by another. */
async function concludeHere(trial: Trial, receiver: ReceiverProcess, named: Parameters<Trial['conclude']>[1]['named'] = []): Promise<void> {
  await trial.conclude(receiver, { named, mayResendUnseen: true, isFlowing: true });
  if (named.length > 0) return;
  const duplicates = await receiver.metric('k8s_audit_events_received_total');
  trial.findings.check(
    'I6',
    'the API server’s own counters name the fault; ours say what arrived',
    duplicates > 0,
    `k8s_audit_events_received_total ${duplicates}`,
  );
}
