import { expect, it } from 'vitest';
import { pythonJson } from './python-json.ts';

/** What CPython 3.11 gives for `json.dumps(json.loads(text))`. */
it.each([
  ['{"a" : [1,2 , {"b":null}],"c":12345678901234567890}', '{"a": [1, 2, {"b": null}], "c": 12345678901234567890}'],
  ['[]', '[]'],
  ['{}', '{}'],
  ['[true,false,null]', '[true, false, null]'],
  ['"a,b:c"', '"a,b:c"'],
  ['"\\u0026\\u003c\\u003e\\/"', '"&<>/"'],
  ['"é"', '"\\u00e9"'],
  ['"😀"', '"\\ud83d\\ude00"'],
  ['"\u2028\u007f"', '"\\u2028\\u007f"'],
  ['"tab\\tnl\\n\\r\\b\\f\\u0001\\"\\\\"', '"tab\\tnl\\n\\r\\b\\f\\u0001\\"\\\\"'],
  ['-0', '0'],
  ['-0.0', '-0.0'],
  ['1.0', '1.0'],
  ['1E3', '1000.0'],
  ['1e15', '1000000000000000.0'],
  ['1e16', '1e+16'],
  ['1.2345678901234568e+17', '1.2345678901234568e+17'],
  ['0.0001', '0.0001'],
  ['0.00001', '1e-05'],
  ['-1.5e-7', '-1.5e-07'],
  ['5e-324', '5e-324'],
  ['1.7976931348623157e308', '1.7976931348623157e+308'],
])('%s becomes %s', (json, expected) => {
  expect(pythonJson(json)).toBe(expected);
});

it('differs where wazuh-analysisd would lose the event or cut the value', () => {
  expect(pythonJson('[1e400,-1E999]')).toBe('[1e400, -1E999]');
  expect(pythonJson('"a\\ud800b\\u0000c"')).toBe('"a\\ufffdb\\ufffdc"');
});
