import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { CODES } from './codes.ts';
import { explainFailure, Failure } from './failure.ts';

const root = resolve(import.meta.dirname, '../../..');
const sources = globSync('{apps,libs,tools}/*/src/**/*.ts', { cwd: root })
  .filter((file) => !/[.]test[.]ts$|\/testing\/|libs\/failure\//.test(file))
  .map((file) => readFileSync(resolve(root, file), 'utf8'))
  .join('\n');

// The type of `Failure` holds the other direction: a code that does not stand in the table does not compile.
it.each(Object.keys(CODES))('%s is thrown somewhere', (code) => {
  expect(sources).toContain(`'${code}'`);
});

it('is a sorted table', () => {
  expect(Object.keys(CODES)).toEqual(Object.keys(CODES).sort());
});

it('explains a failure in two lines and anything else by its message', () => {
  expect(explainFailure(new Failure('USAGE', 'no such flag', { hint: 'read --help' }))).toBe('USAGE: no such flag\n  try: read --help');
  expect(explainFailure(new Error('odd'))).toBe('odd');
  expect(explainFailure('text')).toBe('text');
});
