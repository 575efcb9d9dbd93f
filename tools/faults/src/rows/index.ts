import type { MatrixRow } from '../fault-row.ts';
import { diskRefuses, spoolAtLimit } from './disk.ts';
import { powerLoss } from './power-loss.ts';
import { namedKills, randomKills } from './sigkill.ts';
import { readerKilled, readerStopped, socketMissing } from './socket.ts';
import { spoolDamage } from './spool-damage.ts';

/** The fault matrix, in its order. */
export const ROWS: readonly MatrixRow[] = [
  randomKills,
  namedKills,
  powerLoss,
  spoolDamage,
  socketMissing,
  readerKilled,
  readerStopped,
  diskRefuses,
  spoolAtLimit,
];
