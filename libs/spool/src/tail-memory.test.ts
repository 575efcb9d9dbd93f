import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { TailMemory } from './tail-memory.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const MIB = 1 << 20;

describe('the memory of what was just written', () => {
  it('gives up the bytes of what it no longer holds, not only their count', async () => {
    const memory = new TailMemory(4 * MIB);
    const heldMiB = (): number => {
      collectGarbage();
      return process.memoryUsage().arrayBuffers / MIB;
    };
    const before = heldMiB();
    // Fewer groups than after which it shortens its list.
    for (let position = 1; position <= 500; position++)
      memory.push({ firstPosition: position, lastPosition: position, frames: memory.allocate(MIB / 2) });

    await expect.poll(() => heldMiB() - before).toBeLessThan(8);
    expect(memory.find(500)).toBeDefined();
    expect(memory.find(490)).toBeUndefined();
  });
});
