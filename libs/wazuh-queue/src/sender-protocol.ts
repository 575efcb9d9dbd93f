/** What the two sides of the sender share: one piece of memory for datagrams, one for signals, and these messages. */
import type { SendOutcome, TransportState } from './transport.ts';

/** Many datagrams cross in one message and are copied once; a batch beyond this crosses in parts. */
export const REGION_BYTES = 2 * 1024 * 1024;
export const REGION_MESSAGES = 2048;

/** Indexes into `signals`. */
export const SIGNAL = {
  /** 1: give up every wait, the transport closes. */
  stop: 0,
  /** The sequence number up to which sends are to be given up. */
  abandon: 1,
  /** Counts up whenever one of the others changes; a sleeping worker wakes by it. */
  wake: 2,
} as const;

export interface SenderData {
  readonly role: 'sender';
  readonly socketPath: string;
  /** The reader that took this sender's predecessor's latest messages, as `state` told it. */
  readonly lastReader?: string;
  /** How many messages a reader's queue may hold. */
  readonly maxQueuedMessages: number;
  readonly region: SharedArrayBuffer;
  readonly lengths: SharedArrayBuffer;
  readonly signals: SharedArrayBuffer;
}

export type ToSender = { readonly kind: 'send'; readonly sequence: number; readonly count: number } | { readonly kind: 'close' };

export type FromSender =
  | { readonly kind: 'state'; readonly state: TransportState }
  | { readonly kind: 'outcome'; readonly sequence: number; readonly outcome: SendOutcome };
