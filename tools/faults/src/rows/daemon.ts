import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startStandInDaemon } from '@k8s-audit/wazuh-queue/testing';
import { eventually } from '../eventually.ts';
import type { FaultRow } from '../fault-row.ts';

const DRAIN_PER_SECOND = 200;
const OFFERED_EVENTS = 30_000;
const OFFERED_WITHIN_MS = 65_000;
const QUEUE_EVENTS = 16_384;

/** Row 8: analysisd takes every datagram at once and drops what its queue of 16,384 does not hold; only getstats tells. */
export const daemonDrops: FaultRow = {
  id: '8',
  fault: 'socket accepts, but analysisd would drop',
  injection:
    'a stand-in for analysisd with a queue of 16,384 events that drops silently beyond it, works off 200 a second and answers getstats; 30,000 events are offered as fast as they are taken',
  standIn: 'the stand-in keeps analysisd’s queue length, its silence and its getstats frames; the real one runs nowhere here',
  isWaiting: true,
  run: async (trial) => {
    const { findings } = trial;
    await trial.sink.close();
    const daemon = await startStandInDaemon(join(trial.folder, 'ossec'), { drainPerSecond: DRAIN_PER_SECOND });
    trial.onClose(() => daemon.close());
    trial.sink.socketPath = daemon.socketPath;
    const receiver = await trial.start({
      spool: { segmentBytes: '4 MiB', maxBytes: '1 GiB' },
      wazuh: { socket: daemon.socketPath, pacing: {} },
    });
    const load = trial.load({ workers: 4, listEvents: 100, isExact: true, listsPerSecond: 40 });
    load.start();
    await eventually(() => load.acknowledgedEvents >= OFFERED_EVENTS, OFFERED_WITHIN_MS, 50);
    await load.stop();
    await sleep(2_000);
    const { spool } = await receiver.books();
    const [dropped, fullest] = [daemon.dropped(), daemon.fullest()];
    const held = await receiver.metric('k8s_audit_pacing_held_seconds_total');
    findings.check(
      'own',
      'nothing is dropped behind us: the sender slows down',
      dropped === 0,
      `${dropped} dropped, its queue held ${fullest} of ${QUEUE_EVENTS} at most`,
    );
    findings.check(
      'own',
      'without pacing it would have been: more was offered than its queue and its work hold',
      load.acknowledgedEvents - daemon.processed.length > QUEUE_EVENTS,
      `${load.acknowledgedEvents} offered, ${daemon.processed.length} worked off`,
    );
    findings.check('own', 'the rest waits in the spool', spool.undeliveredRecords > 0, spool.undeliveredRecords);
    findings.figure('fullest the daemon’s queue was, events', fullest);
    findings.figure('waiting in the spool at the end of the offer', spool.undeliveredRecords);
    daemon.drainPerSecond = 50_000;
    await trial.drained(receiver, 120_000);
    const handOver = (): void => {
      for (const text of daemon.processed.splice(0)) trial.oracle.receive(Buffer.from(text));
    };
    const timer = setInterval(handOver, 20);
    trial.onClose(() => clearInterval(timer));
    await sleep(500);
    await trial.conclude(receiver, { named: [] });
    findings.check(
      'I6',
      'k8s_audit_pacing_held_seconds_total and k8s_audit_wazuh_queue_usage name it',
      held > 0,
      `held for ${held.toFixed(1)} s`,
    );
  },
};
