import assert from 'node:assert/strict';
import { expect, it } from 'vitest';
import { eventually } from './eventually.ts';

it('repeats an assertion until it holds', async () => {
  let calls = 0;
  const check = async (): Promise<number> => {
    assert.equal(++calls, 3);
    return calls;
  };

  expect(await eventually(check, 10_000)).toBe(3);
});

it('throws the last failure when time is up', async () => {
  await expect(eventually(async () => assert.equal(1, 2, 'one is two'), 0)).rejects.toThrow('one is two');
});

it('does not repeat what is no assertion', async () => {
  let calls = 0;
  const check = async (): Promise<void> => {
    calls++;
    throw new TypeError('a fault of the test');
  };

  await expect(eventually(check, 10_000)).rejects.toThrow('a fault of the test');
  expect(calls).toBe(1);
});

it('ends early when the run is stopped', async () => {
  await expect(eventually(async () => assert.fail(), 60_000, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('aborted');
});
