import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexOfCaseless, prepareNeedle } from './caseless-search.ts';

const few = fc.string({ unit: fc.constantFrom('a', 'A', 'b', '[', '{', '@', '`', '\xe9', '\xc9'), maxLength: 30 });

describe('the search without case', () => {
  it('finds what a plain search finds in lower case, ASCII letters alone', () => {
    const fold = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    fc.assert(
      fc.property(few, few, (haystack, needle) => {
        expect(indexOfCaseless(haystack, prepareNeedle(needle))).toBe(fold(haystack).indexOf(fold(needle)));
      }),
      { numRuns: 3_000 },
    );
  });

  it('finds the same in the one pass that it falls back to', () => {
    // Long needles that nearly fit everywhere use up the patience.
    const text = fc.string({ unit: fc.constantFrom('a', 'a', 'a', 'b'), minLength: 100, maxLength: 400 });
    fc.assert(
      fc.property(text, fc.nat({ max: 60 }), fc.integer({ min: 20, max: 80 }), (haystack, start, length) => {
        const needle = `b${haystack.slice(start, start + length)}`;
        expect(indexOfCaseless(haystack, prepareNeedle(needle))).toBe(haystack.indexOf(needle));
      }),
      { numRuns: 2_000 },
    );
  });

  it('looks at no more than a few times the haystack, whatever the needle', () => {
    for (const needle of [`b${'a'.repeat(20_000)}`, `${'a'.repeat(10_000)}b${'a'.repeat(10_000)}`, 'a'.repeat(40_000)]) {
      const budget = { steps: 0 };
      indexOfCaseless('a'.repeat(65_000), prepareNeedle(needle), budget);
      expect(-budget.steps * 8).toBeLessThan(5 * 65_000);
    }
  });
});
