import type { FaultRow } from '../fault-row.ts';
import { type KillRecord, runKillLives } from '../kill-lives.ts';
import { type Aim, everyPoint, PHASES, randomAim } from '../kill-plan.ts';
import type { Load } from '../load.ts';
import type { Trial } from '../trial.ts';

/** libs/spool/src/spool.ts: at most one batch (apps/receiver/src/pipeline.ts, 200 records) is sent again, and one that was under way. */
const MAX_COPIES_A_KILL = 400;
const KILLS = 1_000;
const KILLS_FAST = 30;
/** So little room that delivered files are removed all the time, although a rewind could use them. */
const SMALL_FILES = { spool: { segmentBytes: '16 KiB', maxBytes: '10 MiB' } };

/** Rows 1 and 2: the process is gone from one instruction to the next, the machine lives on. */
export const randomKills: FaultRow = {
  id: '1',
  fault: 'receiver SIGKILL at random',
  injection:
    'a layer below the process (LD_PRELOAD) sends SIGKILL at a system call chosen by chance, before, amid or after it; one of twenty comes from outside at any instant',
  isFast: true,
  run: async (trial) => {
    const count = trial.settings.isFast ? KILLS_FAST : KILLS;
    const records = await killAndConclude(
      trial,
      Array.from({ length: count }, () => randomAim(trial.random)),
      120,
    );
    const inside = records.filter(({ phase }) => phase !== 'elsewhere').length;
    trial.findings.check(
      'own',
      'at least 90 % of the kills land inside append, acknowledgement, send or cursor write',
      inside >= 0.9 * count,
      histogram(records),
    );
    trial.findings.figure('kills', count);
    trial.findings.figure('landed in', histogram(records));
  },
};

export const namedKills: FaultRow = {
  id: '2',
  fault: 'SIGKILL at named points',
  injection:
    'the same layer, at each of 30 points in turn: body read, segment write, sync, answer, send, cursor, the making, renaming, cutting and removal of files',
  isFast: true,
  run: async (trial) => {
    const once = everyPoint();
    const aims = trial.settings.isFast ? once : [...once, ...once, ...once];
    const records = await killAndConclude(trial, aims, 1_000);
    const missed = records.filter(({ hasHit }) => !hasHit).map(({ aim }) => nameOf(aim));
    trial.findings.check(
      'own',
      'the process died at every point',
      missed.length === 0,
      missed.length === 0 ? `${aims.length} of ${aims.length}` : `not at ${missed.join(', ')}`,
    );
    trial.findings.figure('points', once.length);
    trial.findings.figure('kills', aims.length);
  },
};

/** Side by side, as many as keep two processors busy: a start waits for the disk half of its time. */
const LANES = 3;

/** @param listsPerSecond of each lane: enough for every point to come soon, not more than a start costs */
async function killAndConclude(trial: Trial, aims: readonly Aim[], listsPerSecond: number): Promise<KillRecord[]> {
  let done = 0;
  const tick = (): void => {
    done++;
    if (done % 100 === 0) trial.settings.onProgress(`${done} of ${aims.length} kills`);
  };
  const lanes = await Promise.all(Array.from({ length: LANES }, (_, index) => trial.lane(`lane-${index + 1}`)));
  const loads = lanes.map((lane) => lane.load({ workers: 3, listEvents: 8, listsPerSecond }));
  const records = await Promise.all(
    lanes.map((lane, index) =>
      runLane(
        lane,
        loads[index] as Load,
        aims.filter((_, each) => each % LANES === index),
        tick,
      ),
    ),
  );
  trial.findings.merge(lanes.map((lane) => lane.findings));
  const found = lanes.map((lane) => lane.oracle.findings());
  const copies = found.reduce((sum, each) => sum + each.copies, 0);
  const repeatedLists = loads.reduce((sum, each) => sum + each.repeatedLists, 0);
  trial.findings.check(
    'own',
    'duplicates were seen: some events arrived twice, and some lists were posted twice',
    copies > 0 && repeatedLists > 0,
    `${copies} copies, ${repeatedLists} lists posted again`,
  );
  trial.findings.figure(
    'events acknowledged',
    found.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
  );
  trial.findings.figure('copies', copies);
  trial.findings.figure('most copies of one kill', Math.max(...records.flat().map(({ copies }) => copies)));
  return records.flat();
}

async function runLane(trial: Trial, load: Load, aims: readonly Aim[], tick: () => void): Promise<KillRecord[]> {
  const { findings } = trial;
  const records = await runKillLives(trial, load, aims, SMALL_FILES, tick);
  // One more, from outside and in the middle of a segment, which the last start has to tell.
  const last = await trial.start(SMALL_FILES);
  await load.settle();
  await last.kill();
  trial.forget(last);
  const receiver = await trial.start(SMALL_FILES);
  await trial.conclude(receiver, { named: [{ logged: 'spool-not-closed', metric: ['k8s_audit_faults_total', 'kind="not-closed"'] }] });
  const most = Math.max(...records.map(({ copies }) => copies));
  const silent = records.filter(({ wasUnclosedTold }) => !wasUnclosedTold);
  findings.check(
    'own',
    `a kill makes at most ${MAX_COPIES_A_KILL} copies (the batch under way and the one before it)`,
    most <= MAX_COPIES_A_KILL,
    `at most ${most}`,
  );
  findings.check(
    'own',
    'every start after a kill says that the spool was not closed',
    silent.length === 0,
    `${records.length - silent.length} of ${records.length}`,
  );
  return records;
}

function histogram(records: readonly KillRecord[]): string {
  return PHASES.map((phase) => `${phase} ${records.filter((each) => each.phase === phase).length}`).join(', ');
}

function nameOf(aim: Aim): string {
  return aim.kind === 'point' ? `${aim.point} (${aim.moment})` : `${aim.afterMs} ms`;
}
