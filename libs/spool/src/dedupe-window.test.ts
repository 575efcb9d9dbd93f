import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DedupeWindow } from './dedupe-window.ts';

function windowOf(options: { readonly windowMs?: number; readonly maxKeys?: number } = {}): DedupeWindow & { nowMs: number } {
  const clock = { nowMs: 0 };
  const window = new DedupeWindow({ windowMs: 1_000, maxKeys: 100, nowMs: () => clock.nowMs, ...options });
  return Object.defineProperty(window, 'nowMs', { get: () => clock.nowMs, set: (ms) => (clock.nowMs = ms) }) as never;
}

/** Two bytes of entropy at the start, so that probe sequences collide and wrap. */
function keyOf(id: number): Buffer {
  const key = Buffer.alloc(16, 1);
  key.writeUInt16BE((id * 7) % 4 === 0 ? 0xffff : id % 3, 2);
  key.writeUInt32LE(id, 12);
  return key;
}

it('knows a key again at a later position, and never the record itself', () => {
  const window = windowOf();
  expect(window.admit(keyOf(1), 10)).toBe('first');
  expect(window.admit(keyOf(1), 11)).toBe('duplicate');
  expect(window.admit(keyOf(1), 10)).toBe('first');
});

it('keeps to the earlier position when delivery starts again before it', () => {
  const window = windowOf();
  window.admit(keyOf(1), 10);
  expect(window.admit(keyOf(1), 4)).toBe('first');
  expect(window.admit(keyOf(1), 10)).toBe('duplicate');
});

it('forgets a key when its time is over, not before', () => {
  const window = windowOf();
  window.admit(keyOf(1), 1);
  window.nowMs = 1_000;
  expect(window.admit(keyOf(1), 2)).toBe('duplicate');
  window.nowMs = 1_001;
  expect(window.admit(keyOf(1), 3)).toBe('first');
});

it('forgets the oldest when there are too many, and says how often that was too early', () => {
  const window = windowOf({ maxKeys: 2 });
  for (const id of [1, 2, 3]) window.admit(keyOf(id), id);

  expect([window.size, window.evictedEarly]).toEqual([2, 1]);
  expect(window.admit(keyOf(2), 9)).toBe('duplicate');
  expect(window.admit(keyOf(1), 9)).toBe('first');
});

it('restores a key with the age it had, and none that is too old', () => {
  const window = windowOf();
  window.restore({ key: keyOf(1), position: 1 }, 400);
  window.restore({ key: keyOf(2), position: 2 }, 1_001);
  expect(window.size).toBe(1);
  window.nowMs = 601;
  expect(window.admit(keyOf(1), 5)).toBe('first');
});

it('takes a clock that was set back for a fresh key, not for one of the future', () => {
  const window = windowOf();
  window.restore({ key: keyOf(1), position: 1 }, -3_600_000);
  window.nowMs = 1_001;
  expect(window.admit(keyOf(1), 5)).toBe('first');
});

it('refuses a key of another length', () => {
  expect(() => windowOf().admit(Buffer.alloc(15), 1)).toThrow(RangeError);
});

it('agrees with a list of everything it was told', () => {
  const steps = fc.array(fc.record({ id: fc.nat(300), position: fc.nat(500), afterMs: fc.nat(30) }), { minLength: 1, maxLength: 600 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 120 }), (all, maxKeys) => {
      const window = windowOf({ maxKeys, windowMs: 500 });
      let model: { id: number; position: number; atMs: number }[] = [];
      for (const { id, position, afterMs } of all) {
        window.nowMs += afterMs;
        model = model.filter((each) => each.atMs >= window.nowMs - 500);
        const known = model.find((each) => each.id === id);
        expect(window.admit(keyOf(id), position)).toBe(known !== undefined && known.position < position ? 'duplicate' : 'first');
        if (known !== undefined) known.position = Math.min(known.position, position);
        else model = [...model, { id, position, atMs: window.nowMs }].slice(-maxKeys);
        expect(window.size).toBe(model.length);
      }
    }),
  );
});

it('grows to many keys and finds each', () => {
  // Evenly spread, as the keys of events are: the crowded ones above would take quadratic time.
  const digestOf = (id: number): Buffer => hash('sha256', `${id}`, 'buffer').subarray(0, 16);
  const window = windowOf({ maxKeys: 1 << 20, windowMs: 1e9 });
  for (let id = 0; id < 20_000; id++) window.admit(digestOf(id), id);
  expect(window.size).toBe(20_000);
  for (let id = 0; id < 20_000; id += 97) expect(window.admit(digestOf(id), 1e6)).toBe('duplicate');
});
