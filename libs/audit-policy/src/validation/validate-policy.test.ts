import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DecodedRule } from '../decoded-policy.ts';
import { readPolicy } from '../reader/read-policy.ts';
import { aggregateMessage } from './field-error.ts';
import { validatePolicy } from './validate-policy.ts';

const errorsOf = (rule: Partial<DecodedRule>): readonly string[] =>
  validatePolicy({ rules: [{ level: 'None', ...rule }] }).map(({ message }) => message);

describe('validatePolicy', () => {
  it('says of every recorded policy what kube-apiserver says', () => {
    const rows = readFileSync(resolve(import.meta.dirname, '../../../../fixtures/policy/invalid.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly yaml: string; readonly error: string });

    expect(rows.length).toBeGreaterThan(100);
    for (const { yaml, error } of rows) expect(readPolicy(yaml)).toMatchObject({ kind: 'refused', message: error });
  });

  it.each<[rule: Partial<DecodedRule>, errors: readonly string[]]>([
    [{ level: '' }, ['rules[0].level: Required value']],
    [
      { level: '<a>' },
      ['rules[0].level: Unsupported value: "\\u003ca\\u003e": supported values: "None", "Metadata", "Request", "RequestResponse"'],
    ],
    [
      { omitStages: ['panic'] },
      ['rules[0].omitStages[0]: Invalid value: "panic": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic'],
    ],
    [{ nonResourceURLs: ['*', '/a*', '/'] }, []],
    [{ resources: [{ group: '*' }, { group: 'core' }, { group: '' }] }, []],
    [
      { resources: [{ group: 'a\n' }] },
      [expect.stringContaining('rules[0].resources.group: Invalid value: "a\\n": a lowercase RFC 1123 subdomain') as string],
    ],
    [
      { resources: [{ group: 'é'.repeat(127) }] },
      [expect.stringContaining(': must be no more than 253 characters,a lowercase RFC 1123') as string],
    ],
    [
      { resources: [{ resourceNames: ['<', '"'] }] },
      ['rules[0].resources.resourceNames: Invalid value: ["\\u003c","\\""]: using resourceNames requires at least one resource'],
    ],
  ])('%j', (rule, errors) => {
    expect(errorsOf(rule)).toEqual(errors);
  });

  it('puts several errors into one line, each once', () => {
    const errors = validatePolicy({ rules: [{ level: 'None', resources: [{ group: '_' }, { group: '_' }] }, { level: '' }] });

    expect(aggregateMessage(errors)).toMatch(
      /^\[rules\[0\]\.resources\.group: Invalid value: "_": .*\), rules\[1\]\.level: Required value\]$/,
    );
  });
});
