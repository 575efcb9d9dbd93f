/**
 * How many of our messages die when the reader dies now: those that lie unread in its socket's queue.
 *
 * The kernel charges a message to its sender until it is read, so the bytes charged (SIOCOUTQ) bound how many of the
 * latest messages are unread; no need to know the queue's length, which belongs to the reader's network namespace. One
 * trap: after the reader's death nothing is charged either. So a zero counts only when the reader is known to have lived
 * after it: because it took another message, or because a probe found it.
 */
export class UnreadMessages {
  private readonly lengths: Int32Array = new Int32Array(REMEMBERED_MESSAGES);
  private taken = 0;
  /** Messages of an earlier process of ours that may lie before the first of these. */
  private inherited: number;
  /** The last trusted observation: after `knownAt` messages `knownUnread` of them were unread. */
  private knownAt = 0;
  private knownUnread = 0;
  /** An observation of zero that waits for a sign of life; -1 when none does. */
  private emptyAt = -1;

  constructor(inherited: number) {
    this.inherited = inherited;
  }

  /** The reader took one more: so it lives. */
  take(length: number): void {
    this.trustEmpty();
    this.lengths[this.taken++ % REMEMBERED_MESSAGES] = length;
  }

  /** @param chargedBytes of SIOCOUTQ, asked after the latest `take` */
  observe(chargedBytes: number): void {
    this.emptyAt = chargedBytes === 0 ? this.taken : -1;
    if (chargedBytes > 0) this.trust(this.taken, this.countWithin(chargedBytes));
  }

  /** The reader was seen alive, after the latest `observe`. */
  confirmAlive(): void {
    this.trustEmpty();
  }

  /** No more than this many of the latest messages are unread. */
  get atMost(): number {
    return this.inherited + this.knownUnread + (this.taken - this.knownAt);
  }

  private trustEmpty(): void {
    if (this.emptyAt >= 0) this.trust(this.emptyAt, 0);
    this.emptyAt = -1;
  }

  private trust(at: number, unread: number): void {
    this.knownAt = at;
    this.knownUnread = unread;
    // The queue is first in, first out: when one of ours was read, all before it were.
    if (unread < at) this.inherited = 0;
  }

  /** The most of the latest messages that `bytes` can be the charge of. */
  private countWithin(bytes: number): number {
    let left = bytes;
    let count = 0;
    while (count < this.taken) {
      const remembered = count < REMEMBERED_MESSAGES;
      const length = remembered ? (this.lengths[(this.taken - 1 - count) % REMEMBERED_MESSAGES] as number) : 0;
      left -= length + MIN_OVERHEAD_BYTES;
      if (left < 0) break;
      count++;
    }
    return count;
  }
}

/** More than a send buffer of 212,992 bytes (net.core.wmem_default) can hold: it holds 277 of the smallest. */
const REMEMBERED_MESSAGES = 1024;
/** A message is charged its length, its two kernel structures and rounding: measured 556 bytes and more above the length on 6.18. */
const MIN_OVERHEAD_BYTES = 256;
