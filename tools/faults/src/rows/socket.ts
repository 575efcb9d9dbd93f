import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { killProcess, startReaderProcess } from '@k8s-audit/wazuh-queue/testing';
import { eventually } from '../eventually.ts';
import type { FaultRow } from '../fault-row.ts';
import type { Trial } from '../trial.ts';

/** Row 5: Wazuh is not there yet. */
export const socketMissing: FaultRow = {
  id: '5',
  fault: 'socket missing, then there',
  injection: 'the receiver starts without a reader at the path; lists are posted for three seconds; then the reader binds',
  isFast: true,
  run: async (trial) => {
    await trial.sink.close();
    const receiver = await trial.start();
    const load = trial.load({ workers: 2, listEvents: 10, listsPerSecond: 40 });
    load.start();
    await sleep(3_000);
    const { spool } = await receiver.books();
    const acknowledged = load.acknowledgedEvents;
    trial.findings.check(
      'own',
      'acknowledgements go on into the spool',
      acknowledged > 100 && spool.undeliveredRecords >= acknowledged,
      `${acknowledged} acknowledged, ${spool.undeliveredRecords} spooled`,
    );
    await trial.sink.open();
    const firstMs = await eventually(() => trial.oracle.datagrams > 0, 5_000, 2);
    await load.stop();
    trial.findings.check(
      'own',
      'delivery begins at most 1.1 s after the reader is there',
      (firstMs ?? 9_999) <= 1_100,
      `${Math.round(firstMs ?? -1)} ms`,
    );
    trial.findings.figure('first datagram after the bind, ms', Math.round(firstMs ?? -1));
    trial.findings.figure('events spooled meanwhile', spool.undeliveredRecords);
    await trial.conclude(receiver, { named: [{ logged: 'wazuh-waiting', metric: ['k8s_audit_faults_total', 'kind="waiting-absent"'] }] });
  },
};

const RESTARTS = 6;

/** Row 6: Wazuh is killed and comes back under the same name; what lay unread in its socket is gone without any error. */
export const readerKilled: FaultRow = {
  id: '6',
  fault: 'socket refusing, then another inode (Wazuh restarts)',
  injection: 'a reader process is killed by SIGKILL under load and replaced, six times; it journals what it takes before it takes it',
  isFast: true,
  run: async (trial) => {
    await trial.sink.close();
    const journal = join(trial.folder, 'taken');
    const socketPath = trial.sink.socketPath;
    let reader = await startReaderProcess(socketPath, journal, true);
    const receiver = await trial.start();
    const load = trial.load({ workers: 3, listEvents: 20, listsPerSecond: 120 });
    load.start();
    for (let restart = 0; restart < RESTARTS; restart++) {
      await sleep(600);
      // A reader that does not keep up has messages in its queue when it dies.
      reader.kill('SIGSTOP');
      await sleep(150);
      await killProcess(reader);
      await sleep(200);
      reader = await startReaderProcess(socketPath, journal, true);
    }
    await sleep(300);
    await load.stop();
    await trial.drained(receiver, 30_000);
    await killProcess(reader);
    for (const line of readFileSync(journal, 'utf8').split('\n').filter(Boolean)) trial.oracle.receive(Buffer.from(line));
    await trial.sink.open();
    const { total } = await receiver.books();
    await trial.conclude(receiver, {
      named: [{ logged: 'wazuh-waiting', metric: ['k8s_audit_faults_total', 'part="wazuh"', 'waiting'] }],
      mayResendUnseen: true,
    });
    trial.findings.check(
      'own',
      'what the dead readers took along was sent again: duplicates were seen',
      trial.oracle.findings().copies > 0,
      `${total.resent} resent, ${trial.oracle.findings().copies} arrived twice`,
    );
    trial.findings.figure('readers killed', RESTARTS);
    trial.findings.figure('events sent again', total.resent);
  },
};

/** Row 7: analysisd stands still. */
export const readerStopped: FaultRow = {
  id: '7',
  fault: 'socket full: the reader does not read for ten minutes',
  injection: 'SIGSTOP of a reader process for 600 s (fast: 10 s) under 500 events a second in lists of 50; then SIGCONT',
  isWaiting: true,
  run: async (trial) => {
    const stoppedMs = trial.settings.isFast ? 10_000 : 600_000;
    await trial.sink.close();
    const journal = join(trial.folder, 'taken');
    const reader = await startReaderProcess(trial.sink.socketPath, journal, true);
    trial.onClose(() => reader.kill('SIGKILL'));
    const receiver = await trial.start({ spool: { segmentBytes: '4 MiB', maxBytes: '2 GiB' } });
    const answersMs: number[] = [];
    const load = trial.load({ workers: 4, listEvents: 50, isExact: true, listsPerSecond: 10, onResult: ({ ms }) => answersMs.push(ms) });
    load.start();
    await sleep(1_000);
    reader.kill('SIGSTOP');
    await sleep(stoppedMs);
    await load.stop();
    const { spool } = await receiver.books();
    const admin = await receiver.adminText('/livez');
    reader.kill('SIGCONT');
    const resumedAt = performance.now();
    const drainedMs = await trial.drained(receiver, 180_000);
    trial.findings.figure('standstill, s', stoppedMs / 1_000);
    trial.findings.figure('events spooled', spool.undeliveredRecords);
    trial.findings.figure('drained in, s', drainedMs === undefined ? 'not' : ((performance.now() - resumedAt) / 1_000).toFixed(1));
    await killProcess(reader);
    for (const line of readFileSync(journal, 'utf8').split('\n').filter(Boolean)) trial.oracle.receive(Buffer.from(line));
    await trial.sink.open();
    answersMs.sort((a, b) => a - b);
    const p99 = answersMs[Math.floor(answersMs.length * 0.99)] ?? 0;
    trial.findings.check(
      'own',
      'the HTTP side is unaffected: p99 of the answers below 1 s, the admin listener answers',
      p99 < 1_000 && admin === 'ok\n',
      `p99 ${Math.round(p99)} ms of ${answersMs.length}`,
    );
    trial.findings.check('own', 'events of one list stay in order', isOrdered(trial), `${trial.oracle.order.length} datagrams`);
    trial.findings.figure('p99 of an answer, ms', Math.round(p99));
    await trial.conclude(receiver, {
      named: [{ logged: 'wazuh-waiting', metric: ['k8s_audit_faults_total', 'kind="waiting-stalled"'] }],
      mayResendUnseen: true,
      // A backlog of 300,000 events is read back as fast as the reader takes it, in batches of up to 4 MiB.
      capBytes: 512 * 1024 * 1024,
    });
  },
};

/** Lists hold 50 neighbouring numbers: within each the first arrivals must ascend. */
function isOrdered({ oracle }: Trial): boolean {
  const latest = new Map<number, number>();
  const seen = new Set<number>();
  for (const id of oracle.order) {
    if (seen.has(id)) continue;
    seen.add(id);
    const list = Math.floor((id - 1) / 50);
    if (id < (latest.get(list) ?? 0)) return false;
    latest.set(list, id);
  }
  return true;
}
