import { expect, it } from 'vitest';
import { parseOptions } from './options.ts';
import { isInRun, RUNS, type RunDefinition } from './runs.ts';
import { SCENARIOS } from './scenarios/index.ts';

it('takes everything when nothing is named', () => {
  expect(parseOptions([])).toEqual({
    runs: RUNS,
    scenarios: SCENARIOS,
    cluster: 'testbed',
    wazuh: 'embedded',
    reportFolder: 'reports',
    keep: false,
    list: false,
  });
});

it('takes what is named, in the order in which it runs', () => {
  const { scenarios, runs } = parseOptions(['--scenario', 'nothing-is-lost', '--scenario', 'deployment', '--run', 'core']);

  expect(scenarios.map(({ name }) => name)).toEqual(['deployment', 'nothing-is-lost']);
  expect(runs.map(({ name }) => name)).toEqual(['core']);
});

it('refuses names that are none, and says what there is', () => {
  expect(() => parseOptions(['--scenario', 'deploiment'])).toThrow(
    expect.objectContaining({ code: 'USAGE', hint: expect.stringContaining('deployment') }),
  );
  expect(() => parseOptions(['--run', 'all'])).toThrow(expect.objectContaining({ code: 'USAGE' }));
});

it('leaves out runs in which nothing would happen, and refuses to do nothing at all', () => {
  expect(parseOptions(['--scenario', 'interruptions']).runs.map(({ name }) => name)).toEqual(['interrupted']);
  expect(() => parseOptions(['--scenario', 'deployment', '--run', 'interrupted'])).toThrow(expect.objectContaining({ code: 'USAGE' }));
});

it('lets runs and scenarios choose each other', () => {
  const namesOf = (run: string): readonly string[] =>
    SCENARIOS.filter((scenario) => isInRun(scenario, RUNS.find(({ name }) => name === run) as RunDefinition)).map(({ name }) => name);

  expect(namesOf('core')).toContain('deployment');
  expect(namesOf('core')).not.toContain('interruptions');
  expect(namesOf('interrupted')).toEqual(['interruptions', 'nothing-is-lost']);
});

it('gives every run and scenario a name of its own', () => {
  for (const names of [RUNS.map(({ name }) => name), SCENARIOS.map(({ name }) => name)]) expect(new Set(names).size).toBe(names.length);
});
