import { appendFileSync, copyFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { CLUSTER } from '../certificates.ts';
import { eventually } from '../eventually.ts';
import type { FaultRow } from '../fault-row.ts';
import type { Trial } from '../trial.ts';

/** Row 23. */
export const logFile: FaultRow = {
  id: '23',
  fault: 'log-file mode: rename, copytruncate and gzip rotation, half lines, two rotations while away, a removed file',
  injection:
    'an audit log is written line by line and rotated in each way while the receiver follows it, is stopped over two rotations, and killed; last a rotated file is removed before it was read',
  isFast: true,
  run: async (trial) => {
    const { findings, oracle } = trial;
    const path = join(trial.folder, 'audit.log');
    writeFileSync(path, '');
    const configuration = { sources: { webhook: true, logs: [{ path, cluster: CLUSTER, apiServer: 'apiserver-1' }] } };
    let receiver = await trial.start(configuration);
    const write = (count: number): readonly number[] => {
      const ids = oracle.issue(count);
      appendFileSync(path, ids.map((id) => `${JSON.stringify(oracle.event(id))}\n`).join(''));
      // Written is what counts here: as long as the file exists none may be lost.
      oracle.acknowledge(ids);
      return ids;
    };
    const arrive = async (ids: readonly number[], what: string): Promise<void> => {
      const ms = await eventually(() => ids.every((id) => oracle.hasArrived(id)), 15_000, 20);
      findings.check(
        'own',
        `${what}: every line arrives`,
        ms !== undefined,
        ms === undefined
          ? `${ids.filter((id) => !oracle.hasArrived(id)).length} of ${ids.length} missing`
          : `${ids.length} in ${Math.round(ms)} ms`,
      );
    };
    await arrive(write(50), 'appended');

    const before = write(30);
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, '');
    writeFileSync(path, '');
    await arrive([...before, ...write(30)], 'renamed');

    const inOld = write(30);
    await arrive(inOld, 'before copytruncate');
    copyFileSync(path, `${path}.copy`);
    truncateSync(path, 0);
    await arrive(write(30), 'after copytruncate');

    const half = oracle.issue(1)[0] as number;
    const line = JSON.stringify(oracle.event(half));
    appendFileSync(path, line.slice(0, 100));
    await sleep(500);
    appendFileSync(path, `${line.slice(100)}\n`);
    oracle.acknowledge([half]);
    await arrive([half], 'a line in two halves');

    await receiver.stop();
    const away = [...write(40)];
    rotateGzip(path, 1);
    away.push(...write(40));
    rotateGzip(path, 2);
    away.push(...write(40));
    receiver = await trial.start(configuration);
    await arrive(away, 'stopped over two rotations, packed');

    const killed = write(200);
    await sleep(20);
    await receiver.kill();
    receiver = await trial.start(configuration);
    await arrive([...killed, ...write(10)], 'killed while it reads');

    await copiesOfWebhook(trial, write);
    await receiver.stop();
    const gone = oracle.issue(5);
    appendFileSync(path, gone.map((id) => `${JSON.stringify(oracle.event(id))}\n`).join(''));
    rmSync(path);
    writeFileSync(path, '');
    const afterGap = write(5);
    receiver = await trial.start(configuration);
    await arrive(afterGap, 'after a file that was removed unread');
    const gaps = await receiver.metric('k8s_audit_source_gaps_total');
    findings.check('own', 'the gap is told', gaps > 0, `k8s_audit_source_gaps_total ${gaps}`);
    await trial.conclude(receiver, { named: [] });
    findings.check(
      'I6',
      'a log line and k8s_audit_source_gaps_total name it',
      gaps > 0 && receiver.lines.some((each) => each.includes('gap')),
      `${gaps} gaps`,
    );
  },
};

/** As logrotate with `compress`, without `delaycompress`. */
function rotateGzip(path: string, number: number): void {
  const rotated = `${path}-2026112${number}`;
  renameSync(path, rotated);
  writeFileSync(path, '');
  writeFileSync(`${rotated}.gz`, gzipSync(readFileSync(rotated)));
  rmSync(rotated);
}

/** The same events by webhook and by log file: one datagram each. */
async function copiesOfWebhook(trial: Trial, write: (count: number) => readonly number[]): Promise<void> {
  const { oracle, findings } = trial;
  const ids = write(30);
  await trial.post(ids);
  await eventually(() => ids.every((id) => oracle.hasArrived(id)), 15_000, 20);
  await sleep(500);
  const counts = ids.map((id) => oracle.arrivalsOf(id));
  findings.check(
    'own',
    'the same events by webhook too: each arrives once',
    counts.every((each) => each === 1),
    `${counts.reduce((sum, each) => sum + each, 0)} datagrams of ${ids.length} events`,
  );
}
