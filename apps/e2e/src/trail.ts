import { randomUUID } from 'node:crypto';

/** One request of a test, by the audit ID that the API server knows it by. */
export interface TrailEntry {
  readonly auditId: string;
  readonly user: string;
  /** Index of the API server that took it. */
  readonly apiServer: number;
  readonly method: string;
  readonly path: string;
  readonly sentAtMs: number;
  /** Absent until an answer has come. */
  status?: number;
  answeredAtMs?: number;
}

/** Every request that the tests send, so that each can be looked for afterwards. */
export interface Trail {
  readonly entries: readonly TrailEntry[];
  begin(request: Pick<TrailEntry, 'user' | 'apiServer' | 'method' | 'path'>): TrailEntry;
  /** @param auditId of the answer: the API server repeats the one it was sent */
  answer(auditId: string, status: number): void;
}

export function createTrail(nowMs: () => number = Date.now): Trail {
  const entries: TrailEntry[] = [];
  return {
    entries,
    begin(request) {
      const entry: TrailEntry = { ...request, auditId: randomUUID(), sentAtMs: nowMs() };
      entries.push(entry);
      return entry;
    },
    answer(auditId, status) {
      const entry = entries.find((each) => each.auditId === auditId);
      if (entry === undefined) throw new Error(`an answer carries the audit ID ${auditId}, which no request of ours had`);
      entry.status = status;
      entry.answeredAtMs = nowMs();
    },
  };
}
