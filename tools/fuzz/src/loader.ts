/**
 * Rule files in pieces, damaged or made up: whatever they hold, the loader returns, tells every problem with its place and what to do,
 * and keeps a tree that the engine takes. What a file's rules say, the renderer writes so that the loader reads it back the same.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { Failure } from '@k8s-audit/failure';
import { createEngine, refusePattern } from '@k8s-audit/rule-engine';
import { type LoadedRuleset, loadRules, type Rule, type RuleDefinition, renderRuleFile } from '@k8s-audit/wazuh-rules';
import fc from 'fast-check';
import { CpuBound } from './cpu-bound.ts';
import type { Target } from './target.ts';

const FIXTURES = new URL('../../../fixtures/', import.meta.url);
/** A rule file is loaded once, not for every event; this is what a file of some ten kilobytes may take. */
const BOUND_MS = 500;

export const fuzzLoader: Target = async ({ milliseconds, seed }) => {
  const files = ['analysisd/rules/', 'analysisd-v1/rules/'].flatMap((folder) =>
    readdirSync(new URL(folder, FIXTURES)).map((name) => readFileSync(new URL(`${folder}${name}`, FIXTURES), 'latin1')),
  );
  const bound = new CpuBound(BOUND_MS);
  let runs = 0;
  let rendered = 0;
  fc.assert(
    fc.property(
      fc.oneof(
        fc.tuple(fc.constantFrom(...files), fc.array(edit, { maxLength: 5 })).map(([text, edits]) => edits.reduce(edited, text)),
        pieces,
      ),
      (text) => {
        runs++;
        const ruleset = bound.hold(() => load(text));
        checkProblems(ruleset, text);
        if (ruleset.exitCode === 0) createEngine(ruleset, { unsupported: 'undecided' });
        rendered += [...ruleset.rules.values()].filter(readsBack).length;
      },
    ),
    { seed, interruptAfterTimeLimit: milliseconds, numRuns: Number.MAX_SAFE_INTEGER, markInterruptAsFailure: false },
  );
  return `${runs} rule files, ${rendered} rules written and read back; at most ${bound.worstMs} ms of CPU a file`;
};

const edit = fc.record({
  at: fc.nat(),
  remove: fc.nat({ max: 60 }),
  insert: fc.oneof(
    fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '\\',
      '<!--',
      '-->',
      '</rule>',
      '</group>',
      '\0',
      '$',
      '$AB',
      '|',
      '=',
      ' ',
      '\n',
      '999999999999',
      'type="pcre2"',
      'negate="yes"',
      '(?R)',
      '(a+)+$',
      '<var name="AB">x</var>',
    ),
    fc.string({ unit: 'binary', maxLength: 6 }).map((text) => Buffer.from(text).toString('latin1')),
  ),
});

const pieces = fc
  .array(
    fc.constantFrom(
      ...[
        '<group name="a,">',
        '</group>',
        '<rule id="100100" level="3">',
        '<rule id="100101" level="0" noalert="1">',
        '<rule id="100100" level="5" overwrite="yes">',
        '</rule>',
      ],
      ...[
        '<match>',
        '</match>',
        '<field name="k8s.verb" type="pcre2">',
        '</field>',
        '^create$',
        '(?<=a)b',
        '(a|b',
        '[[:alpha:]]+',
        '<if_sid>100100</if_sid>',
        '<if_group>a</if_group>',
      ],
      ...[
        '<description>d $(x)</description>',
        '<mitre><id>T1609</id></mitre>',
        '<options>no_ar</options>',
        '<list field="x">etc/lists/l</list>',
        '<var name="AB">',
        '</var>',
        '$AB',
        '<!--',
        '-->',
        ' ',
        '\n',
        '<',
        '\\',
        '\0',
      ],
    ),
    { maxLength: 50 },
  )
  .map((parts) => parts.join(''));

function edited(text: string, { at, remove, insert }: { readonly at: number; readonly remove: number; readonly insert: string }): string {
  const start = at % (text.length + 1);
  return text.slice(0, start) + insert + text.slice(start + remove);
}

function load(text: string): LoadedRuleset {
  return loadRules([{ name: 'fuzz.xml', text: Buffer.from(text, 'latin1') }], {
    compilePattern: refusePattern,
    afterRefusal: 'continue',
    maxTreeNodes: 5_000,
  });
}

function checkProblems({ problems, exitCode, log }: LoadedRuleset, text: string): void {
  const lines = text.split('\n').length;
  for (const { line, column, message, hint, code } of problems) {
    ok(line >= 1 && line <= lines && column >= 1, `${code} stands at ${line}:${column}`);
    ok(message !== '' && hint !== '' && code !== '');
  }
  deepStrictEqual(exitCode, problems.some(({ severity }) => severity === 'refuses-to-start') ? 1 : 0);
  if (exitCode === 1) ok(log.some((line) => line.startsWith('ERROR') || line.startsWith('CRITICAL')));
}

/** Whether the rule can be written; when it is, it must come back as it was. */
function readsBack(rule: Rule): boolean {
  // A rule that hangs below others cannot be read alone.
  if (rule.id < 10 || rule.parents.kind !== 'category' || rule.correlation !== undefined || rule.overwrite === true) return false;
  const { place: _1, groupText: _2, groups: _3, sortLevel: _4, alert: _5, search: _6, infoText: _7, cveText: _8, ...definition } = rule;
  let text: string;
  try {
    text = renderRuleFile({ groups: [{ name: 'fuzz,', rules: [definition as RuleDefinition] }] });
  } catch (error) {
    if (error instanceof Failure && error.code === 'RULE_NOT_EXPRESSIBLE') return false;
    throw error;
  }
  const again = loadRules([{ name: 'again.xml', text }]).rules.get(rule.id);
  ok(again !== undefined, `rule ${rule.id} is lost:\n${text}`);
  const { place: _a, groupText: _b, groups: _c, sortLevel: _d, alert: _e, search: _f, infoText: _g, cveText: _h, ...read } = again;
  deepStrictEqual(read, definition);
  return true;
}
