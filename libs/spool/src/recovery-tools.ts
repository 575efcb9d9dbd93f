import type { SpoolPlace } from './log-file.ts';
import type { MissingPositions } from './missing-positions.ts';
import type { Quarantine } from './quarantine.ts';
import type { SpoolEvent } from './spool-events.ts';

/** What recovery works with: where the files are, where damage goes, who is told. */
export interface RecoveryTools {
  readonly place: SpoolPlace;
  readonly quarantine: Quarantine;
  readonly missing: MissingPositions;
  readonly tell: (event: SpoolEvent) => void;
}
