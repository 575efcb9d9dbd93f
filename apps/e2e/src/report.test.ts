import { expect, it } from 'vitest';
import { renderReport, type StepResult, summarise } from './report.ts';

const head = {
  startedAtMs: Date.parse('2026-11-24T04:00:00Z'),
  endedAtMs: Date.parse('2026-11-24T04:01:30Z'),
  cluster: 'testbed',
  backend: 'embedded',
};
const passed: StepResult = { run: 'guide', scenario: 'deployment', step: 'gives one create alert', outcome: 'passed', durationMs: 1234.5 };
const failed: StepResult = {
  ...passed,
  step: 'gives one delete alert',
  outcome: 'failed',
  message: 'delete alerts: expected one\n  found 2',
};

it('counts every step', () => {
  expect(summarise(head, [passed, failed, passed])).toMatchObject({
    passed: 2,
    failed: 1,
    durationMs: 90_000,
    startedAt: '2026-11-24T04:00:00.000Z',
  });
});

it('reads as a text that ends with the line for machines', () => {
  expect(renderReport(summarise(head, [passed, failed, { ...passed, run: 'core', durationMs: 7 }]))).toBe(`\
k8s-audit end to end, 2026-11-24T04:00:00.000Z: cluster testbed, back end embedded, 90.0 s

  guide / deployment
    ok   gives one create alert (1.2 s)
    FAIL gives one delete alert (1.2 s)
         delete alerts: expected one
           found 2

  core / deployment
    ok   gives one create alert (7 ms)

Failed:
  guide / deployment: gives one delete alert

2 passed, 1 failed
`);
});

it('has nothing under Failed when nothing failed', () => {
  expect(renderReport(summarise(head, [passed]))).not.toContain('Failed:');
});
