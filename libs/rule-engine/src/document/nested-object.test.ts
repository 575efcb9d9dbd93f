import { expect, it } from 'vitest';
import { NestedObject } from './nested-object.ts';

function printOf(...fields: readonly (readonly [string, string])[]): string {
  const object = new NestedObject();
  for (const [name, value] of fields) object.addField(name, value);
  return object.print();
}

it.each<[string, readonly (readonly [string, string])[], string]>([
  [
    'splits names at dots',
    [
      ['a.b.c', '1'],
      ['a.b.d', '2'],
      ['e', '3'],
    ],
    '{"a":{"b":{"c":"1","d":"2"}},"e":"3"}',
  ],
  [
    'drops what a value keeps out',
    [
      ['app', 'x'],
      ['app.kubernetes.io/name', 'y'],
    ],
    '{"app":"x"}',
  ],
  [
    'drops what an object keeps out',
    [
      ['app.kubernetes.io/name', 'y'],
      ['app', 'x'],
    ],
    '{"app":{"kubernetes":{"io/name":"y"}}}',
  ],
  [
    'compares names without case, and keeps the first spelling',
    [
      ['A.b', '1'],
      ['a.C', '2'],
      ['a.B', '3'],
    ],
    '{"A":{"b":"1","C":"2"}}',
  ],
  [
    'makes arrays of text that is one',
    [
      ['a', '["x", 1]'],
      ['b', '["x"] y'],
      ['c', '{"d":1}'],
    ],
    '{"a":["x",1],"b":"[\\"x\\"] y","c":"{\\"d\\":1}"}',
  ],
  [
    'has room for empty names',
    [
      ['a..b', '1'],
      ['.', '2'],
    ],
    '{"a":{"":{"b":"1"}},"":{"":"2"}}',
  ],
  ['prints nothing as an empty object', [], '{}'],
  [
    'finds a name among many',
    [...Array.from({ length: 20 }, (_, index) => [`k${index}`, String(index)] as const), ['K3', 'again'], ['k19.x', 'below a value']],
    `{${Array.from({ length: 20 }, (_, index) => `"k${index}":"${index}"`).join(',')}}`,
  ],
])('%s', (_title, fields, printed) => {
  expect(printOf(...fields)).toBe(printed);
});

// A label of an event may be one; a call for each dot would end the whole back end.
it('takes a name of thirty thousand dots', () => {
  const depth = 30_000;
  expect(printOf([`${'a.'.repeat(depth)}b`, '1'])).toBe(`${'{"a":'.repeat(depth)}{"b":"1"}${'}'.repeat(depth)}`);
});
