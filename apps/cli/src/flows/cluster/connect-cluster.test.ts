import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { siblingProgram } from '../../sibling-program.ts';
import { type CommandResult, runCommand } from '../../testing/run-command.ts';
import { type StandInNode, startStandInNode } from '../../testing/stand-in-node.ts';
import { type ConnectTools, connectCluster, resumeConnect } from './connect-cluster.ts';
import type { ConnectWish } from './connect-material.ts';
import { disconnectCluster } from './disconnect-cluster.ts';
import { STATIC_POD } from './node-distribution.ts';

let shared: string;
let receiver: ChildProcess;
let port: string;
const certs = (): string => join(shared, 'certs');

beforeAll(async () => {
  shared = mkdtempSync(join(tmpdir(), 'connect-'));
  await runCommand(['certs', 'create', '--dir', certs(), '--san', '127.0.0.1', '--cluster', 'prod-eu']);
  const at = (name: string): string => join(certs(), 'receiver', name);
  writeFileSync(
    join(shared, 'receiver.yaml'),
    JSON.stringify({
      listen: { address: '127.0.0.1', port: 0 },
      tls: { certificate: at('server.crt'), key: at('server.key'), clientAuthority: at('ca.crt') },
      spool: { folder: join(shared, 'spool') },
      wazuh: { socket: join(shared, 'nobody') },
      admin: { address: '127.0.0.1', port: 0 },
      log: { format: 'json' },
    }),
  );
  const [program, ...args] = siblingProgram('receiver');
  receiver = spawn(program, [...args, '--config', join(shared, 'receiver.yaml')], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: receiver.stdout as NodeJS.ReadableStream })) {
    const entry = JSON.parse(line) as { readonly event: string; readonly url?: string };
    if (entry.event !== 'ready') continue;
    port = new URL(entry.url ?? '').port;
    break;
  }
});
afterAll(async () => {
  // Without a Wazuh it would wait for one, to hand on what it has.
  receiver.kill('SIGKILL');
  await once(receiver, 'close');
  rmSync(shared, { recursive: true, force: true });
});

let node: StandInNode;
let before: Buffer;
beforeEach(async () => {
  const tls = {
    cert: readFileSync(join(certs(), 'receiver/server.crt'), 'utf8'),
    key: readFileSync(join(certs(), 'receiver/server.key'), 'utf8'),
  };
  node = await startStandInNode(mkdtempSync(join(shared, 'node-')), tls);
  before = readFileSync(node.manifest);
});
afterEach(() => node.stop());

const POLICY = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n';

function wish(changes: Partial<ConnectWish> = {}): ConnectWish {
  return {
    cluster: 'prod-eu',
    apiServer: `cp-${node.root.slice(-6).toLowerCase()}`,
    receiver: `127.0.0.1:${port}`,
    certificates: certs(),
    policyText: POLICY,
    webhook: true,
    eventsPerSecond: 500,
    overrides: [],
    folder: STATIC_POD.folder,
    ...changes,
  };
}

function tools(changes: Partial<ConnectTools> = {}): ConnectTools {
  return {
    root: node.root,
    backupFolder: join(node.root, 'etc/kubernetes/k8s-audit-backup'),
    // Enough for a machine that does other work beside this; what succeeds does not wait for it.
    waitMs: 15_000,
    pollMs: 20,
    now: Date.now,
    signal: new AbortController().signal,
    say: () => undefined,
    onPlan: () => undefined,
    confirm: async () => true,
    ...changes,
  };
}

type Options = Parameters<typeof connectCluster>[1];
function options(changes: Partial<Options> = {}): Options {
  return {
    distribution: STATIC_POD,
    root: node.root,
    configFile: STATIC_POD.configFile ?? '',
    folder: STATIC_POD.folder,
    replace: false,
    dryRun: false,
    preflight: true,
    ...changes,
  };
}

const auditFolder = (): string => join(node.root, 'etc/kubernetes/audit');

