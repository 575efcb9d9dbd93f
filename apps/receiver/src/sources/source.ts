import type { Intake } from '../flow.ts';
import type { Logger } from '../log.ts';

/**
 * One way in. Whatever it is, what it brings goes through `accept` of flow.ts, and so to the same redaction, spool, duplicates,
 * facts and rules. A new one (a cloud's log export, say) is one file that opens such a thing, one key in
 * sources-configuration.ts and one line in open-sources.ts.
 */
export interface Source {
  readonly figures: () => SourceFigures;
  /** Resolves when nothing will come any more; absent where something always may. */
  readonly ended?: Promise<void>;
  /** Takes no more. What was begun is on disk when this resolves, or it stays where it came from. */
  stop(): Promise<void>;
}

export interface SourceFigures {
  readonly kind: 'log' | 'stdin';
  /** What tells it from others of its kind: a path. */
  readonly name: string;
  readonly cluster: string;
  readonly apiServer: string;
  /** Bytes that are there and not taken yet, as of the last look. */
  readonly lagBytes: number;
  /** How often events may have been lost before they were read. */
  readonly gaps: number;
  /** Why nothing can be read at the moment; undefined while all is well. */
  readonly waiting: string | undefined;
}

/** What a source is given. */
export interface SourceContext {
  /** Cuts events out of lines. */
  readonly intake: Intake;
  readonly log: Logger;
  /** Where it may keep what it must know after a restart; may not be there yet. */
  readonly stateFolder: string;
  readonly stdin: NodeJS.ReadableStream;
}
