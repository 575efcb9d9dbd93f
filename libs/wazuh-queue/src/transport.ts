/**
 * One interface for every way into Wazuh. A transport takes finished datagrams (`frame` of @k8s-audit/wazuh-message), in
 * order, and says when they are out of our hands; what can still be lost behind it, it says too.
 */
export interface Transport {
  readonly name: 'manager' | 'agent' | 'file' | 'embedded';
  /** The longest datagram it takes, header included. A longer one is refused before the socket, where nobody would notice. */
  readonly maxDatagramBytes: number;
  readonly pacing: PacingSource;
  /** One sentence for the documentation and the doctor: where an event can still be lost after `sent`. */
  readonly lossAfterUs: string;
  /**
   * The reader of the last `sent`, or the new one of the last `reader-restarted`: the one that the caller knows of. Keep it
   * with the cursor, and give it back as `lastReader` to the next process. (What `onState` calls connected may be a reader
   * whose predecessor's loss was not told yet: kept instead, it would hide that loss.) Undefined where a restart loses nothing.
   */
  readonly reader?: string | undefined;
  /**
   * Waits as long as it takes: for a reader that is absent, stalled or restarting. Calls are served one after another, in
   * the order in which they came. The bytes are copied before `send` returns to its caller's event loop turn or, when
   * another call is under way, later: do not touch them before the outcome.
   *
   * @throws {Failure} QUEUE_WORKER_DIED, when sending has become impossible for good
   */
  send(datagrams: readonly Uint8Array[], options?: { readonly signal?: AbortSignal }): Promise<SendOutcome>;
  /** Ends every wait (its outcome is `stopped`) and frees what is held. */
  close(): Promise<void>;
}

export type SendOutcome =
  /** All were taken. */
  | { readonly kind: 'sent' }
  /**
   * The reader that took the latest messages is gone, and with it what it had not read: at least the last
   * `resendAtLeast` messages that were taken must be sent again. `sent` of this batch were taken (they count among
   * those), the rest was not sent. The new reader is already there.
   */
  | { readonly kind: 'reader-restarted'; readonly sent: number; readonly resendAtLeast: number }
  /** These datagrams are too long; nothing of the batch was sent. */
  | { readonly kind: 'oversize'; readonly indexes: readonly number[] }
  /** `close` or the signal ended the wait; the first `sent` of the batch were taken. */
  | { readonly kind: 'stopped'; readonly sent: number };

export type TransportState =
  | { readonly state: 'connected'; readonly reader: string }
  | { readonly state: 'waiting'; readonly reason: WaitingReason; readonly detail: string };

export type WaitingReason =
  /** No file at the path, or no reader behind it. */
  | 'absent'
  /** The reader is there and does not read. */
  | 'stalled'
  /** The file mode, or a security module, forbids it: the sender must be in group wazuh. */
  | 'not-permitted'
  /** Something else is at the path: a file, a folder, a stream socket. */
  | 'not-a-datagram-socket'
  /** Memory, descriptors, space on the disk: it may pass. */
  | 'no-resources';

/** What tells a sender how fast it may go, because a full daemon drops without telling. */
export type PacingSource =
  /** The daemon's own figures: asked on its control socket, or read from its state file where it does not answer. */
  | { readonly kind: 'getstats'; readonly socketPath: string; readonly stateFile: string }
  /** The agent's state file. */
  | { readonly kind: 'agent-state'; readonly stateFile: string }
  /** The transport itself waits for its reader. */
  | { readonly kind: 'back-pressure' }
  /** Nothing does: only a configured ceiling holds. */
  | { readonly kind: 'none' };
