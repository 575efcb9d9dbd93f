import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHECKS } from './checks.ts';
import { type Row, readRows } from './rows.ts';

const FIXTURES = resolve(import.meta.dirname, '../../../../fixtures/policy');

function differences(file: string, change: (row: Row) => Row = (row) => row): readonly string[] {
  const rows = (readRows(resolve(FIXTURES, file)) ?? []).map(change);
  const check = CHECKS.find((known) => known.file === file)?.check ?? (() => []);
  return check(rows, FIXTURES).flatMap((difference) => (difference === undefined ? [] : [difference.sentence]));
}

describe('conformance:policy', () => {
  it.each(CHECKS.map(({ file }) => file))('finds no difference in %s', (file) => {
    expect(readRows(resolve(FIXTURES, file))?.length).toBeGreaterThan(0);
    expect(differences(file)).toEqual([]);
  });

  it.each<[file: string, change: (row: Row) => Row, sentence: RegExp]>([
    ['documents.jsonl', (row) => ({ ...row, ok: row['ok'] !== true }), /^the verdict is/],
    ['documents.jsonl', (row) => ({ ...row, error: row['error'] && `${String(row['error'])} too` }), /^the error is/],
    ['policies.jsonl', (row) => ({ ...row, policy: {} }), /^the policy is/],
    ['invalid.jsonl', (row) => ({ ...row, errors: [] }), /^the list of errors is/],
    ['validation_test.jsonl', (row) => ({ ...row, valid: row['valid'] !== true }), /^the verdict is/],
    ['requestinfo.jsonl', (row) => ({ ...row, method: row['method'] === 'PATCH' ? 'GET' : 'PATCH' }), /^verb is/],
    ['checker_test.jsonl', (row) => ({ ...row, expected: { level: 'Nothing' } }), /^level is/],
    ['eval.jsonl', (row) => ({ ...row, expected: { matchedRule: 99 } }), /^matchedRule is/],
    ['eval.jsonl', (row) => ({ ...row, policyRef: 'nobody' }), /^no policy nobody/],
    ['stages.jsonl', (row) => ({ ...row, url: '/elsewhere' }), /^the request of/],
  ])('finds and explains a planted difference in %s', (file, change, sentence) => {
    const found = differences(file, change);

    expect(found.length).toBeGreaterThan(0);
    expect(found[0]).toMatch(sentence);
  });

  it('takes another text of a syntax error, but not another line', () => {
    const broken: Row = {
      id: 'x',
      yaml: 'a:\n\tb: c',
      ok: false,
      error: 'failed decoding: yaml: line 2: something else',
      strictErrors: [],
    };
    const check = CHECKS[0]?.check ?? (() => []);

    expect(check([broken], FIXTURES)).toEqual([undefined]);
    expect(check([{ ...broken, error: 'failed decoding: yaml: line 3: something else' }], FIXTURES)).not.toEqual([undefined]);
  });
});
