import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { applyMutant, type Mutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';

const example: Mutant = { name: 'example', file: 'a.ts', find: 'sync()', replace: '', tests: ['a'] };

describe('applyMutant', () => {
  it('changes the one place', () => {
    expect(applyMutant('await sync();', example)).toBe('await ;');
  });

  it.each(['nothing of it', 'sync() sync()'])('refuses %j: the mutant must follow the code', (text) => {
    expect(() => applyMutant(text, example)).toThrow('it must occur once');
  });
});

describe('the list', () => {
  it.each(MUTANTS)('still applies: $name', (mutant) => {
    const text = readFileSync(join(resolve(import.meta.dirname, '../../..'), mutant.file), 'utf8');

    expect(applyMutant(text, mutant)).not.toBe(text);
  });
});
