import type { TracedAnswer, TracedRequest } from '@k8s-audit/cluster';

/** A harmless deed that one detection must make an alert of: one file in drills/, one line in drills/index.ts. */
export interface Drill {
  /** The slug of the detection, and the drill's name. */
  readonly detection: string;
  /** What it does on the cluster, a step each, for `--dry-run` and the reference. The last one is the deed. */
  readonly steps: readonly string[];
  /** Prepares and does it. @returns the answer to the deed; its event is looked for */
  readonly act: (ground: DrillGround) => Promise<TracedAnswer>;
  /** What must be answered, so that the deed was done. */
  readonly isDone: (status: number) => boolean;
}

type Asked = Pick<TracedRequest, 'method' | 'path' | 'body' | 'headers'>;

/** The throw-away namespace, and who asks there. */
export interface DrillGround {
  readonly namespace: string;
  /** As the kubeconfig's user. @throws Failure DRILL_REFUSED unless it succeeds @returns the answer's object */
  prepare(request: Asked): Promise<unknown>;
  /** As the kubeconfig's user, or as whoever holds `token`. */
  deed(request: Asked & { readonly token?: string }): Promise<TracedAnswer>;
  /** Waits until a pod runs, or until it is clear that it will not soon: a deed may still be done to it. */
  awaitPod(name: string): Promise<void>;
}
