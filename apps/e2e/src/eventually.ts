import { AssertionError } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 200;

/**
 * Repeats `check` until it stops throwing, and returns what it returned; after `withinMs` its last failure is thrown.
 * Only assertions are repeated: anything else is a fault of the test or of the ground it stands on.
 */
export async function eventually<T>(check: () => Promise<T>, withinMs: number, signal?: AbortSignal): Promise<T> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (!(error instanceof AssertionError) || performance.now() > deadlineMs) throw error;
    }
    await sleep(POLL_MS, undefined, signal ? { signal } : {});
  }
}
