import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Policy } from './model.ts';
import { readPolicy } from './reader/read-policy.ts';
import { renderPolicy } from './render.ts';
import { anyPolicy } from './testing/arbitrary-policy.ts';

describe('renderPolicy', () => {
  it('is read back as the same policy, without a warning', () => {
    fc.assert(
      fc.property(anyPolicy(), fc.string({ unit: 'binary' }), (policy, comment) => {
        const text = renderPolicy(policy, { header: comment, rules: [comment] });
        const reading = readPolicy(text);

        expect(reading).toMatchObject({ kind: 'policy', strictErrors: [] });
        expect(reading.kind === 'policy' && withoutEmpty(reading.policy)).toEqual(withoutEmpty(policy));
      }),
      { numRuns: 300 },
    );
  });

  it('writes metadata, and lists that are empty, so that nothing is lost', () => {
    const policy: Policy = {
      metadata: { name: 'x', labels: { 'a/b': 'yes' } },
      omitStages: [],
      rules: [{ level: 'None', resources: [], users: [] }],
    };

    expect(readPolicy(renderPolicy(policy))).toMatchObject({
      kind: 'policy',
      policy: { metadata: { name: 'x', labels: { 'a/b': 'yes' } }, rules: [{ level: 'None' }] },
    });
  });

  it('breaks a list that does not fit a line', () => {
    const users = Array.from({ length: 30 }, (_, index) => `system:serviceaccount:kube-system:account-${index}`);

    expect(renderPolicy({ rules: [{ level: 'None', users }] })).toContain(
      '    users:\n      - system:serviceaccount:kube-system:account-0\n',
    );
  });
});

/** The reader says of the core group that it is `""` and nothing of what is empty. */
function withoutEmpty(policy: Policy): unknown {
  return JSON.parse(JSON.stringify(policy), (key, value: unknown) => (key === 'group' && value === '' ? undefined : value));
}
