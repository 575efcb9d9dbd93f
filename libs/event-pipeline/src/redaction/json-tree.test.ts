import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type JsonNode, memberOf, readJsonTree, stringOf } from './json-tree.ts';

/** The value that a tree stands for, read from its places only. */
function readBack(text: string, node: JsonNode): unknown {
  if (node.kind === 'object') return Object.fromEntries(node.members.map(({ key, value }) => [key, readBack(text, value)]));
  if (node.kind === 'array') return node.items.map((item) => readBack(text, item));
  return JSON.parse(text.slice(node.start, node.end));
}

it('finds every value where it is', () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ depthSize: 'medium' }),
      fc.constantFrom(undefined, 1, '\t'),
      fc.constantFrom('', ' \n'),
      (value, space, around) => {
        const text = `${around}${JSON.stringify(value, null, space)}${around}`;
        const tree = readJsonTree(text);

        expect(tree && readBack(text, tree)).toEqual(JSON.parse(text));
        expect(tree && text.slice(tree.start, tree.end)).toBe(text.trim());
      },
    ),
  );
});

it.each(['', '{', '{"a":1,}', '[1 2]', 'nul', '{"a":1}x', '"\n"', '01', "{'a':1}"])('has no tree for %j', (text) => {
  expect(readJsonTree(text)).toBeUndefined();
});

it('keeps both of two members, and reads the last one by name', () => {
  const text = '{"a":"x","\\u0061":"y"}';
  const tree = readJsonTree(text);

  expect(tree?.kind === 'object' && tree.members.map(({ key }) => key)).toEqual(['a', 'a']);
  expect(stringOf(text, memberOf(tree, 'a'))).toBe('y');
});

it('reads a hundred thousand levels', () => {
  expect(readJsonTree(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toMatchObject({ kind: 'array', end: 200_000 });
});
