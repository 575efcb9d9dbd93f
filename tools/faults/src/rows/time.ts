import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { eventually } from '../eventually.ts';
import type { FaultRow } from '../fault-row.ts';
import { handMade, listOf, ODD_TIMES } from '../hand-made.ts';
import { Oracle } from '../oracle.ts';
import { handshake } from '../raw-connection.ts';
import { FaultControl, faultEnvironment } from '../shim/fault-layer.ts';

const HOUR = 3_600;
const YEAR = 365.25 * 24 * HOUR;

/** Row 20. */
export const clockJumps: FaultRow = {
  id: '20',
  fault: 'clock jumps of an hour forward and back, the year 2041, odd timestamps',
  injection:
    'a layer below the process moves its wall clock while it runs; the monotonic clock goes on. Events carry RFC 3339 oddities and texts that are no time',
  standIn: 'the layer moves the clock of the one process, not the machine’s',
  isFast: true,
  run: async (trial) => {
    const { findings, oracle } = trial;
    const control = new FaultControl(join(trial.folder, 'fault-control'));
    trial.onClose(() => control.close());
    const receiver = await trial.start({}, { env: faultEnvironment({ control: control.file, folder: trial.spoolFolder }) });
    const ids = oracle.issue(10);
    await trial.post(ids);
    for (const [name, seconds] of [
      ['+1 h', HOUR],
      ['−1 h', -HOUR],
    ] as const) {
      control.moveClock(seconds);
      await trial.post(ids);
      await trial.postNew(5);
      await trial.drained(receiver, 5_000);
      const { total } = await receiver.books();
      findings.check(
        'own',
        `${name}: a repeated list is known as a duplicate`,
        ids.every((id) => oracle.arrivalsOf(id) === 1) && total.duplicate >= 10,
        `${total.duplicate} duplicates`,
      );
    }
    control.moveClock(15 * YEAR);
    const late = await handshake(receiver.url, trial.settings.certificates.client);
    findings.check(
      'own',
      'in 2041 the client’s certificate has ended: no new connection',
      late.kind === 'refused',
      late.kind === 'refused' ? late.code : 'connected',
    );
    const open = await trial.postNew(5);
    findings.check(
      'own',
      'in 2041 an open connection is answered, whatever it is answered',
      open.kind === 'answer',
      open.kind === 'answer' ? open.status : open.code,
    );
    control.moveClock(0);
    await trial.post(ids);
    oracle.expectForeign((k8s) => String(k8s['auditID']).startsWith(`${oracle.series.token}/`));
    const odd = ODD_TIMES.map((time, index) => handMade(trial, `time-${index}`, { requestReceivedTimestamp: time, stageTimestamp: time }));
    const result = await trial.client.post(listOf(odd));
    findings.check(
      'own',
      'odd timestamps refuse no list',
      result.kind === 'answer' && result.status === 200,
      result.kind === 'answer' ? result.status : result.code,
    );
    await trial.drained(receiver, 5_000);
    const { total } = await receiver.books();
    findings.check(
      'own',
      'each odd event is delivered or quarantined',
      oracle.findings().foreign + total.quarantined >= odd.length,
      `${oracle.findings().foreign} delivered, ${total.quarantined} quarantined`,
    );
    findings.check(
      'own',
      'the repeated list was delivered once in all',
      ids.every((id) => oracle.arrivalsOf(id) === 1),
      `${ids.length} events`,
    );
    await trial.conclude(receiver, { named: [{ logged: 'connection-refused', metric: ['k8s_audit_refusals_total', 'status="0"'] }] });
  },
};

const FIXTURE = 'fixtures/spool/version-1';
/** How the recorded spool was made: see fixtures/README.md. */
const RECORDED = { token: 'recorded-spool', startMs: Date.UTC(2026, 10, 26), events: 60 };

/** Row 28. */
export const otherVersions: FaultRow = {
  id: '28',
  fault: 'upgrade and downgrade with a full spool',
  injection: `a spool that an earlier build wrote (${FIXTURE}) is opened by this one; then its newest segment says version 2, as a later build would`,
  isFast: true,
  run: async (trial) => {
    const { findings } = trial;
    mkdirSync(trial.spoolFolder, { mode: 0o700 });
    cpSync(join(trial.settings.root, FIXTURE), trial.spoolFolder, { recursive: true });
    const recorded = new Oracle({ token: RECORDED.token, startMs: RECORDED.startMs });
    recorded.acknowledge(recorded.issue(RECORDED.events));
    trial.oracle.onDatagram((datagram) => recorded.receive(datagram));
    trial.oracle.expectForeign((k8s) => String(k8s['auditID']).startsWith(RECORDED.token));
    const receiver = await trial.start();
    await trial.drained(receiver, 10_000);
    await eventually(() => recorded.findings().arrived === RECORDED.events, 5_000);
    const found = recorded.findings();
    findings.check(
      'own',
      'every event of the recorded spool is delivered as it was issued',
      found.lost.length === 0 && found.altered.length === 0,
      `${found.arrived} of ${RECORDED.events}, ${found.altered.length} altered`,
    );
    await receiver.stop();

    const segment = readdirSync(join(trial.settings.root, FIXTURE)).find((name) => name.startsWith('segment-')) as string;
    const later = await trial.lane('later');
    mkdirSync(later.spoolFolder, { mode: 0o700 });
    cpSync(join(trial.settings.root, FIXTURE), later.spoolFolder, { recursive: true });
    const bytes = readFileSync(join(later.spoolFolder, segment));
    bytes.writeUInt32LE(2, 12);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60);
    writeFileSync(join(later.spoolFolder, segment), bytes);
    const refusal = await later.start().then(
      () => 'it started',
      (error: Error) => error.message,
    );
    findings.check(
      'own',
      'a later version is refused at the start, by name',
      refusal.includes('SPOOL_NEWER') && refusal.includes('version 2'),
      refusal.split('\n').find((line) => line.includes('SPOOL_NEWER')) ?? refusal.split('\n')[0] ?? '',
    );
    findings.check(
      'own',
      'and nothing of it is changed',
      readFileSync(join(later.spoolFolder, segment)).equals(bytes),
      `${bytes.length} bytes`,
    );

    const again = await trial.start();
    await sleep(200);
    findings.figure('events of the recorded spool', RECORDED.events);
    await trial.conclude(again, { named: [] });
    findings.check(
      'I6',
      'the refusal names file, version and what to do; there is no process whose metrics could',
      refusal.includes('SPOOL_NEWER'),
      'SPOOL_NEWER',
    );
  },
};
