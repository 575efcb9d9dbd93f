import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventListScanner } from '@k8s-audit/audit-events';
import type { SpoolRecord } from '@k8s-audit/spool';
import type { SendOutcome } from '@k8s-audit/wazuh-queue';
import { describe, expect, it } from 'vitest';
import { Books } from './books.ts';
import { EventTrace } from './event-trace.ts';
import { accept, deliver, type Intake, type Outlet } from './flow.ts';
import type { QuarantinedItem } from './quarantine.ts';
import { encodeOrigin, type Origin } from './spool-record.ts';

const origin: Origin = { cluster: 'prod-eu', apiServer: 'a', source: 'webhook' };
const sample = readFileSync(join(import.meta.dirname, '../../../fixtures/guide/sample-event.json'), 'utf8');

function event(auditID: string, more: object = {}): object {
  return { level: 'Metadata', auditID, stage: 'ResponseComplete', requestURI: '/api', verb: 'get', user: { username: 'u' }, ...more };
}

function list(...items: readonly unknown[]): string {
  return JSON.stringify({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items });
}

async function* chunks(text: string, size = 50): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('accept', () => {
  function intake(): { intake: Intake; stored: string[]; notes: QuarantinedItem[]; steps: string[] } {
    const [stored, notes, steps]: [string[], QuarantinedItem[], string[]] = [[], [], []];
    return {
      stored,
      notes,
      steps,
      intake: {
        newScanner: () => new EventListScanner({ isSensitive: (item) => item.includes('secrets') }),
        redact: (item) => Buffer.from(item.toString().replaceAll('c2VjcmV0', '[redacted]')),
        append: async (_head, items) => {
          steps.push('append');
          stored.push(...items.map((each) => Buffer.from(each).toString()));
        },
        quarantine: async (items) => {
          steps.push('quarantine');
          notes.push(...items);
        },
        books: new Books(),
        trace: new EventTrace(Date.now),
        now: () => 1_800_000_000_000,
      },
    };
  }

  it('stores every event of a list, in order', async () => {
    const { intake: into, stored } = intake();

    expect(await accept(chunks(list(event('1'), event('2'), event('3'))), origin, into)).toEqual({
      kind: 'stored',
      events: 3,
      quarantined: 0,
    });
    expect(stored.map((each) => /"auditID":"(\d)"/.exec(each)?.[1])).toEqual(['1', '2', '3']);
    expect(into.books.snapshot().total).toMatchObject({ received: 3, spooled: 3 });
  });

  it('takes the guide’s own sample', async () => {
    const { intake: into } = intake();

    expect(await accept(chunks(sample), origin, into)).toEqual({ kind: 'stored', events: 1, quarantined: 0 });
  });

  it('redacts before it stores', async () => {
    const { intake: into, stored } = intake();
    await accept(
      chunks(list(event('1', { objectRef: { resource: 'secrets' }, requestObject: { data: { a: 'c2VjcmV0' } } }))),
      origin,
      into,
    );

    expect(stored.join()).toContain('[redacted]');
    expect(stored.join()).not.toContain('c2VjcmV0');
  });

  it('quarantines an odd item and keeps the ones around it', async () => {
    const { intake: into, stored, notes } = intake();

    expect(await accept(chunks(list(event('1'), 7, event('3'))), origin, into)).toEqual({ kind: 'stored', events: 2, quarantined: 1 });
    expect(stored).toHaveLength(2);
    expect(notes).toMatchObject([{ place: 'accept', reason: 'not-an-object', index: 1, byteLength: 1 }]);
    expect(into.books.snapshot().total).toMatchObject({ received: 3, quarantined: 1, spooled: 2 });
  });

  it('keeps the items before the place where a list breaks', async () => {
    const { intake: into, stored } = intake();
    const whole = list(event('1'), event('2'));

    expect(await accept(chunks(whole.slice(0, -20)), origin, into)).toMatchObject({
      kind: 'stored',
      events: 1,
      broken: expect.any(String),
    });
    expect(stored).toHaveLength(1);
  });

  it.each(['', '{}', 'no json', '[]', '{"kind":"Pod"}'])('takes nothing from %j', async (body) => {
    const { intake: into, steps } = intake();

    expect(await accept(chunks(body), origin, into)).toMatchObject({ kind: 'no-event' });
    expect(steps).toEqual([]);
  });

  it('stores a long list in portions while it arrives, and no more of it is ever in memory', async () => {
    const { intake: into, steps } = intake();
    const events = 10_000;
    const portions: number[] = [];
    const text = list(...Array.from({ length: events }, (_, index) => event(String(index), { userAgent: 'x'.repeat(1_000) })));
    const counted: Intake = {
      ...into,
      append: async (head, items) => {
        await into.append(head, []);
        portions.push(items.reduce((sum, each) => sum + head.length + each.length, 0));
      },
    };

    expect(await accept(chunks(text, 65_536), origin, counted)).toEqual({ kind: 'stored', events, quarantined: 0 });
    expect(steps.length).toBeGreaterThanOrEqual(3);
    expect(Math.max(...portions)).toBeLessThan(5 << 20);
    expect(into.books.snapshot().total).toMatchObject({ received: events, spooled: events });
  });

  it('notes any number of odd items in portions, and counts them all', async () => {
    const { intake: into, notes, steps } = intake();

    expect(await accept(chunks(list(event('1'), ...Array.from({ length: 5_000 }, () => 7))), origin, into)).toEqual({
      kind: 'stored',
      events: 1,
      quarantined: 5_000,
    });
    expect(notes).toHaveLength(5_000);
    expect(steps.filter((step) => step === 'quarantine').length).toBeGreaterThanOrEqual(5);
    expect(into.books.snapshot().total).toMatchObject({ received: 5_001, quarantined: 5_000 });
  });

  it('counts the portions of a list that were stored before the disk refused, or its client went away', async () => {
    const { intake: into, stored } = intake();
    const text = list(...Array.from({ length: 6_000 }, (_, index) => event(String(index), { userAgent: 'x'.repeat(1_000) })));
    let appends = 0;
    const full: Intake = {
      ...into,
      append: (head, items) => (appends++ === 0 ? into.append(head, items) : Promise.reject(new Error('ENOSPC'))),
    };

    await expect(accept(chunks(text, 65_536), origin, full)).rejects.toThrow('ENOSPC');
    expect(stored.length).toBeGreaterThan(1_000);
    expect(into.books.snapshot().total.received).toBe(stored.length);
  });

  it('does not count what the disk refused', async () => {
    const { intake: into } = intake();
    const full: Intake = { ...into, append: () => Promise.reject(new Error('ENOSPC')) };

    await expect(accept(chunks(list(event('1'))), origin, full)).rejects.toThrow('ENOSPC');
    expect(into.books.snapshot().total.received).toBe(0);
  });
});

