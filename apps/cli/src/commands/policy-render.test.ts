import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPolicy } from '@k8s-audit/audit-policy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'policy-render-'));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const render = (...args: readonly string[]): Promise<CommandResult> => runCommand(['policy', 'render', ...args], { cwd });

describe('policy render', () => {
  it('adds and leaves out, says so in comments, and says what becomes invisible', async () => {
    const { stdout, stderr, exitCode } = await render(
      ...['--profile', 'minimal', '--include-namespace', 'prod', '--include-namespace', 'pay=RequestResponse'],
      ...['--include-resource', 'roles.rbac.authorization.k8s.io=Metadata', '--include-user', 'alice', '--include-resource', 'secrets'],
      ...['--exclude-user', 'system:serviceaccount:ci:bot', '--exclude-resource', 'pods/exec', '--exclude-namespace', 'test'],
    );

    expect(exitCode).toBe(0);
    await expect(stdout).toMatchFileSnapshot('../../golden/policy-render-adjusted.yaml');
    expect(readPolicy(stdout, { kubernetesVersion: '1.26' })).toMatchObject({ kind: 'policy', strictErrors: [] });
    expect(stderr).toContain('note: the detection exec-into-pod sees less than before');
  });

  it('writes a file once, and again only by force', async () => {
    expect(await render('--profile', 'cis', '--out', 'p.yaml')).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await render('--profile', 'guide', '--out', 'p.yaml')).failure?.code).toBe('FILE_EXISTS');
    expect(readFileSync(join(cwd, 'p.yaml'), 'utf8')).toContain('Audit policy "cis"');
    expect((await render('--profile', 'guide', '--out', 'p.yaml', '--force')).exitCode).toBe(0);
    expect(readFileSync(join(cwd, 'p.yaml'), 'utf8')).toContain("Don't log requests");
  });

  it('says any group to an API server that understands it', async () => {
    expect((await render('--profile', 'recommended', '--kubernetes-version', 'v1.36.1')).stdout).toContain("group: '*'");
    expect((await render('--profile', 'recommended', '--kubernetes-version', '1.35')).stdout).not.toContain("group: '*'");
  });

  it.each<[args: readonly string[], message: RegExp]>([
    [['--include-namespace', 'Prod'], /"Prod" is no namespace/],
    [['--include-namespace', 'prod*'], /"prod\*" is no namespace/],
    [['--include-namespace', 'prod=all'], /no level all/],
    [['--include-namespace', 'prod=None'], /no level None/],
    [['--include-namespace', ''], /"" is no namespace/],
    [['--exclude-namespace', 'a', '--include-namespace', 'a=Metadata'], /namespace a is named twice/],
    [['--include-resource', 'secrets=Request'], /secrets holds credentials/],
    [['--include-resource', 'serviceaccounts/*=RequestResponse'], /holds credentials/],
    [['--include-resource', 'Deployment'], /"Deployment" is no resource/],
    [['--exclude-resource', 'apps/v1/deployments'], /is no resource/],
    [['--exclude-user', ''], /is no user name/],
    [['--exclude-user', 'a\nb'], /is no user name/],
    [['--kubernetes-version', 'newest'], /--kubernetes-version/],
  ])('refuses %j', async (args, message) => {
    const { failure, exitCode, stdout } = await render('--profile', 'recommended', ...args);

    expect(failure?.message).toMatch(message);
    expect([exitCode, stdout]).toEqual([2, '']);
  });
});
