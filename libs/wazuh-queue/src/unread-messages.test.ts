import { describe, expect, it } from 'vitest';
import { UnreadMessages } from './unread-messages.ts';

/** As kernel 6.18 charges a datagram (measured): rounded up to its allocation, with the structures around it. */
const chargeOf = (length: number): number => 2 ** Math.ceil(Math.log2(Math.max(length + 320, 512))) + 256;

describe('the count of unread messages', () => {
  it('is zero before anything was sent', () => {
    expect(new UnreadMessages(0).atMost).toBe(0);
  });

  it('follows what the kernel still charges', () => {
    const unread = new UnreadMessages(0);
    for (let each = 0; each < 10; each++) unread.take(1340);
    unread.observe(3 * chargeOf(1340));
    // Charges are rounded, so a few more cannot be excluded; never fewer.
    expect(unread.atMost).toBeGreaterThanOrEqual(3);
    expect(unread.atMost).toBeLessThanOrEqual(5);
  });

  it('does not believe a zero before a sign of life: a dead reader is charged nothing either', () => {
    const unread = new UnreadMessages(0);
    for (let each = 0; each < 5; each++) unread.take(1000);
    unread.observe(0);
    expect(unread.atMost).toBe(5);
    unread.confirmAlive();
    expect(unread.atMost).toBe(0);
  });

  it('takes the next message as the sign of life', () => {
    const unread = new UnreadMessages(0);
    for (let each = 0; each < 5; each++) unread.take(1000);
    unread.observe(0);
    unread.take(1000);
    expect(unread.atMost).toBe(1);
  });

  it('fears for the messages of an earlier process until one of ours, behind them, was read', () => {
    const unread = new UnreadMessages(513);
    expect(unread.atMost).toBe(513);
    unread.take(1000);
    unread.take(1000);
    unread.observe(2 * 1000);
    expect(unread.atMost).toBe(1);

    const stalled = new UnreadMessages(513);
    stalled.take(1000);
    stalled.observe(chargeOf(1000));
    expect(stalled.atMost).toBe(514);
  });

  it('stays right when more is unread than lengths are remembered', () => {
    const unread = new UnreadMessages(0);
    for (let each = 0; each < 5000; each++) unread.take(10);
    unread.observe(3000 * chargeOf(10));
    expect(unread.atMost).toBeGreaterThanOrEqual(3000);
  });
});
