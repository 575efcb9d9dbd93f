import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileExpression } from './compile-expression.ts';
import { runPart } from './osregex.ts';
import { compileOsRegexProgram } from './osregex-program.ts';
import type { Outcome } from './outcome.ts';

function match(type: 'osregex' | 'osmatch', pattern: string, text: string): Outcome | string {
  const compiled = compileExpression(type, pattern);
  if (compiled.kind !== 'compiled') return compiled.kind;
  return compiled.expression.match(Buffer.from(text).toString('latin1'), { steps: 1_000_000 });
}

const piece = fc.constantFrom(
  'a',
  'b',
  'A',
  '1',
  ' ',
  '.',
  '\\w',
  '\\d',
  '\\s',
  '\\.',
  '\\w+',
  '\\d*',
  '\\.*',
  '\\.+',
  '(',
  ')',
  '^',
  '$',
  '|',
  '+',
  '*',
  '\\p',
  '\\$',
);
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'B', '1', '2', ' ', '.', '-', '$', '^', '|'), maxLength: 12 });

describe('OSRegex', () => {
  it('answers as the search that follows _OS_Regex step by step, whatever short cuts it takes', () => {
    let matches = 0;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), text, (pieces, subject) => {
        const pattern = pieces.join('');
        const program = compileOsRegexProgram(pattern);
        if (program.kind === 'invalid') {
          expect(match('osregex', pattern, subject)).toBe('invalid');
          return;
        }
        const isMatch = program.parts.some((part) => runPart(part, subject, { steps: 1_000_000 }) === 'match');
        if (isMatch) matches++;
        expect(match('osregex', pattern, subject)).toBe(isMatch ? 'match' : 'miss');
      }),
      { numRuns: 5_000 },
    );
    expect(matches).toBeGreaterThan(300);
  });

  it.each([
    ['abc', 'xABCx', 'match'],
    ['^abc$', 'abcd', 'miss'],
    ['a|^b$', 'xb', 'miss'],
    ['\\.', '\n', 'match'],
    ['.', 'a', 'miss'],
    ['\\w+', 'é', 'miss'],
    ['\\s', '\t', 'miss'],
    ['a+', 'aa', 'miss'],
    ['((a))', 'a', 'invalid'],
    ['(a|b)', 'a', 'invalid'],
    ['\\q', 'q', 'invalid'],
    ['a\\', 'a', 'invalid'],
  ])('%s on %j: %s', (pattern, subject, outcome) => {
    expect(match('osregex', pattern, subject)).toBe(outcome);
  });
});

describe('OSMatch', () => {
  it.each([
    ['abc', 'xABCx', 'match'],
    ['^abc', 'xabc', 'miss'],
    ['abc$', 'xabc', 'match'],
    ['^abc$|x', 'ABC', 'match'],
    ['!abc', 'abc', 'miss'],
    ['!abc|def', 'xyz', 'match'],
    ['a||b', 'zzz', 'match'],
    ['é', 'é', 'miss'],
    ['^é', 'é', 'match'],
    ['a.c', 'abc', 'miss'],
  ])('%s on %j: %s', (pattern, subject, outcome) => {
    expect(match('osmatch', pattern, subject)).toBe(outcome);
  });
});
