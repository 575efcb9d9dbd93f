import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECKS } from './checks.ts';
import { openVectors, type Row, type Vectors } from './vectors.ts';

const FIXTURES = resolve(import.meta.dirname, '../../../../fixtures');
/** Enough of each to show a difference; the command itself runs all. */
const MAX_ROWS = 200;

let vectors: Vectors;
beforeAll(() => {
  vectors = openVectors(join(FIXTURES, 'analysisd'));
});

function differences(file: string, change: (row: Row) => Row = (row) => row): readonly string[] {
  const rows = (vectors.rows(file) ?? []).slice(0, MAX_ROWS).map(change);
  const check = CHECKS.find((known) => known.file === file)?.check ?? (() => []);
  return check(rows, vectors).flatMap(({ sentences }) => sentences);
}

const expectedOf = (row: Row): Row => (row['expected'] ?? {}) as Row;
const stepsOf = (row: Row): readonly Row[] => row['steps'] as readonly Row[];

describe('conformance:analysisd', () => {
  it.each(CHECKS.map(({ file }) => file))('finds no difference in %s', (file) => {
    expect(vectors.rows(file)?.length).toBeGreaterThan(0);
    expect(differences(file)).toEqual([]);
  });

  // A check that cannot fail would agree with anything.
  it.each<[file: string, what: string, change: (row: Row) => Row, sentence: RegExp]>([
    ['events.jsonl', 'rule', (row) => ({ ...row, expected: { ...expectedOf(row), rule: { id: '1', level: 9 } } }), /^rule: expected/],
    ['events.jsonl', 'no rule', (row) => ({ ...row, expected: { ...expectedOf(row), rule: null } }), /^rule: expected null/],
    ['events.jsonl', 'decoder', (row) => ({ ...row, expected: { ...expectedOf(row), decoder: 'sshd' } }), /^decoder: expected "sshd"/],
    ['events.jsonl', 'location', (row) => ({ ...row, expected: { ...expectedOf(row), location: 'elsewhere' } }), /^location: expected/],
    [
      'events.jsonl',
      'alerted',
      (row) => ({ ...row, expected: { ...expectedOf(row), alerted: expectedOf(row)['alerted'] !== true } }),
      /^alerted: /,
    ],
    ['events.jsonl', 'decoded fields', (row) => ({ ...row, decoded: { x: 'y' } }), /^decoded: expected/],
    [
      'events.jsonl',
      'alert',
      (row) => (row['alert'] === undefined ? row : { ...row, alert: { ...(row['alert'] as Row), full_log: 'x' } }),
      /^alert: /,
    ],
    [
      'sequences.jsonl',
      'one step',
      (row) => ({ ...row, steps: stepsOf(row).map((step) => ({ ...step, expected: { ...expectedOf(step), alerted: 'x' } })) }),
      /^step 1: alerted/,
    ],
    [
      'sequences.jsonl',
      'the pauses',
      (row) => ({ ...row, steps: stepsOf(row).map((step) => ({ ...step, delay_s: 100_000 })) }),
      /^step \d+: /,
    ],
    ['expressions.jsonl', 'a match', (row) => ({ ...row, result: row['result'] !== true }), /: expected (true|false), got/],
    ['events.jsonl', 'nothing to compare', ({ name, rules_file, message }) => ({ name, rules_file, message }), /^nothing to compare: /],
    [
      'sequences.jsonl',
      'nothing to compare',
      (row) => ({ ...row, steps: stepsOf(row).map(({ message }) => ({ message })) }),
      /^nothing to compare: /,
    ],
    ['osregex_tables.json', 'nothing to compare', () => ({}), /^nothing to compare: /],
    ['osregex_tables.json', 'a class', (row) => ({ ...row, classes: { '\\d': [1] } }), /^\\d: expected/],
    ['rulecheck.jsonl', 'the exit code', (row) => ({ ...row, exit_code: row['exit_code'] === 0 ? 1 : 0 }), /^exit code: /],
    ['rulecheck.jsonl', 'a message', (row) => ({ ...row, messages: ['WARNING: (9999): x'] }), /^messages: /],
  ])('finds and explains a planted difference in %s: %s', (file, _what, change, sentence) => {
    expect(differences(file, change)[0]).toMatch(sentence);
  });
});

describe('a folder of recorded rows', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vectors-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('may hold only some of the files', () => {
    cpSync(join(FIXTURES, 'pcre2'), folder, { recursive: true });
    const some = openVectors(folder);
    expect([some.rows('events.jsonl'), some.rows('expressions.jsonl')?.length]).toEqual([undefined, expect.any(Number)]);
  });

  it('may name rules that do not load here, which is a difference of that row alone', () => {
    mkdirSync(join(folder, 'rules'));
    writeFileSync(join(folder, 'rules/broken.xml'), '<group name="x"><rule id="1" level="99"></rule>');
    const row = { rules_file: 'rules/broken.xml', message: '1:k8s:{}', expected: { rule: null } };
    writeFileSync(
      join(folder, 'events.jsonl'),
      [
        { ...row, name: 'broken' },
        { ...row, name: 'none', rules_files: [], rules_file: undefined },
      ]
        .map((one) => JSON.stringify(one))
        .join('\n'),
    );
    writeFileSync(join(folder, 'sequences.jsonl'), JSON.stringify({ ...row, name: 'broken too', steps: [row] }));
    const some = openVectors(folder);
    const found = ['events.jsonl', 'sequences.jsonl'].flatMap(
      (file) => CHECKS.find((known) => known.file === file)?.check(some.rows(file) ?? [], some) ?? [],
    );
    expect(found.map(({ id, sentences }) => [id, sentences[0]])).toEqual([
      ['broken', expect.stringMatching(/^its rule files do not load: ERROR: \(1226\)/)],
      ['broken too', expect.stringMatching(/^its rule files do not load: ERROR: \(1226\)/)],
    ]);
  });

  it('decides the exit code: 0 all agree, 1 a row differs, 2 there is nothing to agree on', () => {
    const run = (rows: string): readonly [status: number | null, last: string | undefined] => {
      const own = mkdtempSync(join(folder, 'run-'));
      writeFileSync(join(own, 'expressions.jsonl'), rows);
      const { status, stdout } = spawnSync(process.execPath, [resolve(import.meta.dirname, '../analysisd.ts'), own], { encoding: 'utf8' });
      return [status, stdout.trimEnd().split('\n').at(-1)];
    };
    const row = (result: boolean): string => `${JSON.stringify({ type: 'osregex', pattern: '^a', string: 'ab', result })}\n`;
    expect(run(row(true))).toEqual([0, 'agree 1, differ 0']);
    expect(run(row(true) + row(false))).toEqual([1, 'agree 1, differ 1']);
    expect(run('')).toEqual([2, 'expressions.jsonl    agree 0, differ 0']);
  });

  it('is refused with the place of what is wrong', () => {
    expect(() => openVectors(join(folder, 'nowhere'))).toThrow(expect.objectContaining({ code: 'VECTORS_UNREADABLE' }));
    writeFileSync(join(folder, 'events.jsonl'), '{"name":"x"}\n{broken\n');
    expect(() => openVectors(folder).rows('events.jsonl')).toThrow(/events\.jsonl:2 is no JSON/);
    writeFileSync(join(folder, 'events.jsonl'), '{"name":"x","rules_file":"rules/none.xml","message":"1:k8s:{}"}\n');
    const broken = openVectors(folder);
    expect(() => CHECKS[0]?.check(broken.rows('events.jsonl') ?? [], broken)).toThrow(
      /rules\/none\.xml is named by a row but is not there/,
    );
  });
});
