import { expect, it } from 'vitest';
import type { StepResult } from './report.ts';
import { ResultBook } from './result-book.ts';

const passes = { title: 'passes', run: async (): Promise<void> => {} };
const fails = { title: 'fails', run: (): Promise<void> => Promise.reject(new Error('because')) };

function lines(results: readonly StepResult[]): readonly string[] {
  return results.map(({ scenario, step, outcome, message }) => [scenario, step, outcome, message].filter(Boolean).join(' '));
}

it('counts what stands behind a failed step as failed, and goes on with the next scenario', async () => {
  const told: StepResult[] = [];
  const book = new ResultBook('core', (result) => told.push(result));
  await book.attemptAll('one', [passes, fails, passes]);
  await book.attemptAll('two', [passes]);
  await book.attemptAll('one', [passes]);

  expect(lines(book.results)).toEqual([
    'one passes passed',
    'one fails failed because',
    'one passes failed not reached',
    'two passes passed',
    'one passes failed not reached',
  ]);
  expect(told).toEqual(book.results);
  expect(book.results.every(({ run }) => run === 'core')).toBe(true);
});

it('lets steps that do not build on each other each say what they find', async () => {
  const book = new ResultBook('core', () => {});
  await book.attemptEach('one', [fails, passes]);
  await book.attemptEach('one', [passes]);

  expect(lines(book.results)).toEqual(['one fails failed because', 'one passes passed', 'one passes failed not reached']);
});

it('hands back what the work returned, and nothing when it failed', async () => {
  const book = new ResultBook('core', () => {});

  expect(await book.attempt('set-up', 'works', async () => 7)).toBe(7);
  expect(await book.attempt('set-up', 'fails', fails.run)).toBeUndefined();
});
