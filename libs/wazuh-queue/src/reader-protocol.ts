/** What the two sides of the queue reader share. */

/** Indexes into `signals`. */
export const READER_SIGNAL = {
  /** 1: take what is queued, then end. */
  stop: 0,
  /** How many batches the main thread has worked off; the worker stays at most `MAX_BATCHES_AHEAD` before it. */
  consumed: 1,
} as const;

/** Beyond this the reader stops reading: the kernel's queue fills, and senders wait. Nothing is dropped, nothing grows. */
export const MAX_BATCHES_AHEAD = 4;
export const MAX_BATCH_MESSAGES = 256;

export interface ReaderData {
  readonly role: 'reader';
  readonly socketPath: string;
  readonly mode: number;
  readonly signals: SharedArrayBuffer;
}

export type FromReader =
  | { readonly kind: 'listening'; readonly identity: string }
  | { readonly kind: 'refused'; readonly reason: 'taken' | 'not-a-socket' | 'not-permitted' | 'other'; readonly detail: string }
  /** All messages one after another in `bytes`, their lengths in `lengths`. */
  | { readonly kind: 'messages'; readonly bytes: Uint8Array<ArrayBuffer>; readonly lengths: Int32Array<ArrayBuffer> };
