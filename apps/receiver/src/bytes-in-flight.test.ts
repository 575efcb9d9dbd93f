import { expect, it } from 'vitest';
import { BytesInFlight } from './bytes-in-flight.ts';

it('holds up to the budget and no byte more', () => {
  const budget = new BytesInFlight(100, 100);

  expect([budget.tryHold(60, 'a'), budget.tryHold(41, 'b'), budget.tryHold(40, 'b'), budget.heldBytes]).toEqual([true, false, true, 100]);
});

it('has room again for what was released', () => {
  const budget = new BytesInFlight(100, 100);
  budget.tryHold(100, 'a');
  budget.release(30, 'a');

  expect([budget.tryHold(31, 'a'), budget.tryHold(30, 'a')]).toEqual([false, true]);
});

it('leaves half of it to others, however much one cluster announces', () => {
  const budget = new BytesInFlight(100, 20);

  expect([budget.tryHold(50, 'a'), budget.tryHold(1, 'a'), budget.tryHold(50, 'b')]).toEqual([true, false, true]);
  budget.release(20, 'a');
  expect([budget.tryHold(21, 'a'), budget.tryHold(20, 'a')]).toEqual([false, true]);
});

it('takes one body of any size that is allowed', () => {
  expect(new BytesInFlight(100, 80).tryHold(80, 'a')).toBe(true);
});