describe('deliver', () => {
  interface Trial {
    readonly outlet: Outlet;
    readonly sent: string[];
    readonly committed: number[];
    readonly notes: QuarantinedItem[];
  }

  /** A spool of these events, a transport that gives these outcomes (then `sent` for ever), batches of two. */
  function trial(events: readonly object[], outcomes: readonly SendOutcome[] = [], before: Partial<Outlet['before']> = {}): Trial {
    const head = encodeOrigin(origin, 0);
    const records: SpoolRecord[] = events.map((each, index) => ({
      position: index + 1,
      bytes: Buffer.concat([head, Buffer.from(JSON.stringify(each))]),
    }));
    let at = 0;
    const remaining = [...outcomes];
    const seen = new Map<string, number>();
    const [sent, committed, notes]: [string[], number[], QuarantinedItem[]] = [[], [], []];
    const outlet: Outlet = {
      next: async () => {
        const batch = records.slice(at, at + 2);
        at += batch.length;
        return batch;
      },
      admit: (key, position) => {
        const first = seen.get(Buffer.from(key).toString());
        seen.set(Buffer.from(key).toString(), first ?? position);
        return first !== undefined && first !== position ? 'duplicate' : 'first';
      },
      keyOf: (audit) => Buffer.from(`${audit.auditID} ${audit.stage}`),
      datagramOf: (audit) => Buffer.from(audit.auditID),
      isLarge: () => false,
      readLarge: () => Promise.reject(new Error('none is large')),
      pause: async () => undefined,
      maxDatagramBytes: 100,
      send: async (datagrams) => {
        const outcome = remaining.shift() ?? { kind: 'sent' };
        const taken = outcome.kind === 'reader-restarted' || outcome.kind === 'stopped' ? outcome.sent : datagrams.length;
        sent.push(...datagrams.slice(0, taken).map((each) => Buffer.from(each).toString()));
        return outcome;
      },
      seek: (position) => {
        at = position - 1;
      },
      commit: (upTo) => void committed.push(upTo),
      before: { deliveredUpTo: 0, storedUpTo: 0, ...before },
      quarantine: async (items) => void notes.push(...items),
      books: new Books(),
      trace: new EventTrace(Date.now),
    };
    outlet.books.of(origin).received += events.length - outlet.before.storedUpTo;
    return { outlet, sent, committed, notes };
  }

  it('sends in order and moves the cursor behind each batch', async () => {
    const { outlet, sent, committed } = trial([event('1'), event('2'), event('3')]);
    await deliver(outlet);

    expect(sent).toEqual(['1', '2', '3']);
    expect(committed).toEqual([2, 3]);
    expect(outlet.books.snapshot().total).toMatchObject({ received: 3, delivered: 3, spooled: 0 });
  });

  it('sends a repeated event once, also within one batch, and never merges stages', async () => {
    const { outlet, sent } = trial([event('1'), event('1'), event('2'), event('1', { stage: 'ResponseStarted' }), event('2')]);
    await deliver(outlet);

    expect(sent).toEqual(['1', '2', '1']);
    expect(outlet.books.snapshot().total).toMatchObject({ delivered: 3, duplicate: 2, spooled: 0 });
  });

  it('goes back before what the old reader may have taken along, and counts it as re-sent', async () => {
    const restarted: SendOutcome = { kind: 'reader-restarted', sent: 1, resendAtLeast: 3 };
    const { outlet, sent } = trial(
      ['1', '2', '3', '4', '5', '6'].map((id) => event(id)),
      [{ kind: 'sent' }, { kind: 'sent' }, restarted],
    );
    await deliver(outlet);

    // 1 to 4 were sent, then 5; the last three of them, 3, 4 and 5, go again.
    expect(sent).toEqual(['1', '2', '3', '4', '5', '3', '4', '5', '6']);
    expect(outlet.books.snapshot().total).toMatchObject({ delivered: 6, resent: 2, duplicate: 0, spooled: 0 });
  });

  it('goes back to its first record when the reader took less than that', async () => {
    const { outlet, sent } = trial([event('1'), event('2')], [{ kind: 'reader-restarted', sent: 0, resendAtLeast: 513 }]);
    await deliver(outlet);

    expect(sent).toEqual(['1', '2']);
  });

  it('goes back behind its own start, by datagrams, when another reader is there than before it', async () => {
    // 3 and 5 repeat what came before: of records 1 to 6, 1, 2, 4 and 6 were sent.
    const events = ['1', '2', '1', '4', '2', '6', '7', '8'].map((id) => event(id));
    const other: SendOutcome = { kind: 'reader-restarted', sent: 0, resendAtLeast: 3 };
    const { outlet, sent } = trial(events, [other], { deliveredUpTo: 6, storedUpTo: 7 });
    for (const [index, id] of ['1', '2', '1', '4', '2', '6'].entries()) outlet.admit(Buffer.from(`${id} ResponseComplete`), index + 1);
    outlet.seek(7);
    await deliver(outlet);

    expect(sent).toEqual(['2', '4', '6', '7', '8']);
    expect(outlet.books.snapshot().total).toMatchObject({ received: 2, delivered: 2, resent: 3, spooled: 0 });
  });

  it('reads further back as long as duplicates stand in the place of datagrams', async () => {
    const ids = ['1', '2', '3', ...Array.from({ length: 20 }, () => '1'), '4', '5'];
    const other: SendOutcome = { kind: 'reader-restarted', sent: 0, resendAtLeast: 2 };
    const { outlet, sent } = trial(
      ids.map((id) => event(id)),
      [other],
      { deliveredUpTo: 23, storedUpTo: 25 },
    );
    for (const [index, id] of ids.slice(0, 23).entries()) outlet.admit(Buffer.from(`${id} ResponseComplete`), index + 1);
    outlet.seek(24);
    await deliver(outlet);

    expect(sent).toEqual(['2', '3', '4', '5']);
  });

  it('sends all that is left again when that is less than the reader may have taken along', async () => {
    const events = ['1', '2', '3'].map((id) => event(id));
    const other: SendOutcome = { kind: 'reader-restarted', sent: 0, resendAtLeast: 513 };
    const { outlet, sent } = trial(events, [other], { deliveredUpTo: 2, storedUpTo: 3 });
    outlet.seek(3);
    await deliver(outlet);

    expect(sent).toEqual(['1', '2', '3']);
  });

  it('counts each datagram once when a second reader dies in the middle of what is sent again', async () => {
    const events = ['1', '2', '3', '4', '5', '6'].map((id) => event(id));
    const outcomes: SendOutcome[] = [
      { kind: 'sent' },
      { kind: 'sent' },
      { kind: 'reader-restarted', sent: 0, resendAtLeast: 2 },
      { kind: 'reader-restarted', sent: 1, resendAtLeast: 3 },
    ];
    const { outlet, sent } = trial(events, outcomes);
    await deliver(outlet);

    // 1 to 4; then 3 alone of 3 and 4; then the last three that went out: 1, 2 and 3.
    expect(sent).toEqual(['1', '2', '3', '4', '3', '1', '2', '3', '4', '5', '6']);
  });

  it('stops without moving the cursor when the service stops in the middle of a batch', async () => {
    const { outlet, committed } = trial([event('1'), event('2')], [{ kind: 'stopped', sent: 1 }]);
    await deliver(outlet);

    expect(committed).toEqual([]);
    expect(outlet.books.snapshot().total).toMatchObject({ delivered: 0, spooled: 2 });
  });

  it('lets an event that the pipeline trips over stop nothing', async () => {
    const { outlet, sent, notes } = trial([event('1'), event('2'), event('3')]);
    const tripping: Outlet = {
      ...outlet,
      datagramOf: (audit, item) => {
        if (audit.auditID === '2') throw new Error('a bug');
        return outlet.datagramOf(audit, item);
      },
    };
    await deliver(tripping);

    expect(sent).toEqual(['1', '3']);
    expect(notes).toMatchObject([{ place: 'deliver', reason: 'pipeline: a bug' }]);
    expect(outlet.books.snapshot().total).toMatchObject({ delivered: 2, quarantined: 1, spooled: 0 });
  });

  it('never hands on a datagram that Wazuh would cut', async () => {
    const { outlet, sent, notes } = trial([event('x'.repeat(100)), event('x'.repeat(101))]);
    await deliver(outlet);

    expect(sent).toEqual(['x'.repeat(100)]);
    expect(notes).toMatchObject([{ reason: 'larger than a datagram' }]);
  });
});
