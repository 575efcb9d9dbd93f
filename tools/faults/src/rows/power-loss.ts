import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyMutant, copyWorkspace } from '@k8s-audit/mutants';
import { buildReceiver } from '../build-receiver.ts';
import { eventually } from '../eventually.ts';
import type { FaultRow } from '../fault-row.ts';
import { randomAim } from '../kill-plan.ts';
import type { Load } from '../load.ts';
import type { ReceiverProcess } from '../receiver-process.ts';
import { imageAfterPowerLoss, parseJournal, readImage, writeImage } from '../shim/disk-journal.ts';
import { FaultControl, faultEnvironment } from '../shim/fault-layer.ts';
import { Trial } from '../trial.ts';

const CUTS = 200;
const CUTS_FAST = 8;
/** The mutant loses something long before that; it passing all of them is the failure. */
const MUTANT_CUTS = 30;
const SMALL_FILES = { spool: { segmentBytes: '16 KiB', maxBytes: '32 MiB' } };

/** Row 3. The receiver is the real process; only what its disk keeps is computed, from the journal of its system calls. */
export const powerLoss: FaultRow = {
  id: '3',
  fault: 'power loss: unsynced writes and names are gone',
  injection:
    'a layer below the process notes each write, sync and change of a name; at the kill every unsynced sector of 512 bytes and every unsynced name survives by chance or not. The same with fdatasync taken out of the source must fail',
  isFast: true,
  run: async (trial) => {
    const { findings, settings } = trial;
    const cuts = settings.isFast ? CUTS_FAST : CUTS;
    const load = trial.load({ workers: 3, listEvents: 8 });
    await cutPower(trial, load, cuts, 'goes on');
    const receiver = await trial.start(SMALL_FILES);
    await load.settle();
    await trial.conclude(receiver, { named: [{ logged: 'spool-not-closed', metric: ['k8s_audit_faults_total', 'kind="not-closed"'] }] });
    const { lostRecords } = (await receiver.books()).spool;
    findings.check('own', 'the spool itself reports nothing as lost', lostRecords === 0, lostRecords);
    findings.figure('power cuts', cuts);
    findings.figure('events acknowledged', trial.oracle.findings().acknowledged);
    findings.figure('copies', trial.oracle.findings().copies);
    await runMutant(trial);
  },
};

async function runMutant(trial: Trial): Promise<void> {
  const { settings, findings } = trial;
  const copy = copyWorkspace(settings.root);
  try {
    const file = join(copy.folder, 'libs/spool/src/group-commit.ts');
    const find = 'await target.file.datasync();';
    writeFileSync(file, applyMutant(readFileSync(file, 'utf8'), { name: 'without fdatasync', file, find, replace: '', tests: [] }));
    const program = await buildReceiver(copy.folder, join(trial.folder, 'mutant-release'));
    const mutated = await Trial.open({ ...settings, program, folder: join(trial.folder, 'mutant') });
    try {
      const cuts = await cutPower(mutated, mutated.load({ workers: 3, listEvents: 8 }), MUTANT_CUTS, 'ends at a loss');
      const { lost } = mutated.oracle.findings();
      findings.check(
        'own',
        'the mutant without fdatasync loses acknowledged events, so this row can fail',
        lost.length > 0,
        `${lost.length} lost after ${cuts} cuts`,
      );
    } finally {
      await mutated.close();
    }
  } finally {
    copy.remove();
  }
}

/** Lives under load, each ended by a loss of power. @returns how many there were */
async function cutPower(trial: Trial, load: Load, cuts: number, how: 'goes on' | 'ends at a loss'): Promise<number> {
  const control = new FaultControl(join(trial.folder, 'fault-control'));
  trial.onClose(() => control.close());
  const journal = join(trial.folder, 'journal');
  const env = faultEnvironment({ control: control.file, folder: trial.spoolFolder, journal });
  for (let cut = 1; cut <= cuts; cut++) {
    rmSync(journal, { force: true });
    const before = existsSync(trial.spoolFolder) ? readImage(trial.spoolFolder) : new Map<string, Buffer>();
    control.reset();
    const receiver = await trial.start(SMALL_FILES, { env });
    // In half of the lives nothing more is delivered: then only the disk knows what was acknowledged.
    if (trial.random() < 0.5) trial.sink.pause();
    await liveUntilKilled(trial, load, receiver, control);
    trial.sink.resume();
    writeImage(trial.spoolFolder, imageAfterPowerLoss(before, parseJournal(readFileSync(journal)), trial.random));
    trial.forget(receiver);
    if (cut % 50 === 0) trial.settings.onProgress(`${cut} of ${cuts} power cuts`);
    if (how === 'ends at a loss' && (await hasLost(trial))) return cut;
  }
  return cuts;
}

async function liveUntilKilled(trial: Trial, load: Load, receiver: ReceiverProcess, control: FaultControl): Promise<void> {
  const acknowledgedBefore = load.acknowledgedEvents;
  load.start();
  await eventually(() => load.acknowledgedEvents > acknowledgedBefore || receiver.hasEnded, 20_000, 2);
  const aim = randomAim(trial.random);
  if (aim.kind === 'point') control.killAt(aim.point, aim.moment, aim.nth);
  // A point of delivery is never reached while the sink stands still.
  await eventually(() => receiver.hasEnded, aim.kind === 'point' ? 1_000 : aim.afterMs, 5);
  await receiver.kill();
  await load.stop();
}

/** Lets a receiver deliver what the disk kept, and looks whether something acknowledged is missing. */
async function hasLost(trial: Trial): Promise<boolean> {
  const receiver = await trial.start(SMALL_FILES);
  await trial.drained(receiver, 10_000);
  await eventually(() => trial.oracle.findings().lost.length === 0, 300);
  await receiver.stop();
  trial.forget(receiver);
  return trial.oracle.findings().lost.length > 0;
}
