import type { SendOutcome, Transport } from '@k8s-audit/wazuh-queue';

export interface Notice {
  /** A later notice with the same key takes the place of one that still waits. */
  readonly key: string;
  readonly datagram: Uint8Array;
  readonly onSent: () => void;
}

/**
 * A way for health events past the spool: what waits there by the million must not keep the news of it waiting. Notices go out in front of
 * the next batch, or alone when there is none.
 */
export interface NoticeLane {
  /** To be used instead of the transport by whoever delivers. */
  readonly transport: Transport;
  push(notice: Notice): void;
}

/**
 * The transport tells of a changed reader once, to the sender who comes next. When that is a notice, the loss is of events: it is
 * kept for whoever delivers them, and told before another event is sent.
 */
export function withNoticeLane(inner: Transport): NoticeLane {
  const waiting = new Map<string, Notice>();
  let last: Promise<unknown> = Promise.resolve();
  let owed: Extract<SendOutcome, { readonly kind: 'reader-restarted' }> | undefined;

  const inTurn = <Result>(act: () => Promise<Result>): Promise<Result> => {
    const done = last.then(act);
    last = done.catch(() => undefined);
    return done;
  };
  const sendNotices = async (signal?: AbortSignal): Promise<void> => {
    for (const [key, notice] of waiting) {
      const outcome = await inner.send([notice.datagram], signal === undefined ? {} : { signal });
      if (outcome.kind === 'stopped') return;
      if (outcome.kind === 'reader-restarted') {
        owed = { kind: 'reader-restarted', sent: 0, resendAtLeast: Math.max(outcome.resendAtLeast, owed?.resendAtLeast ?? 0) };
        if (outcome.sent === 0) return;
      }
      if (waiting.get(key) === notice) waiting.delete(key);
      notice.onSent();
    }
  };
  return {
    transport: {
      name: inner.name,
      maxDatagramBytes: inner.maxDatagramBytes,
      pacing: inner.pacing,
      lossAfterUs: inner.lossAfterUs,
      get reader() {
        return inner.reader;
      },
      send: (datagrams, options) =>
        inTurn(async () => {
          if (owed === undefined) await sendNotices(options?.signal);
          const told = owed;
          owed = undefined;
          return told ?? inner.send(datagrams, options);
        }),
      close: () => inner.close(),
    },
    push(notice) {
      waiting.set(notice.key, notice);
      void inTurn(() => (owed === undefined ? sendNotices() : Promise.resolve())).catch(() => undefined);
    },
  };
}