it('connects, does nothing the second time, and gives back the bytes from before', async () => {
  expect(await connectCluster(wish(), options(), tools())).toMatchObject({ kind: 'connected' });
  expect(readFileSync(node.manifest, 'utf8')).toContain('--audit-webhook-batch-max-size=100');
  expect([statSync(node.manifest).mode & 0o777, statSync(join(auditFolder(), 'audit-client.key')).mode & 0o777]).toEqual([0o600, 0o600]);
  // The kubelet runs every file in this folder.
  expect(readdirSync(join(node.root, 'etc/kubernetes/manifests'))).toEqual(['kube-apiserver.yaml']);

  expect(await connectCluster(wish(), options(), tools())).toEqual({ kind: 'nothing-to-do' });
  expect(node.starts()).toBe(2);

  expect(await disconnectCluster('prod-eu', false, { ...tools(), onUndo: () => undefined })).toMatchObject({ kind: 'disconnected' });
  expect(readFileSync(node.manifest).equals(before)).toBe(true);
  expect(existsSync(auditFolder())).toBe(false);
});

it('is seen by status: connected, then changed since it started', async () => {
  await connectCluster(wish(), options(), tools());
  const status = (): Promise<CommandResult> => runCommand(['cluster', 'status', '--root', node.root]);
  const well = await status();
  expect([well.exitCode, well.stdout]).toEqual([
    0,
    expect.stringMatching(/^Cluster prod-eu\n.*\ncp-\S+ +127.0.0.1:\d+ +connected +[0-9a-f]{16} loaded +[0-9a-f]{16} loaded +\d+ m?s ago/),
  ]);

  writeFileSync(join(auditFolder(), 'policy.yaml'), `${POLICY}# edited\n`);
  const drifted = await status();
  expect([drifted.exitCode, drifted.stdout]).toEqual([
    1,
    expect.stringMatching(/ drift +[0-9a-f]{16} CHANGED +[0-9a-f]{16} loaded[\s\S]*drift: its files were changed/),
  ]);
});

it('restarts the API server for a changed policy, and goes back over both changes', async () => {
  await connectCluster(wish(), options(), tools());
  expect(await connectCluster(wish({ policyText: POLICY.replace('Metadata', 'Request') }), options(), tools())).toMatchObject({
    kind: 'connected',
  });
  expect(node.starts()).toBe(3);
  await disconnectCluster(undefined, false, { ...tools(), onUndo: () => undefined });
  expect(readFileSync(node.manifest).equals(before)).toBe(true);
});

it('shows everything and changes nothing in a dry run, the key not at all', async () => {
  const args = [
    'cluster',
    'connect',
    'prod-eu',
    '--receiver',
    `127.0.0.1:${port}`,
    '--certs',
    certs(),
    '--root',
    node.root,
    '--api-server',
    'cp-1',
    '--dry-run',
  ];
  const { stdout, exitCode } = await runCommand(args);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/\+ {4}- --audit-policy-file=\/etc\/kubernetes\/audit\/policy.yaml\n/);
  expect(stdout).toMatch(/audit-client.key: new \(a key: not shown\)[\s\S]*Plan:\n {2}1\. /);
  expect(stdout).not.toContain('PRIVATE KEY');
  expect([readFileSync(node.manifest).equals(before), existsSync(auditFolder()), existsSync(tools().backupFolder)]).toEqual([
    true,
    false,
    false,
  ]);
});

describe('what goes wrong is put back:', () => {
  const putBack = (): void => {
    expect(readFileSync(node.manifest).equals(before)).toBe(true);
    expect(existsSync(auditFolder())).toBe(false);
  };

  it('a policy that the API server dies of; its log says so', async () => {
    const result = await connectCluster(wish({ policyText: POLICY.replace('Metadata', 'Metadat') }), options(), tools({ waitMs: 4_000 }));
    expect(result).toMatchObject({
      kind: 'taken-back',
      failed: 'api-server',
      isBack: true,
      log: [expect.stringContaining('unknown level Metadat')],
    });
    putBack();
  });

  it('events that do not arrive', async () => {
    const other = join(shared, 'other');
    if (!existsSync(other)) await runCommand(['certs', 'create', '--dir', other, '--san', '127.0.0.1', '--cluster', 'prod-eu']);
    const result = await connectCluster(wish({ certificates: other }), options({ preflight: false }), tools({ waitMs: 4_000 }));
    expect(result).toMatchObject({
      kind: 'taken-back',
      failed: 'events',
      isBack: true,
      reason: expect.stringContaining('cannot be asked'),
    });
    putBack();
  });

  it('a person who has seen enough', async () => {
    const stop = new AbortController();
    const result = await connectCluster(
      wish(),
      options(),
      tools({ signal: stop.signal, say: (line) => void (line.includes('waiting') && stop.abort()) }),
    );
    expect(result).toMatchObject({ kind: 'taken-back', failed: 'stopped', isBack: true });
    putBack();
  });
});

