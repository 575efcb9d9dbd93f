import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from './eventually.ts';
import { type Aim, type Phase, phaseOf } from './kill-plan.ts';
import type { Load } from './load.ts';
import { FaultControl, faultEnvironment } from './shim/fault-layer.ts';
import type { Trial } from './trial.ts';

/** What a row of kills saw. */
export interface KillRecord {
  readonly aim: Aim;
  readonly phase: Phase;
  /** The process died at the point that was aimed at. */
  readonly hasHit: boolean;
  /** Datagrams beyond the first of an event that the life after it, up to the next kill, brought. */
  readonly copies: number;
  readonly wasUnclosedTold: boolean;
}

/** A point that is not reached by then will not be: the kill comes from outside. Files are removed when there is no room for new ones. */
const HIT_WITHIN_MS = 2_500;
const REMOVED_WITHIN_MS = 20_000;
const FIRST_ANSWER_WITHIN_MS = 20_000;

/**
 * One life after another under load, each ended by SIGKILL where its aim says; lists without an answer are sent again in the next.
 * Small segments in the configuration make files come and go all the time.
 */
export async function runKillLives(
  trial: Trial,
  load: Load,
  aims: readonly Aim[],
  configuration: Readonly<Record<string, object>>,
  tick: (record: KillRecord) => void,
): Promise<KillRecord[]> {
  const control = new FaultControl(join(trial.folder, 'fault-control'));
  const env = faultEnvironment({ control: control.file, folder: trial.spoolFolder });
  const records: KillRecord[] = [];
  let copiesBefore = 0;
  for (const aim of aims) {
    control.reset();
    const receiver = await trial.start(configuration, { env });
    const acknowledgedBefore = load.acknowledgedEvents;
    load.start();
    await eventually(() => load.acknowledgedEvents > acknowledgedBefore || receiver.hasEnded, FIRST_ANSWER_WITHIN_MS, 2);
    if (aim.kind === 'point') {
      control.killAt(aim.point, aim.moment, aim.nth);
      const withinMs = aim.point.endsWith('-unlink') ? REMOVED_WITHIN_MS : HIT_WITHIN_MS;
      await Promise.race([receiver.ended, sleep(withinMs, undefined, { ref: false })]);
    } else await sleep(aim.afterMs);
    const hasHit = control.hasKilled;
    await receiver.kill();
    const phase = phaseOf(aim, hasHit, control.inProgress());
    await load.stop();
    const { copies } = trial.oracle.findings();
    const record = {
      aim,
      phase,
      hasHit,
      copies: copies - copiesBefore,
      wasUnclosedTold: records.length === 0 || receiver.logged('spool-not-closed').length === 1,
    };
    copiesBefore = copies;
    records.push(record);
    tick(record);
    // Thousands of ended processes and their lines need not be kept; the last ones speak for the row.
    if (trial.receivers.length > 3) trial.forget(trial.receivers[0]);
  }
  control.close();
  return records;
}
