import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until `holds` does. @returns the milliseconds that it took, or undefined when it did not within `withinMs` */
export async function eventually(holds: () => boolean | Promise<boolean>, withinMs: number, everyMs = 10): Promise<number | undefined> {
  const startedAt = performance.now();
  for (;;) {
    if (await holds()) return performance.now() - startedAt;
    if (performance.now() - startedAt >= withinMs) return undefined;
    await sleep(everyMs);
  }
}
