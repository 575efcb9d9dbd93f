import { describe, expect, it } from 'vitest';
import { everyPoint, PHASES, phaseOf, randomAim } from './kill-plan.ts';
import { randomFrom } from './random.ts';

describe('where a kill lands', () => {
  it('is said by its point when it hit', () => {
    const at = (point: Parameters<typeof phaseOf>[2][number], moment: 'before' | 'after'): string =>
      phaseOf({ kind: 'point', point, moment, nth: 1 }, true, []);
    expect(at('segment-datasync', 'before')).toBe('append');
    expect(at('segment-datasync', 'after')).toBe('acknowledgement');
    expect(at('datagram-send', 'after')).toBe('send');
    expect(at('cursor-write', 'before')).toBe('cursor write');
    expect(at('spare-rename', 'after')).toBe('elsewhere');
  });

  it('is said by what was under way when it came from outside or missed', () => {
    expect(phaseOf({ kind: 'instant', afterMs: 5 }, false, ['segment-datasync'])).toBe('append');
    expect(phaseOf({ kind: 'point', point: 'cursor-write', moment: 'middle', nth: 9 }, false, [])).toBe('elsewhere');
  });

  it('comes to every phase of the main way by chance', () => {
    const random = randomFrom(1);
    const seen = new Set(Array.from({ length: 300 }, () => randomAim(random)).map((aim) => phaseOf(aim, aim.kind === 'point', [])));
    expect([...seen].sort()).toEqual([...PHASES].sort());
    expect(everyPoint()).toHaveLength(30);
  });
});
