import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'coverage-'));
  const head = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';
  writeFileSync(join(cwd, 'late.yaml'), `${head}omitStages: [ResponseStarted]\nrules:\n- {level: Metadata}\n`);
  writeFileSync(join(cwd, 'nodes.yaml'), `${head}rules:\n- {level: None, userGroups: ["system:nodes"]}\n- {level: Metadata}\n`);
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const coverage = (...args: readonly string[]): Promise<CommandResult> => runCommand(['coverage', ...args], { cwd });

describe('coverage', () => {
  it('compares the profiles, detection by detection', async () => {
    const { stdout, exitCode } = await coverage();

    expect(exitCode).toBe(0);
    await expect(stdout).toMatchFileSnapshot('../../golden/coverage.txt');
  });

  it('names for one policy what is not seen, for whom, and by which rule', async () => {
    const { stdout, exitCode } = await coverage('--policy', 'nodes.yaml');

    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      'exec-into-pod does not see:\n  get, create of pods/exec, pods/attach\n    by anybody, in system:nodes\n    nothing is recorded: rules[0], nodes.yaml:4\n',
    );
  });

  it('ends with 1 where an alert can never come', async () => {
    const { stdout, exitCode } = await coverage('--policy', 'late.yaml');

    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/exec-into-pod +BLIND/);
    expect(stdout).toContain('no ResponseStarted: rules[0], late.yaml:5');
  });

  it('gives a program each policy’s answer', async () => {
    const { stdout } = await coverage('--policy', 'late.yaml', '--profile', 'cis', '-o', 'json');
    const matrix = JSON.parse(stdout) as {
      readonly policies: readonly string[];
      readonly detections: readonly { readonly slug: string }[];
    };

    expect(matrix.policies).toEqual(['late.yaml', 'profile cis']);
    expect(matrix.detections.find(({ slug }) => slug === 'authentication-failed')).toMatchObject({
      coverage: [{ kind: 'blind', gaps: [{ lacks: 'stage', missingStages: ['ResponseStarted'], rule: 0 }, {}] }, { kind: 'full' }],
    });
  });

  it.each([
    [['--profile', 'nope'], 'USAGE'],
    [['--policy', '-', '--policy', '-'], 'USAGE'],
    [['--policy', 'missing.yaml'], 'FILE_MISSING'],
  ])('%j fails with %s', async (args, code) => {
    expect((await coverage(...args)).failure?.code).toBe(code);
  });

  // What this project recommends must show what this project detects; what is written down here is what it leaves out knowingly.
  it('is full under the recommended profile but for what is denied to heartbeats and discovery', async () => {
    const { stdout } = await coverage('--profile', 'recommended', '-o', 'json');
    const { detections } = JSON.parse(stdout) as {
      readonly detections: readonly { readonly slug: string; readonly coverage: readonly { readonly kind: string }[] }[];
    };

    expect(detections.filter(({ coverage: [one] }) => one?.kind !== 'full').map(({ slug, coverage: [one] }) => [slug, one?.kind])).toEqual([
      ['request-denied', 'partial'],
      ['controller-denied', 'partial'],
    ]);
  });
});
