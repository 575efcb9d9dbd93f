import { expect, it } from 'vitest';
import { createFieldNames, MAX_NAME_PARTS, type NamePlace } from './field-names.ts';

function numberAfter(root: NamePlace, keys: readonly string[]): number {
  let place: NamePlace | undefined = root;
  for (const key of keys) place = place?.below(key, 0, key.length);
  return place?.number ?? -1;
}

it('finds a name however its dots are cut into keys', () => {
  const names = createFieldNames(['a.b.c', 'a.b', 'A.B.C', 'x']);
  expect(names.count).toBe(3);
  for (const keys of [['a', 'b', 'c'], ['a.b', 'c'], ['a', 'b.c'], ['a.b.c'], ['A', 'B.c']]) expect(numberAfter(names.root, keys)).toBe(0);
  for (const keys of [['a', 'b'], ['a.b']]) expect(numberAfter(names.root, keys)).toBe(1);
  for (const keys of [['a'], ['b'], ['a', 'b', 'c', 'd'], ['a.b.'], ['']]) expect(numberAfter(names.root, keys)).toBe(-1);
  expect([names.numberOf('A.b'), names.numberOf('nothing')]).toEqual([1, -1]);
});

it('finds names with empty parts', () => {
  const names = createFieldNames(['.a', 'a..b', 'a.']);
  expect([numberAfter(names.root, ['', 'a']), numberAfter(names.root, ['a', '', 'b']), numberAfter(names.root, ['a', ''])]).toEqual([
    0, 1, 2,
  ]);
});

it('lays out the ways of a long name once each', () => {
  const name = Array.from({ length: MAX_NAME_PARTS }, (_, index) => `p${index}`).join('.');
  const names = createFieldNames([name]);
  expect(numberAfter(names.root, name.split('.'))).toBe(0);
  expect(
    numberAfter(
      names.root,
      [name.slice(0, 100), name.slice(101)].flatMap((half) => half.split('.')),
    ),
  ).toBe(name[100] === '.' ? 0 : -1);
  expect(numberAfter(names.root, [name])).toBe(0);
});
