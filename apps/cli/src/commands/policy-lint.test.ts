import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

const PUBLISHED = resolve(import.meta.dirname, '../../../../fixtures/guide/audit-policy.yaml');
const MEANT = resolve(import.meta.dirname, '../../../../fixtures/policy/named-policies/seed.yaml');
const CLEAN = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  userGroups: [system:nodes]
- level: Metadata
`;

const cwd = mkdtempSync(join(tmpdir(), 'policy-lint-'));
beforeEach(() => {
  copyFileSync(PUBLISHED, join(cwd, 'policy.yaml'));
  writeFileSync(join(cwd, 'clean.yaml'), CLEAN);
  writeFileSync(join(cwd, 'empty.yaml'), '');
  writeFileSync(join(cwd, 'broken.yaml'), 'rules: [');
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const lint = (...args: readonly string[]): Promise<CommandResult> => runCommand(['policy', 'lint', ...args], { cwd });
const text = (file: string): string => readFileSync(join(cwd, file), 'utf8');

describe('policy lint', () => {
  it('shows each finding with its place, its line and what to do', async () => {
    const { stdout, exitCode } = await lint('policy.yaml');

    expect(exitCode).toBe(1);
    await expect(stdout).toMatchFileSnapshot('../../golden/policy-lint.txt');
  });

  it('lints several files, and is content with a good one', async () => {
    const { stdout } = await lint('policy.yaml', 'clean.yaml', '--severity', 'error');

    expect(stdout).toContain('policy.yaml:39:13: error: verbs is no field');
    expect(stdout).toContain('clean.yaml: kube-apiserver loads it; no findings.');
    expect((await lint('clean.yaml')).exitCode).toBe(0);
  });

  it.each([
    [['policy.yaml'], 1],
    [['policy.yaml', '--fail-on', 'never'], 0],
    [['clean.yaml', '--fail-on', 'info'], 1],
    [['clean.yaml', '--fail-on', 'warning'], 0],
    [['broken.yaml'], 1],
  ])('ends as --fail-on says: %j gives %i', async (args, exitCode) => {
    expect((await lint(...args)).exitCode).toBe(exitCode);
  });

  it('mends the file in place, keeps its mode, and finds nothing to mend the second time', async () => {
    chmodSync(join(cwd, 'policy.yaml'), 0o640);
    const { stdout } = await lint('policy.yaml', '--fix-all', '--severity', 'error');

    expect(stdout).toContain('policy.yaml:39: mended: move verbs to the rule (misplaced-field)');
    expect(statSync(join(cwd, 'policy.yaml')).mode & 0o777).toBe(0o640);
    const mended = text('policy.yaml');
    expect(await rulesOf('policy.yaml')).toEqual(await rulesOf(MEANT));
    await lint('policy.yaml', '--fix-all', '--severity', 'error');
    expect(text('policy.yaml')).toBe(mended);
  });

  it('shows the diff of a dry run and writes nothing', async () => {
    const { stdout } = await lint('policy.yaml', '--fix-all', '--severity', 'error', '--dry-run');

    expect(stdout).toContain(
      "-            verbs: ['create', 'patch', 'update', 'delete']\n+      verbs: ['create', 'patch', 'update', 'delete']",
    );
    expect(stdout).toContain('would mend: move verbs to the rule');
    expect(text('policy.yaml')).toBe(readFileSync(PUBLISHED, 'utf8'));
  });

  it('does not change what only --fix-all may', async () => {
    await lint('policy.yaml', '--fix');
    expect(text('policy.yaml')).toBe(readFileSync(PUBLISHED, 'utf8'));
  });

  it('gives a program findings, places and pages', async () => {
    const { policies } = JSON.parse((await lint('policy.yaml', '-o', 'json')).stdout) as { readonly policies: readonly object[] };

    expect(policies).toMatchObject([
      {
        file: 'policy.yaml',
        loads: true,
        findings: expect.arrayContaining([
          expect.objectContaining({
            id: 'misplaced-field',
            severity: 'error',
            path: 'rules[3].resources[0].verbs',
            line: 39,
            column: 13,
            endColumn: 18,
            page: 'docs/reference/policy-lint.md#misplaced-field',
            fix: { title: 'move verbs to the rule', meaning: 'stated' },
          }),
        ]),
      },
    ]);
  });

  it('writes SARIF 2.1.0 for code scanning', async () => {
    const { stdout } = await lint('policy.yaml', '--severity', 'error', '-o', 'sarif');

    await expect(stdout).toMatchFileSnapshot('../../golden/policy-lint.sarif');
    const [run] = (
      JSON.parse(stdout) as { runs: { tool: { driver: { rules: { id: string }[] } }; results: { ruleId: string; ruleIndex: number }[] }[] }
    ).runs;
    for (const { ruleId, ruleIndex } of run?.results ?? []) expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  });

  it('follows the version that is asked for', async () => {
    writeFileSync(join(cwd, 'star.yaml'), `${CLEAN}- level: None\n  resources: [{group: "*"}]\n`);
    expect((await lint('star.yaml', '--kubernetes-version', 'v1.35.4')).stdout).toContain('Kubernetes 1.35 refuses group "*"');
    expect((await lint('star.yaml', '--kubernetes-version', '1.36')).stdout).not.toContain('wildcard-group-version');
  });

  it.each([
    ['a file that is not there', ['nope.yaml'], 'FILE_MISSING', 1],
    ['a folder', ['.'], 'FILE_NOT_REGULAR', 1],
    ['no version', ['clean.yaml', '--kubernetes-version', 'newest'], 'USAGE', 2],
    ['a dry run of nothing', ['clean.yaml', '--dry-run'], 'USAGE', 2],
    ['the standard input twice', ['-', '-'], 'USAGE', 2],
  ])('does not guess or write: %s', async (_, args, code, exitCode) => {
    const result = await lint(...args);
    expect([result.failure?.code, result.exitCode]).toEqual([code, exitCode]);
  });

  it('says of an empty file what a policy begins with', async () => {
    const { stdout, exitCode } = await lint('empty.yaml');
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining('begin the file with apiVersion: audit.k8s.io/v1 and kind: Policy')]);
  });

  it('does not write through a symbolic link', async () => {
    symlinkSync(join(cwd, 'policy.yaml'), join(cwd, 'link.yaml'));
    expect((await lint('link.yaml', '--fix-all')).failure?.code).toBe('FILE_IS_SYMLINK');
    expect(text('policy.yaml')).toBe(readFileSync(PUBLISHED, 'utf8'));
  });
});

/** What the command makes of a policy, without its text. */
async function rulesOf(file: string): Promise<string> {
  const request = ['--request', 'GET /api/v1/pods', '--user', 'alice', '-o', 'json'];
  const { stdout } = await runCommand(['policy', 'explain', file, ...request], { cwd });
  const { explanation } = JSON.parse(stdout) as { explanation: { decision: object; rule: { rule: object } } };
  return JSON.stringify([explanation.decision, explanation.rule.rule]);
}
