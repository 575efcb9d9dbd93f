import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPolicy } from './read-policy.ts';

const HEAD = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';
const messageOf = (text: string): string => {
  const reading = readPolicy(text);
  return reading.kind === 'refused' ? reading.message : 'loaded';
};

/** A hundred times the alias before, nine times over. */
const BOMB = `a: &a [${'x,'.repeat(100)}]\n${[...'bcdefghij'].map((name, index) => `${name}: &${name} [${`*${'abcdefghi'[index]},`.repeat(100)}]`).join('\n')}`;

describe('no text hangs or breaks the reader', () => {
  it.each([
    ['an alias bomb', BOMB, /excessive aliasing/],
    [
      'a merge bomb',
      `x: &x {${Array.from({ length: 500 }, (_, n) => `k${n}: 1`).join(', ')}}\n${Array.from({ length: 1000 }, (_, n) => `y${n}: {<<: [*x, *x, *x, *x]}`).join('\n')}`,
      /excessive aliasing/,
    ],
    ['10,000 open brackets', `${HEAD}rules: ${'['.repeat(10_000)}${']'.repeat(10_000)}`, /exceeded max depth/],
    ['100,000 open brackets', '['.repeat(100_000), /exceeded max depth of 10000/],
    ['100,000 open braces of JSON', '{"a":'.repeat(100_000), /exceeded max depth/],
    [
      '9,000 levels of indentation',
      Array.from({ length: 2_000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
      /unknown group version/,
    ],
    ['10,001 levels of nested lists', '- '.repeat(10_001), /exceeded max depth of 10000/],
    ['deep keys', `${'? '.repeat(5_000)}a`, /invalid map key/],
    ['a megabyte in one scalar', `${HEAD}x: "${'a b '.repeat(250_000)}"\nrules: []`, /0 rules/],
    ['a megabyte in one JSON string', `{"x":"${'\\u00e9'.repeat(160_000)}"}`, /unknown group version/],
    ['a hundred thousand anchors', `${HEAD}x: [${Array.from({ length: 100_000 }, (_, n) => `&a${n} b`).join(',')}]\nrules: []`, /0 rules/],
    ['a block scalar of blank lines', `${HEAD}x: |\n${'\n'.repeat(200_000)}rules: []`, /0 rules/],
  ])('%s', (_, text, message) => {
    expect(messageOf(text)).toMatch(message);
  });

  it('reads 5,000 rules', () => {
    const rules = Array.from(
      { length: 5_000 },
      (_, index) => `- {level: Metadata, users: [u${index}], verbs: [get], resources: [{resources: [pods]}]}`,
    );
    const reading = readPolicy(`${HEAD}rules:\n${rules.join('\n')}\n`);

    expect(reading.kind === 'policy' && reading.policy.rules).toHaveLength(5_000);
  });

  it('has an answer to anything', () => {
    const part = fc.constantFrom(
      ':',
      ': ',
      '- ',
      '? ',
      '[',
      ']',
      '{',
      '}',
      ',',
      ' #',
      '&a ',
      '*a',
      '!!str ',
      '!x ',
      '|\n ',
      '>-\n ',
      "'",
      '"',
      '%',
      '\t',
      ' ',
      '\n',
      '---\n',
      '<<: ',
      '\\u',
      'a',
      '1',
      HEAD,
      'rules:\n- level: None\n',
      '\ufeff',
      '\u2028',
    );
    const text = fc.oneof(
      fc.array(part, { maxLength: 30 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }),
    );

    fc.assert(
      fc.property(text, (any) => {
        expect(['policy', 'refused']).toContain(readPolicy(any).kind);
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(['policy', 'refused']).toContain(readPolicy(bytes).kind);
      }),
      { numRuns: 500 },
    );
  });
});
