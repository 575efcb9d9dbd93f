import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PatternRefusal } from './load-options.ts';
import { loadRules } from './load-rules.ts';

/** `wazuh-analysisd -t` 4.14.7, run on each file with the stock rules before it; see fixtures/. */
interface RecordedCheck {
  readonly name: string;
  readonly xml?: string;
  readonly rules_files?: readonly string[];
  readonly exit_code: 0 | 1;
  readonly messages: readonly string[];
}

const FIXTURES = join(import.meta.dirname, '../../../fixtures');
/** What the recorded files name of the stock rules. */
const STOCK_IDS = new Set([5710, 5716]);
const STOCK_LISTS = new Set(['etc/lists/audit-keys']);

for (const folder of ['analysisd', 'analysisd-v1'])
  describe(`agrees with wazuh-analysisd -t on ${folder}`, () => {
    for (const check of readChecks(folder))
      it(check.name, () => {
        const ruleset = loadRules(filesOf(folder, check), { compilePattern, outsideRules: STOCK_IDS, lists: STOCK_LISTS });
        expect(ruleset.log.map(firstPart)).toEqual(check.messages.map(firstPart));
        expect(ruleset.exitCode).toBe(check.exit_code);
      });
  });

it('has all the recorded checks', () => {
  expect(readChecks('analysisd')).toHaveLength(66);
  expect(readChecks('analysisd-v1')).toHaveLength(31);
});

describe('keeps what wazuh-analysisd keeps', () => {
  const survivors = (name: string): readonly number[] => {
    const folder = name.startsWith('v1_') ? 'analysisd-v1' : 'analysisd';
    const check = readChecks(folder).find((candidate) => candidate.name === name);
    if (check === undefined) throw new Error(`no recorded check ${name}`);
    const ruleset = loadRules(filesOf(folder, check), { compilePattern, outsideRules: STOCK_IDS, lists: STOCK_LISTS });
    return [...ruleset.rules.keys()].filter((id) => id >= 10);
  };

  it.each([
    ['if_sid_later', [112000]],
    ['missing_if_sid', []],
    ['missing_list', []],
    ['semicolon_if_sid', []],
    ['two_if_sid', []],
    ['bad_if_level', []],
    ['list_if_matched_sid', []],
    ['match_2048', [112000]],
    ['spaces_in_if_sid', [112000]],
    ['mitre_bad', [112000]],
    ['v1_files_user_without_pack', [119000, 119001, 119004]],
    ['v1_files_overwrite_without_pack', []],
  ])('%s', (name, ids) => {
    expect(survivors(name)).toEqual(ids);
  });
});

function readChecks(folder: string): readonly RecordedCheck[] {
  const text = readFileSync(join(FIXTURES, folder, 'rulecheck.jsonl'), 'utf8').trim();
  return text.split('\n').map((line) => JSON.parse(line) as RecordedCheck);
}

function filesOf(folder: string, check: RecordedCheck): { readonly name: string; readonly text: string }[] {
  if (check.xml !== undefined) return [{ name: 'etc/rules/local_rules.xml', text: check.xml }];
  return (check.rules_files ?? []).map((name) => ({ name, text: readFileSync(join(FIXTURES, folder, name), 'utf8') }));
}

/** The recording took the log line by line and cut long ones. */
function firstPart(message: string): string {
  return message.split('\n')[0]?.slice(0, 200) ?? '';
}

/**
 * Stands in for the real compilers, which belong to the rule engine: only as exact as these files need. The conformance tool
 * repeats the comparison with the real ones.
 */
function compilePattern(type: string, pattern: string): PatternRefusal | undefined {
  const refused: PatternRefusal = { kind: 'error', reason: 'it does not compile' };
  const bare = pattern.replace(/\\./gs, '');
  const depth = (bare.match(/\(/g)?.length ?? 0) - (bare.match(/\)/g)?.length ?? 0);
  if (type === 'osregex' && (/\\q/.test(pattern) || bare.includes('((') || depth !== 0)) return refused;
  if (type === 'pcre2' && (depth !== 0 || pattern.includes('(?\\<'))) return refused;
  return undefined;
}
