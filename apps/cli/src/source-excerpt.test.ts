import { expect, it } from 'vitest';
import { renderExcerpt } from './source-excerpt.ts';

it('puts a caret below the column', () => {
  expect(renderExcerpt('<rule id="1">', 7)).toBe('  <rule id="1">\n        ^');
});

it('counts characters, not code units, and keeps its place over tabs and control characters', () => {
  expect(renderExcerpt('\t\u001b[31m💥x', 8)).toBe('  ??[31m💥x\n         ^');
});

it('shows the part of a long line that matters', () => {
  const [line = '', caret = ''] = renderExcerpt(`${'a'.repeat(500)}X${'b'.repeat(500)}`, 501).split('\n');
  expect(line).toMatch(/^ {2}…a+Xb+…$/);
  expect(line[caret.indexOf('^')]).toBe('X');
  expect(line.length).toBeLessThan(120);
});

it('underlines what it is told, as far as it shows', () => {
  expect(renderExcerpt('level: none', 8, 4)).toBe('  level: none\n         ^^^^');
  expect(renderExcerpt('a'.repeat(300), 200, 300).split('\n')[1]?.length).toBeLessThan(120);
});

it('points behind the end of a line', () => {
  expect(renderExcerpt('ab', 3)).toBe('  ab\n    ^');
});
