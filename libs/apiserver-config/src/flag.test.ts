import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { auditFlags, parseFlag, renderFlags } from './flag.ts';
import { computeLoadFlags } from './load-flags.ts';

const OPTIONS = {
  policyPath: '/etc/kubernetes/audit/policy.yaml',
  webhookPath: '/etc/kubernetes/audit/webhook.yaml',
  load: computeLoadFlags(),
};

it('lists every audit flag, one a line', () => {
  expect(renderFlags(auditFlags(OPTIONS), 'list')).toBe(`--audit-policy-file=/etc/kubernetes/audit/policy.yaml
--audit-webhook-config-file=/etc/kubernetes/audit/webhook.yaml
--audit-webhook-mode=batch
--audit-webhook-batch-max-size=100
--audit-webhook-batch-max-wait=1s
--audit-webhook-batch-throttle-enable=true
--audit-webhook-batch-throttle-qps=50
--audit-webhook-batch-throttle-burst=100
--audit-webhook-batch-buffer-size=20000
--audit-webhook-initial-backoff=30s
--audit-webhook-truncate-enabled=false
`);
});

it('renders items for a static pod’s command, odd paths included', () => {
  const flags = auditFlags({ ...OPTIONS, policyPath: '/a: b #c' });
  const items = parse(renderFlags(flags, 'yaml')) as unknown;

  expect(items).toEqual(flags.map(({ name, value }) => `--${name}=${value}`));
});

describe('overrides', () => {
  it('replace what was computed, in its place', () => {
    const flags = auditFlags({
      ...OPTIONS,
      overrides: [parseFlag('--audit-webhook-batch-max-wait=500ms'), parseFlag('audit-webhook-batch-max-size=200')],
    });

    expect(flags.slice(3, 5)).toEqual([
      { name: 'audit-webhook-batch-max-size', value: '200' },
      { name: 'audit-webhook-batch-max-wait', value: '500ms' },
    ]);
    expect(flags).toHaveLength(11);
  });

  it.each([
    ['audit-webhook-mode=blocking', /waits for the receiver/],
    ['audit-webhook-mode=blocking-strict', /waits for the receiver/],
    ['audit-webhook-truncate-enabled=true', /no audit event/],
    ['audit-webhook-batch-throttle-enable=false', /flooded/],
    ['audit-webhook-batch-max-size=1', /lost/],
    ['audit-webhook-batch-max-size=1e3', /lost/],
    ['audit-webhook-batch-throttle-qps=1', /default/],
    ['audit-webhook-batch-throttle-burst=0', /default/],
    ['audit-webhook-batch-buffer-size=100', /burst/],
    ['audit-webhook-batch-max-wait=31s', /later/],
    ['audit-webhook-batch-max-wait=0s', /later/],
    ['audit-webhook-batch-max-wait=1', /later/],
    ['audit-webhook-initial-backoff=1s', /outage/],
    ['audit-policy-file=', /no path/],
    ['audit-webhook-truncate-max-event-size=1000', /none of the flags/],
    ['insecure-port=8080', /none of the flags/],
  ])('refuses %s', (text, reason) => {
    expect(() => auditFlags({ ...OPTIONS, overrides: [parseFlag(text)] })).toThrow(
      expect.objectContaining({ code: 'APISERVER_FLAG_REFUSED', message: expect.stringMatching(reason) }),
    );
  });

  it.each(['', 'audit-webhook-mode', '=x', 'A=b', '---a=b'])('refuses %j as a flag', (text) => {
    const work = (): unknown => auditFlags({ ...OPTIONS, overrides: [parseFlag(text)] });
    expect(work).toThrow(expect.objectContaining({ code: 'APISERVER_FLAG_REFUSED' }));
  });
});
