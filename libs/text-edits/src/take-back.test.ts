import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lineChanges, linesOf } from './line-changes.ts';
import { takeBack } from './take-back.ts';
import { unifiedDiff } from './unified-diff.ts';

const BEFORE = 'a\nb\nc\nd\n';
const AFTER = 'a\nours\nb\nC\nd\n';

it.each([
  ['nothing else has changed', AFTER, { kind: 'as-before', text: BEFORE }],
  ['somebody added lines', 'top\na\nours\nb\nC\nd\nend\n', { kind: 'own-lines', text: 'top\na\nb\nc\nd\nend\n', kept: [] }],
  ['somebody changed the line before ours', 'A\nours\nb\nC\nd\n', { kind: 'own-lines', text: 'A\nb\nc\nd\n', kept: [] }],
  ['somebody added a line right behind ours', 'a\nours\ntheirs\nb\nC\nd\n', { kind: 'own-lines', text: 'a\ntheirs\nb\nc\nd\n', kept: [] }],
  ['somebody changed what we changed', 'a\nours\nb\nCC\nd\n', { kind: 'own-lines', text: 'a\nb\nCC\nd\n', kept: [{ newLines: ['C\n'] }] }],
  ['somebody took ours out already', 'a\nb\nC\nd\n', { kind: 'own-lines', text: 'a\nb\nc\nd\n', kept: [{ newLines: ['ours\n'] }] }],
  ['the file was emptied', '', { kind: 'own-lines', text: '', kept: [{ newLines: ['ours\n'] }, { newLines: ['C\n'] }] }],
  ['the file was written anew', 'x\ny\n', { kind: 'own-lines', text: 'x\ny\n' }],
])('takes back only its own lines when %s', (_what, current, expected) => {
  expect(takeBack(BEFORE, AFTER, current)).toMatchObject(expected);
});

it('puts lines back that we removed, between the lines around them', () => {
  expect(takeBack('a\nb\nc\n', 'a\nc\n', 'a\nnew\nc\n').text).toBe('a\nnew\nb\nc\n');
  expect(takeBack('a\nb\n', 'b\n', 'b\nc\n').text).toBe('a\nb\nc\n');
});

it('keeps a last line without an end, and carriage returns', () => {
  expect(takeBack('a\r\nb', 'a\r\nours\r\nb', 'top\r\na\r\nours\r\nb').text).toBe('top\r\na\r\nb');
});

const someLines: fc.Arbitrary<string[]> = fc.array(fc.constantFrom<string>('a', 'b', 'c', '', ' a'), { maxLength: 12 });

it('gives back everything of theirs and everything from before, wherever they added lines', () => {
  fc.assert(
    fc.property(someLines, someLines, fc.array(fc.nat(12), { maxLength: 4 }), (before, after, places) => {
      const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
      const current = [...after];
      for (const [i, place] of places.entries()) current.splice(place, 0, `theirs ${i}`);
      const back = takeBack(text(before), text(after), text(current));
      const theirs = linesOf(back.text).filter((line) => line.startsWith('theirs'));

      expect(theirs).toHaveLength(places.length);
      if (back.kind === 'as-before' || back.kept.length === 0)
        expect(linesOf(back.text).filter((line) => !line.startsWith('theirs'))).toEqual(linesOf(text(before)));
    }),
  );
});

it('finds changes that lead from one text to the other', () => {
  fc.assert(
    fc.property(someLines, someLines, (before, after) => {
      const lines = [...before];
      for (const { oldStart, oldLines, newLines } of lineChanges(
        before.map((line) => `${line}\n`).join(''),
        after.map((line) => `${line}\n`).join(''),
      ).reverse())
        lines.splice(oldStart, oldLines.length, ...newLines.map((line) => line.slice(0, -1)));
      expect(lines).toEqual(after);
    }),
  );
});

it('shows a change as diff -u does, a new file and an unended line included', () => {
  expect(unifiedDiff('etc/x', 'a\nb\n', 'a\nc')).toBe(
    '--- a/etc/x\n+++ b/etc/x\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n\\ No newline at end of file\n',
  );
  expect(unifiedDiff('/etc/x', undefined, 'a\n')).toBe('--- /dev/null\n+++ b/etc/x\n@@ -0,0 +1,1 @@\n+a\n');
  expect(unifiedDiff('etc/x', 'a\n', 'a\n')).toBe('');
});
