import { expect, it } from 'vitest';
import { BytesInFlight } from './bytes-in-flight.ts';

it('holds up to the budget and no byte more', () => {
  const budget = new BytesInFlight(100);

  expect([budget.tryHold(60), budget.tryHold(41), budget.tryHold(40), budget.heldBytes]).toEqual([true, false, true, 100]);
});

it('has room again for what was released', () => {
  const budget = new BytesInFlight(100);
  budget.tryHold(100);
  budget.release(30);

  expect([budget.tryHold(31), budget.tryHold(30)]).toEqual([false, true]);
});
