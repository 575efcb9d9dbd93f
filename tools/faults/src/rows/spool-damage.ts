import { closeSync, cpSync, openSync, readdirSync, readSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import type { FaultRow } from '../fault-row.ts';
import type { Trial } from '../trial.ts';

const LISTS = 120;
const LIST_EVENTS = 5;

/** Row 4: files change while no receiver runs. What stands behind the damage must still be delivered, and the loss told with its place. */
export const spoolDamage: FaultRow = {
  id: '4',
  fault: 'spool bit-flip, truncated or missing segment, foreign file',
  injection:
    'undelivered segments are edited between two runs: a bit flipped, one cut in half, one removed, one of another spool put beside',
  isFast: true,
  run: async (trial) => {
    const { findings } = trial;
    await fillSpool(trial);
    const segments = readdirSync(trial.spoolFolder)
      .filter((name) => name.startsWith('segment-'))
      .sort();
    const at = (index: number): string => join(trial.spoolFolder, segments[index] as string);
    flipBit(at(1), 4_096 + 200);
    truncateSync(at(3), 4_096 + Math.floor((statSync(at(3)).size - 4_096) / 2));
    rmSync(at(5));
    await addForeignSegment(trial);

    trial.sink.resume();
    const receiver = await trial.start(SMALL_FILES);
    // First in, first out: when this one has come, all that can come has.
    const [last] = trial.oracle.issue(1) as [number];
    await trial.post([last]);
    await eventually(() => trial.oracle.hasArrived(last), 30_000);
    const lost = [...trial.oracle.findings().lost];
    await trial.conclude(receiver, {
      named: [
        { logged: 'spool-damage', metric: ['k8s_audit_faults_total', 'kind="damage"'] },
        { logged: 'spool-foreign-file', metric: ['k8s_audit_faults_total', 'kind="foreign-file"'] },
      ],
      destroyed: lost,
    });
    const damage = receiver.logged('spool-damage');
    const told = damage.reduce((sum, each) => sum + Number(each['lostRecords']), 0);
    findings.check(
      'own',
      'as many are reported lost as are missing',
      told === lost.length && lost.length > 0,
      `${told} told, ${lost.length} missing of ${LISTS * LIST_EVENTS}`,
    );
    findings.check(
      'own',
      'each damage is told with its file and place',
      // A file that is gone is told at the end of the one before it.
      [1, 3, 4].every((index) => damage.some((each) => each['file'] === segments[index])),
      damage.map((each) => `${each['file']} at ${each['offset']}: ${each['lostRecords']} lost`).join('; '),
    );
    const kept = readdirSync(join(trial.spoolFolder, 'damaged'));
    findings.check(
      'own',
      'damaged bytes and the foreign file are kept aside',
      kept.some((name) => name.includes('-at-')) && kept.includes(FOREIGN),
      kept.join(', '),
    );
    await receiver.stop();
    const again = await trial.start(SMALL_FILES);
    findings.check(
      'own',
      'the next start finds nothing new to report: no crash loop',
      again.logged('spool-damage').length === 0,
      `${again.logged('spool-damage').length} reports`,
    );
    findings.figure('events destroyed by the edits', lost.length);
    findings.figure('events delivered beside them', trial.oracle.findings().arrived);
  },
};

const SMALL_FILES = { spool: { segmentBytes: '64 KiB', maxBytes: '32 MiB' } };
const FOREIGN = 'segment-000000000900';

/** Leaves acknowledged events on disk that nobody has delivered. */
async function fillSpool(trial: Trial): Promise<void> {
  trial.sink.pause();
  const receiver = await trial.start(SMALL_FILES);
  for (let list = 0; list < LISTS; list++) await trial.postNew(LIST_EVENTS);
  await receiver.kill();
}

function flipBit(file: string, offset: number): void {
  const fd = openSync(file, 'r+');
  const byte = Buffer.alloc(1);
  readSync(fd, byte, 0, 1, offset);
  writeSync(fd, Buffer.from([(byte[0] as number) ^ 0x10]), 0, 1, offset);
  closeSync(fd);
}

async function addForeignSegment(trial: Trial): Promise<void> {
  const lane = await trial.lane('foreign');
  lane.sink.pause();
  const receiver = await lane.start(SMALL_FILES);
  await lane.postNew(3);
  await receiver.kill();
  const [segment = ''] = readdirSync(lane.spoolFolder).filter((name) => name.startsWith('segment-'));
  cpSync(join(lane.spoolFolder, segment), join(trial.spoolFolder, FOREIGN));
}
