import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

const PUBLISHED = resolve(import.meta.dirname, '../../../../fixtures/guide/audit-policy.yaml');
let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'policy-explain-'));
  writeFileSync(join(cwd, 'broken.yaml'), 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  level\n');
  writeFileSync(join(cwd, 'star.yaml'), 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  resources: [{group: "*"}]\n');
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const explain = (policy: string, ...args: readonly string[]): Promise<CommandResult> =>
  runCommand(['policy', 'explain', policy, ...args], { cwd });

describe('policy explain', () => {
  it('shows the level, the rule with its line, and why each earlier one does not match', async () => {
    const { stdout, stderr, exitCode } = await explain(
      PUBLISHED,
      '--request',
      'GET /api/v1/namespaces/prod/secrets/x',
      '--user',
      'alice',
      '--group',
      'dev',
    );

    expect(exitCode).toBe(0);
    expect(stderr).toContain('kube-apiserver loads it, but says: unknown field "rules[3].resources[0].verbs"');
    await expect(stdout).toMatchFileSnapshot('../../golden/policy-explain.txt');
  });

  it('shows what the slip in the published policy does, and that the policy as meant does not', async () => {
    const request = ['--request', 'GET /api/v1/pods', '--user', 'alice'];

    expect((await explain(PUBLISHED, ...request)).stdout).toContain('level    RequestResponse');
    expect((await explain('profile:guide', ...request)).stdout).toContain('level    Metadata');
  });

  it('gives a program the attributes, the decision and the reasons', async () => {
    const { stdout } = await explain(
      'profile:guide',
      '--request',
      'get /healthz?verbose',
      '--user',
      'system:serviceaccount:ci:bot',
      '-o',
      'json',
    );

    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'explained',
      explanation: {
        request: {
          path: '/healthz',
          verb: 'get',
          user: { groups: ['system:serviceaccounts', 'system:serviceaccounts:ci', 'system:authenticated'] },
        },
        decision: { level: 'None', matchedRule: 0 },
        stages: { recorded: [] },
        passedOver: [],
      },
    });
  });

  it('knows requests that are never audited, and failed authentication', async () => {
    expect((await explain('profile:guide', '--request', 'GET /api/v1/watch', '--user', 'a')).stdout).toMatch(
      /^Nothing is recorded: the API server refuses/,
    );
    expect((await explain('profile:guide', '--request', 'GET /api/v1/pods', '--unauthenticated')).stdout).toContain(
      'stages   ResponseStarted\n',
    );
  });

  it('takes the policy by argument, --policy or --profile, one of them, and recommends one where none is named', async () => {
    const asked = ['--request', 'GET /api/v1/namespaces/prod/secrets/x', '--user', 'alice'];
    const run = (...args: readonly string[]): Promise<CommandResult> => runCommand(['policy', 'explain', ...args, ...asked], { cwd });

    expect((await run('--policy', PUBLISHED)).stdout).toBe((await run(PUBLISHED)).stdout);
    expect((await run('--profile', 'guide')).stdout).toBe((await run('profile:guide')).stdout);
    expect((await run()).stdout).toMatch(/^policy {3}profile recommended\n[\s\S]*rules\[0\], profile recommended:\d+\n/);
    expect((await run(PUBLISHED, '--profile', 'guide')).failure?.code).toBe('USAGE');
  });

  it('says that whom somebody impersonates is not asked for', async () => {
    const { stdout } = await explain(
      'star.yaml',
      '--request',
      'GET /api/v1/pods',
      '--user',
      'alice',
      '--as',
      'admin',
      '--kubernetes-version',
      '1.36',
    );

    expect(stdout).toContain('as       admin: recorded in the event, but the policy decides by alice\n');
  });

  it.each<[request: string, says: string]>([
    ['GET /api/v1/namespaces/prod/pods/web/exec?command=sh', 'get pods/exec, namespace prod, name web'],
    ['POST /api/v1/namespaces/prod/pods/web/exec?command=sh', 'create pods/exec, namespace prod, name web'],
    ['GET /api/v1/namespaces/prod/secrets?fieldSelector=metadata.name%3Dx', 'list secrets, namespace prod, name x'],
    ['GET /api/v1/secrets?watch=true&fieldSelector=metadata.name%3Dx', 'watch secrets, name x'],
  ])('reads %s as the API server does', async (request, says) => {
    expect((await explain('profile:guide', '--request', request, '--user', 'alice')).stdout).toContain(`request  ${says}\n`);
  });

  it('refuses with Kubernetes’ words what kube-apiserver would not start with', async () => {
    const { failure, exitCode } = await explain('broken.yaml', '--request', 'GET /', '--user', 'a');

    expect(exitCode).toBe(1);
    expect(failure).toMatchObject({ code: 'POLICY_REFUSED', hint: 'look at line 6' });
    expect(failure?.message).toContain("yaml: line 6: could not find expected ':'");
  });

  it('follows the version that is asked for', async () => {
    const request = ['--request', 'GET /apis/apps/v1/deployments', '--user', 'a', '--kubernetes-version'];

    expect((await explain('star.yaml', ...request, 'v1.36.2')).exitCode).toBe(0);
    expect((await explain('star.yaml', ...request, '1.35')).failure?.code).toBe('POLICY_REFUSED');
  });

  it.each([
    [['--user', 'a'], 2],
    [['--request', 'GET /'], 2],
    [['--request', 'GET /', '--user', 'a', '--unauthenticated'], 2],
    [['--request', '/api', '--user', 'a'], 2],
    [['--request', 'GET /', '--unauthenticated', '--group', 'dev'], 2],
    [['--request', 'GET /', '--unauthenticated', '--as', 'admin'], 2],
    [['--request', 'GET /', '--user', 'a', '--kubernetes-version', 'newest'], 2],
  ])('does not guess: %j', async (args, code) => {
    expect((await explain('profile:guide', ...args)).exitCode).toBe(code);
  });

  it('names the profiles and the file that is not there', async () => {
    expect((await explain('profile:nope', '--request', 'GET /', '--user', 'a')).failure).toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining('guide'),
    });
    expect((await explain('nope.yaml', '--request', 'GET /', '--user', 'a')).failure?.code).toBe('FILE_MISSING');
  });
});
