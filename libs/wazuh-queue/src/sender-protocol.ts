/**
 * What the two sides of the sender share: memory for datagrams, and words by which they ask and answer. Words instead of
 * messages, because a batch may be a single datagram, and a message each way costs three times as much as two wake-ups
 * (24 us against 9 us of CPU, measured). Only states cross as messages.
 */
import type { SendOutcome, TransportState } from './transport.ts';

/** Many datagrams cross together and are copied once; a batch beyond this crosses in parts. */
export const REGION_BYTES: number = 2 * 1024 * 1024;
export const REGION_MESSAGES = 2048;

/** Indexes into the words. */
export const WORD = {
  /** Counts up whenever the worker should look at the others; it sleeps on this one. */
  wake: 0,
  /** 1: the transport closes; every wait ends, and the worker too. */
  stop: 1,
  /** The number of the call that is to be given up. */
  abandoned: 2,
  /** The number of the call that is asked for, and how many messages it has. */
  asked: 3,
  count: 4,
  /** The number of the call that was answered last; the main thread waits on this one. The answer is in the words behind it. */
  answered: 5,
  answer: 6,
  sent: 7,
  resendAtLeast: 8,
  /** How long the name in `reader` is. */
  readerLength: 9,
} as const;

export const WORDS = 10;
/** Device, inode and time of birth, in decimals. */
export const READER_BYTES = 64;

export interface SenderData {
  readonly role: 'sender';
  readonly socketPath: string;
  /** The reader that took this sender's predecessor's latest messages, as `state` told it. */
  readonly lastReader?: string;
  /** How many messages a reader's queue may hold. */
  readonly maxQueuedMessages: number;
  readonly region: SharedArrayBuffer;
  readonly lengths: SharedArrayBuffer;
  readonly words: SharedArrayBuffer;
  /** The name of the reader that an answer is about. */
  readonly reader: SharedArrayBuffer;
}

export type WorkerOutcome = Exclude<SendOutcome, { kind: 'oversize' }>;

/** Says that the worker is gone, to whoever waits for its answer. */
export const DIED = 3;
const ANSWERS = ['sent', 'reader-restarted', 'stopped'] as const;

export function writeOutcome(words: Int32Array, outcome: WorkerOutcome): void {
  words[WORD.answer] = ANSWERS.indexOf(outcome.kind);
  words[WORD.sent] = outcome.kind === 'sent' ? 0 : outcome.sent;
  words[WORD.resendAtLeast] = outcome.kind === 'reader-restarted' ? outcome.resendAtLeast : 0;
}

export function readOutcome(words: Int32Array): WorkerOutcome | 'died' {
  const sent = words[WORD.sent] as number;
  switch (ANSWERS[words[WORD.answer] as number]) {
    case 'sent':
      return { kind: 'sent' };
    case 'reader-restarted':
      return { kind: 'reader-restarted', sent, resendAtLeast: words[WORD.resendAtLeast] as number };
    case 'stopped':
      return { kind: 'stopped', sent };
    default:
      return 'died';
  }
}

/** The one message: what became of the connection. */
export type FromSender = TransportState;
