/** What a daemon says of its queues. A full one drops what comes, and the sender sees success: so it is looked at before. */

export interface QueueLoad {
  readonly name: string;
  readonly size: number;
  readonly used: number;
  /** Whether it drops when it is full; the others make the one before them wait. */
  readonly drops: boolean;
}

export type LoadSample =
  | {
      readonly kind: 'load';
      readonly source: 'getstats' | 'state-file' | 'agent-state';
      /** Two samples with the same mark are the same look: it grants nothing twice. */
      readonly mark: string;
      readonly queues: readonly QueueLoad[];
      /** What the daemon itself counts as dropped since its start, of all its sources; undefined when it does not count. */
      readonly dropped: number | undefined;
    }
  | { readonly kind: 'unavailable'; readonly reason: string };

export type ReadLoad = () => Promise<LoadSample>;
