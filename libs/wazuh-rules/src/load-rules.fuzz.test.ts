import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadRules } from './load-rules.ts';
import type { LoadedRuleset } from './loaded-ruleset.ts';

/**
 * Whatever the files hold, the loader returns. Hangs would show as a test that times out; a longer run: FUZZ_RUNS=100000.
 */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 400);

const FIXTURES = join(import.meta.dirname, '../../../fixtures');
const FILES = ['analysisd/rules', 'analysisd-v1/rules'].flatMap((folder) =>
  readdirSync(join(FIXTURES, folder)).map((name) => readFileSync(join(FIXTURES, folder, name), 'utf8')),
);

function load(text: string | Uint8Array): LoadedRuleset {
  const ruleset = loadRules([{ name: 'fuzz.xml', text }], { afterRefusal: 'continue', maxTreeNodes: 5000 });
  for (const problem of ruleset.problems) {
    expect(problem.line).toBeGreaterThan(0);
    expect(problem.column).toBeGreaterThan(0);
    expect(problem.message).not.toBe('');
    expect(problem.hint).not.toBe('');
  }
  expect(ruleset.exitCode).toBe(ruleset.problems.some((problem) => problem.severity === 'refuses-to-start') ? 1 : 0);
  return ruleset;
}

it('returns for any text and any bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => void load(text)),
    { numRuns: RUNS },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void load(bytes)),
    { numRuns: RUNS },
  );
});

it('returns for any sequence of pieces of the dialect', () => {
  const piece = fc.constantFrom(
    ...[
      '<group name="a,">',
      '</group>',
      '<rule id="1001" level="3">',
      '<rule id="1002" level="0" overwrite="yes">',
      '</rule>',
      '<match>',
      '</match>',
    ],
    ...[
      '<field name="x" type="pcre2" negate="yes">',
      '</field>',
      '<if_sid>1001,',
      '</if_sid>',
      '<if_group>a</if_group>',
      '<if_level>1</if_level>',
    ],
    ...[
      '<var name="AB">',
      '</var>',
      '$AB.',
      '$(x)',
      '<mitre><id>',
      '</id></mitre>',
      '<description>',
      'd',
      '</description>',
      '<same_user />',
      '<list field="x">',
    ],
    ...[
      '</list>',
      '<!--',
      '-->',
      '!>',
      '\\',
      '<',
      '>',
      '/',
      '"',
      "'",
      '=',
      ' ',
      '\n',
      '\0',
      'ä',
      '<if_matched_sid>1001</if_matched_sid>',
      '<options>no_ar</options>',
    ],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => void load(pieces.join(''))),
    { numRuns: RUNS },
  );
});

it('returns for mutated rule files', () => {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.nat({ max: 40 }),
    insert: fc.oneof(
      fc.constantFrom('<', '>', '"', '\\', '<!--', '</rule>', '\0', '$', '999999999999', '|'),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
  });
  fc.assert(
    fc.property(fc.constantFrom(...FILES), fc.array(edit, { minLength: 1, maxLength: 4 }), (text, edits) => {
      let mutated = text;
      for (const { at, remove, insert } of edits) {
        const position = Math.floor(at * mutated.length);
        mutated = mutated.slice(0, position) + insert + mutated.slice(position + remove);
      }
      load(mutated);
    }),
    { numRuns: RUNS },
  );
});

describe('takes a megabyte of', () => {
  const times = (text: string): string => text.repeat(Math.ceil(1_000_000 / text.length));
  const rules = (inside: (index: number) => string, count = 10_000): string =>
    `<group name="kk,">${Array.from({ length: count }, (_, index) => `<rule id="${100_000 + index}" level="3">${inside(index)}<description>d</description></rule>`).join('')}</group>`;

  it.each<readonly [string, string]>([
    ['less-thans', times('<')],
    ['open tags', times('<a>')],
    ['attributes', `<a ${times('b="c" ')}>`],
    ['comment beginnings', times('<!-')],
    ['backslashes', `<a>${times('\\')}`],
    ['line breaks', times('\n')],
    ['umlauts', `<group name="ä">${times('ä')}`],
    ['rules', rules(() => '')],
    ['rules below one', rules((index) => (index === 0 ? '' : '<if_sid>100000</if_sid>'))],
    ['rules below the one before', rules((index) => (index === 0 ? '' : `<if_sid>${99_999 + index}</if_sid>`))],
    ['rules below two before', rules((index) => (index < 2 ? '' : `<if_sid>${99_998 + index},${99_999 + index}</if_sid>`))],
    [
      'rules with the same parents in two places',
      rules((index) => (index < 2 ? '' : index === 2 ? '<if_sid>100000,100001</if_sid>' : `<if_sid>${99_999 + index}</if_sid>`)),
    ],
    ['rules below a group', rules(() => '<if_group>kk</if_group>')],
    ['rules below groups of their own', rules((index) => `<if_group>k|n${index}</if_group><group>n${index},</group>`)],
    ['rules below a level', rules(() => '<if_level>1</if_level>')],
    [
      'rules that count a group',
      rules((index) => `<if_sid>${index === 0 ? 1 : 100_000}</if_sid><if_matched_group>x${index}</if_matched_group>`, 8000),
    ],
    [
      'rules that count every rule',
      rules((index) => (index === 0 ? '' : '<if_sid>100000</if_sid><if_matched_group>kk</if_matched_group>'), 8000),
    ],
    [
      'variables',
      `${Array.from({ length: 20_000 }, (_, index) => `<var name="V${index}">x</var>`).join('')}<group name="kk,">${times('<rule id="1" level="1"><match>$V19999.$V1|</match></rule>')}</group>`,
    ],
    ['fields in one rule', `<group name="a,"><rule id="1000" level="3">${times('<field name="x">y</field>')}</rule></group>`],
    [
      'matches in one rule',
      `<group name="a,"><rule id="1000" level="3">${times('<match>yyyyyyyyyyyyyyyyyyyyyyyyy</match>')}</rule></group>`,
    ],
    [
      'rules below one with a thousand places',
      rules((index) => (index === 0 ? '' : index === 1 ? `<if_sid>${'100000,'.repeat(290)}100000</if_sid>` : '<if_sid>100001</if_sid>')),
    ],
    [
      'if_sid',
      `<group name="a,"><rule id="1000" level="3"><if_sid>${'1,'.repeat(1000)}</if_sid><description>d</description></rule></group>`,
    ],
    ['overwrites', `<group name="kk,">${times('<rule id="1000" level="3" overwrite="yes"><description>d</description></rule>')}</group>`],
    ['<mitre> blocks', `<group name="kk,"><rule id="1000" level="3">${times('<mitre><id>T1609</id></mitre>')}</rule></group>`],
  ])('%s', (_name, text) => {
    load(text);
  });
});
