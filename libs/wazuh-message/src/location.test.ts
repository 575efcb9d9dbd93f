import { describe, expect, it } from 'vitest';
import { clusterLocation, escapeLocation, isClusterName } from './location.ts';

describe('a named cluster’s location', () => {
  it('shows the cluster where Wazuh shows the agent, with an address that no agent can have', () => {
    expect(clusterLocation('prod-eu')).toBe('[000] (prod-eu) audit->k8s');
  });

  it('matches the base rule’s location, the id being cut off before rules see it', () => {
    expect(clusterLocation('prod-eu').replace(/^\[\d+\] /, '')).toMatch(/^(\([A-Za-z0-9._-]+\) audit->)?k8s$/);
  });

  it.each(['a', '0', 'prod-eu', 'a.b_c-d', 'x'.repeat(63)])('takes %s', (name) => {
    expect(isClusterName(name)).toBe(true);
  });

  it.each(['', '-a', '.a', 'Prod', 'a b', 'a)b', 'a->b', 'a:b', 'a|b', 'büro', 'a\n', 'x'.repeat(64)])('refuses %j', (name) => {
    expect(isClusterName(name)).toBe(false);
    expect(() => clusterLocation(name)).toThrow(expect.objectContaining({ code: 'CLUSTER_NAME_INVALID' }));
  });
});

it('escapes what would end a location too early', () => {
  expect(escapeLocation('k8s:prod|eu')).toBe('k8s|:prod||eu');
});
