import { describe, expect, it } from 'vitest';
import { toPlainJson } from '../go-json/plain-json.ts';
import { readYaml } from './read-yaml.ts';

function read(text: string): unknown {
  const reading = readYaml(Buffer.from(text));
  return reading.kind === 'data' ? toPlainJson(reading.data) : reading.message;
}

// Every expectation was given by go.yaml.in/yaml/v2 v2.4.3 and sigs.k8s.io/yaml v1.6.0.
describe('YAML 1.1 as kube-apiserver reads it', () => {
  it.each<[text: string, value: unknown]>([
    ['[yes, On, y, NO, off, n, true, "yes"]', [true, true, true, false, false, false, true, 'yes']],
    ['[~, null, Null, "", ]', [null, null, null, '']],
    ['[010, 0o10, 0x1F, 0b11, 1_000, 08, +1, -0b11, 0b-11]', [8, 8, 31, 3, 1000, 8, 1, -3, -3]],
    ['[1.5, 1e3, .5, .5_0, 1e400, 12:30, 2001-01-01]', [1.5, 1000, 0.5, 0.5, '1e400', '12:30', '2001-01-01']],
    ['[!!str 1, !!int "3", !!float 3, !!binary aGk=, !x 1, !!timestamp 2001-01-01]', ['1', 3, 3, 'hi', '1', '2001-01-01']],
    ['{1: a, 2.5: b, true: c, 1e6: d, .inf: e}', { 1: 'a', '1e+06': 'd', '2.5': 'b', '.inf': 'e', true: 'c' }],
    ['a: &x {b: 1}\nc: {b: 2, <<: *x}', { a: { b: 1 }, c: { b: 1 } }],
    ['a: &x {b: 1}\nd: &y {b: 3, e: 4}\nc: {<<: [*x, *y], b: 2}', { a: { b: 1 }, c: { b: 2, e: 4 }, d: { b: 3, e: 4 } }],
    ['[a: b, {c}, ? d]', [{ a: 'b' }, { c: null }, { d: null }]],
    ['a: |\n  x\n   y\n\n  z\n\nb: >-\n  x\n  y\n\n  z\n', { a: 'x\n y\n\nz\n', b: 'x y\nz' }],
    ['"a\\x41\\u00e9\\U0001F600\\\n  b\n\n c"', 'aAé😀b\nc'],
    ["'it''s\n  folded'", "it's folded"],
    ['a: b\n c', { a: 'b c' }],
    ['a:\n- b\n-\n  - c\n', { a: ['b', ['c']] }],
    ['%TAG !e! tag:yaml.org,2002:\n---\n!e!str 1', '1'],
    ['a\n...\n%YAML 1.1\n---\nb', 'a'],
    // A slip of go-yaml: a key that is an empty list ends the document.
    ['[]: a', []],
    ['a: b\n  - c\n d', { a: 'b - c d' }],
    ['', null],
    ['::: not yaml', { '::': 'not yaml' }],
  ])('%j', (text, value) => {
    expect(read(text)).toEqual(value);
  });

  it.each([
    ['a: b: c', 'yaml: mapping values are not allowed in this context'],
    ['a: b\n\tc: d', 'yaml: line 2: found a tab character that violates indentation'],
    ['\ta: b', 'yaml: found character that cannot start any token'],
    ['a: @b', 'yaml: found character that cannot start any token'],
    ['a: [b', "yaml: line 1: did not find expected ',' or ']'"],
    ['a: "b', 'yaml: found unexpected end of stream'],
    ['a: *b', "yaml: unknown anchor 'b' referenced"],
    ['a: !x!y b', 'yaml: found undefined tag handle'],
    ['a: !!int b', 'yaml: cannot decode !!str `b` as a !!int'],
    ['a: |0\n b', 'yaml: found an indentation indicator equal to 0'],
    ['a: "\\q"', 'yaml: found unknown escape character'],
    ['a: "\\ud800"', 'yaml: found invalid Unicode character escape code'],
    ['a\nb: c', 'yaml: line 2: mapping values are not allowed in this context'],
    ['a:\n  b: c\n d: e', 'yaml: line 2: did not find expected key'],
    ['- a\nb: c', "yaml: line 1: did not find expected '-' indicator"],
    ['- a\nb', "yaml: line 3: could not find expected ':'"],
    ['<<: a', 'yaml: map merge requires map or sequence of maps as the value'],
    ['{null: a}', 'unsupported map key of type: %!s(<nil>), key: <nil>, value: "a"'],
    ['[.nan]', 'json: unsupported value: NaN'],
  ])('refuses %j in go-yaml’s words', (text, message) => {
    expect(read(text)).toBe(message);
  });
});
