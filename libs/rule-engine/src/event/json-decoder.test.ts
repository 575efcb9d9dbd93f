import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textOf } from '../byte-string.ts';
import { decide, engineFor, rule } from '../testing/engine.ts';
import { createFieldNames } from './field-names.ts';
import { type Decoded, decodeLog } from './json-decoder.ts';

const decode = (log: string): Decoded => decodeLog(Buffer.from(log).toString('latin1'), undefined, createFieldNames([]));

function fieldsOf({ fields }: Decoded): readonly (readonly [string, string])[] {
  return Array.from({ length: fields.size }, (_, position) => [textOf(fields.nameAt(position)), textOf(fields.valueAt(position))] as const);
}

describe('a value', () => {
  it.each<[string, readonly (readonly [string, string])[]]>([
    ['{"a":{"b":{"c":"x"}}}', [['a.b.c', 'x']]],
    [
      '{"a":true,"b":false,"c":null}',
      [
        ['a', 'true'],
        ['b', 'false'],
        ['c', 'null'],
      ],
    ],
    [
      '{"a":7,"b":-7,"c":2147483647,"d":-2147483648}',
      [
        ['a', '7'],
        ['b', '-7'],
        ['c', '2147483647'],
        ['d', '-2147483648'],
      ],
    ],
    [
      '{"a":1.5,"b":3000000000,"c":2147483648}',
      [
        ['a', '1.500000'],
        ['b', '3000000000.000000'],
        ['c', '2147483648.000000'],
      ],
    ],
    [
      '{"a":1E3,"b":1e400,"c":-1e400,"d":0012}',
      [
        ['a', '1000'],
        ['b', 'inf'],
        ['c', '-inf'],
        ['d', '12'],
      ],
    ],
    ['{"a":"","b":{}}', [['a', '']]],
    [
      '{"a":["a","b"],"b":[],"c":[1, 2.5, true, null, "x"]}',
      [
        ['a', '["a", "b"]'],
        ['b', '[]'],
        ['c', '[1, 2.5, true, null, "x"]'],
      ],
    ],
    ['{"a":[{"x":1},{"y":[2]}]}', [['a', '[{\n\t\t"x":\t1\n\t}, {\n\t\t"y":\t[2]\n\t}]']]],
    [
      '{"a":"x\\u0000y","b":"\\u00e9\\ud83d\\ude00\\n"}',
      [
        ['a', 'x'],
        ['b', 'é😀\n'],
      ],
    ],
    [
      '{"a.b":"x","a":{"c.d":"y"}}',
      [
        ['a.b', 'x'],
        ['a.c.d', 'y'],
      ],
    ],
    ['{"a":1} trailing {"b":2}', [['a', '1']]],
    ['{ "a" : "raw\ttab\nline" }', [['a', 'raw\ttab\nline']]],
  ])('%s', (log, fields) => {
    expect(decode(log).decoder).toBe('json');
    expect(fieldsOf(decode(log))).toEqual(fields);
  });
});

describe('a message', () => {
  it.each(['{\n"a":1}', '{\t"a":1}', ' {"a":1}', '\ufeff{"a":1}', '[{"a":1}]', '{}', 'a: 1', ''])('is not taken: %j', (log) => {
    expect(decode(log)).toMatchObject({ decoder: undefined, fields: { size: 0 } });
  });

  it.each([
    '{"a":1,}',
    '{"a":NaN}',
    '{"a":1/**/}',
    '{"a":+5}',
    '{"a":"\\ud800"}',
    '{"a":"x',
    '{"a":1',
    '{"a" 1}',
    '{"a":"\\x"}',
    '{"a":tru}',
  ])('is taken, without fields: %j', (log) => {
    expect(decode(log)).toMatchObject({ decoder: 'json', fields: { size: 0 } });
  });

  it('keeps 256 fields, in the order of the document, and counts the rest', () => {
    const log = JSON.stringify(Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`k${index}`, index])));
    const decoded = decode(log);
    expect([decoded.fields.size, decoded.droppedFields, fieldsOf(decoded).at(-1)]).toEqual([256, 44, ['k255', '255']]);
  });

  it('is taken by json-msgraph when its text says so anywhere, which drops nulls', () => {
    const decoded = decode('{"a":null,"b":{"integration":"ms-graph"}}');
    expect([decoded.decoder, fieldsOf(decoded)]).toEqual(['json-msgraph', [['b.integration', 'ms-graph']]]);
    expect(decode('{"a": {"integration": "ms-graph"}}').decoder).toBe('json');
  });

  it('has static fields at its top only, and `user` only as a text', () => {
    const verdict = decide(engineFor(rule(100_001, 3, '<match>{</match>')), { srcip: '10.0.0.1', user: 'bob', n: { srcip: 'x' }, data: 1 });
    expect(JSON.parse(verdict.dataJson() ?? '')).toEqual({ srcip: '10.0.0.1', dstuser: 'bob', data: '1', n: { srcip: 'x' } });
    expect(verdict.fields()).toEqual([['n.srcip', 'x']]);
  });
});

// A second way to the same fields: JavaScript's own parser, for documents on which both agree what they are.
it('decodes any document as a plain walk over JSON.parse does', () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'b', '.', '"', '\\', 'é', '\n', ' '), maxLength: 4 });
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      fc.string({ unit: 'binary', maxLength: 8 }).map((text) => text.replaceAll('\0', '').replace(/[\ud800-\udfff]/g, '')),
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      fc.boolean(),
      fc.constant(null),
      fc.dictionary(key, tie('any'), { maxKeys: 4 }),
    ),
  })).any;
  fc.assert(
    fc.property(fc.dictionary(key, value, { minKeys: 1, maxKeys: 6 }), (document) => {
      const statics = ['id', 'data', 'url', 'user', 'status', 'action'];
      fc.pre(!Object.keys(document).some((each) => statics.includes(each)));
      expect(fieldsOf(decode(JSON.stringify(document)))).toEqual(walk(document, undefined));
    }),
    { numRuns: 300 },
  );
});

function walk(value: unknown, path: string | undefined): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null) return [[path ?? '', String(value)]];
  return Object.entries(value).flatMap(([key, member]) => walk(member, path === undefined ? key : `${path}.${key}`));
}