describe('nothing is touched', () => {
  it('when the receiver does not know the certificate', async () => {
    await expect(connectCluster(wish({ receiver: '127.0.0.1:1' }), options(), tools())).rejects.toMatchObject({ code: 'RECEIVER_REFUSES' });
    expect([node.starts(), readFileSync(node.manifest).equals(before)]).toEqual([1, true]);
  });

  it('when the API server is not ready to begin with', async () => {
    await expect(connectCluster(wish(), options({ apiServerUrl: 'https://127.0.0.1:1' }), tools())).rejects.toMatchObject({
      code: 'APISERVER_NOT_READY',
    });
  });

  it('when the person says no', async () => {
    expect(await connectCluster(wish(), options(), tools({ confirm: async () => false }))).toEqual({ kind: 'not-changed' });
    expect(readFileSync(node.manifest).equals(before)).toBe(true);
  });

  it('when settings are somebody else’s', async () => {
    writeFileSync(node.manifest, before.toString().replace('    - --adv', '    - --audit-policy-file=/theirs\n    - --adv'));
    await expect(connectCluster(wish(), options(), tools())).rejects.toMatchObject({
      code: 'APISERVER_SETTINGS_CONFLICT',
      message: expect.stringContaining('/theirs'),
    });
  });
});

describe('interrupted', () => {
  /** As after a kill: at a step nothing goes on any more. */
  async function interruptAt(step: string): Promise<void> {
    let reached = (): void => undefined;
    const stopped = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const onStep = (each: string): Promise<void> | undefined => {
      if (each !== step) return undefined;
      reached();
      return new Promise(() => undefined);
    };
    void connectCluster(wish(), options(), tools({ onStep }));
    await stopped;
  }
  const cli = (...args: string[]): Promise<CommandResult> =>
    runCommand(['cluster', 'connect', ...args, '--root', node.root, '--wait', '15']);

  it.each(['writing 5', 'applied noted'])('at "%s": the next command says so, --resume connects', async (step) => {
    await interruptAt(step);
    // The lock goes with the process that held it; here that process is this one.
    const result = await withReleasedLock(async () => {
      await expect(connectCluster(wish(), options(), tools())).rejects.toMatchObject({ code: 'CHANGE_INTERRUPTED' });
      return await resumeConnect(tools());
    });
    expect(result).toMatchObject({ kind: 'connected' });
  });

  it('--rollback takes it back, and a second one finds nothing', async () => {
    await interruptAt('writing 5 noted');
    await withReleasedLock(async () => {
      expect(await cli('--rollback')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('put back') });
      expect(await cli('--rollback')).toMatchObject({ exitCode: 0, stdout: 'Nothing was interrupted here.\n' });
    });
    expect(readFileSync(node.manifest).equals(before)).toBe(true);
  });

  /** SQLite forgets a lock with its file. */
  async function withReleasedLock<Result>(use: () => Promise<Result>): Promise<Result> {
    rmSync(join(tools().backupFolder, 'lock'), { force: true });
    return await use();
  }
});

it.each([
  [['connect', 'prod-eu'], 2, 'USAGE'],
  [['connect', '--receiver', '10.0.0.7', '--certs', 'x'], 2, 'USAGE'],
  [['connect', 'prod-eu', '--receiver', '10.0.0.7', '--certs', 'x', '--wait', '0'], 2, 'USAGE'],
  [['connect', 'prod-eu', '--receiver', '10.0.0.7', '--certs', 'x', '--resume', '--rollback'], 2, 'USAGE'],
  [['connect', 'prod-eu', '--receiver', '10.0.0.7', '--certs', '/nowhere'], 1, 'FILE_MISSING'],
  [['disconnect', '--root', '/nowhere'], 1, 'NOT_CONNECTED'],
])('cluster %j ends with %i', async (args, exitCode, code) => {
  const result = await runCommand(['cluster', ...args], { cwd: tmpdir() });
  expect([result.exitCode, result.failure?.code]).toEqual([exitCode, code]);
});
