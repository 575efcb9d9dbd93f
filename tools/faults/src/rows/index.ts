import type { MatrixRow } from '../fault-row.ts';
import { powerLoss } from './power-loss.ts';
import { namedKills, randomKills } from './sigkill.ts';

/** The fault matrix, in its order. */
export const ROWS: readonly MatrixRow[] = [randomKills, namedKills, powerLoss];
