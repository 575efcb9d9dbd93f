import type { Trial } from './trial.ts';

/** One row of the fault matrix. */
export interface FaultRow {
  /** `1` … `30` as in the matrix; `A1` … for real API servers as clients. */
  readonly id: string;
  readonly fault: string;
  /** How the fault is brought about. */
  readonly injection: string;
  /** What stands in for an init system, a cgroup … that this row would need. */
  readonly standIn?: string;
  /** Runs beside the others: it mostly waits. */
  readonly isWaiting?: boolean;
  /** Belongs to the subset of `--fast`. */
  readonly isFast?: boolean;
  readonly run: (trial: Trial) => Promise<void>;
}

/** A row that cannot run: printed as NOT RUN, with the reason. */
export interface AbsentRow {
  readonly id: string;
  readonly fault: string;
  readonly notRun: string;
}

export type MatrixRow = FaultRow | AbsentRow;

export function isAbsent(row: MatrixRow): row is AbsentRow {
  return 'notRun' in row;
}
