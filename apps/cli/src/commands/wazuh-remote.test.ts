import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, issueServerCertificate } from '@k8s-audit/certs';
import { openEmbeddedWazuh } from '@k8s-audit/embedded-wazuh';
import { createWazuhTree, type ManagerApiStandIn, startManagerApiStandIn } from '@k8s-audit/wazuh-server/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

let standIn: ManagerApiStandIn;
let folder: string;
beforeEach(async () => {
  const nowMs = Date.now();
  const authority = await createAuthority({ nowMs });
  const { privateKeyPem, certificatePem } = await issueServerCertificate(authority, ['127.0.0.1'], { nowMs });
  standIn = await startManagerApiStandIn({ key: privateKeyPem, cert: certificatePem });
  folder = mkdtempSync(join(tmpdir(), 'wazuh-remote-'));
  writeFileSync(join(folder, 'password'), 'secret\n');
  writeFileSync(join(folder, 'ca.pem'), authority.certificatePem);
});
afterEach(async () => {
  await standIn.close();
  rmSync(folder, { recursive: true });
});

const run = (command: string, ...args: readonly string[]): Promise<CommandResult> =>
  runCommand(['wazuh', command, '--remote', standIn.url, '--password-file', 'password', '--ca', 'ca.pem', ...args], { cwd: folder });

it('installs rules through the API, proves them, and takes them out again', async () => {
  const { stdout, failure } = await run('install', '--pack', 'core', 'guide', '--yes');

  expect(failure).toBeUndefined();
  expect(stdout).toContain('rules: read anew without a restart\nprobe: a created deployment raises rule 118211');
  expect([...standIn.files.keys()].sort()).toEqual([
    'rules/k8s_audit_rules.xml',
    'rules/k8s_guide_rules.xml',
    'rules/zz_k8s_audit_end.xml',
  ]);
  expect((await run('install', '--pack', 'core', 'guide', '--dry-run')).stdout).toContain('Every rule file is as it should be.');

  await run('uninstall', '--yes');
  expect(standIn.files.size).toBe(0);
});

it('changes nothing on a dry run, and nothing that it did stays when the manager refuses', async () => {
  expect((await run('install', '--dry-run')).stdout).toContain('+++ b/var/ossec/etc/rules/k8s_audit_rules.xml');
  standIn.files.set('rules/k8s_audit_rules.xml', 'an older version');
  standIn.refusal = 'Syntax error in rules';

  expect((await run('install', '--yes')).failure).toMatchObject({
    code: 'WAZUH_API_FAILED',
    message: expect.stringContaining('Syntax error in rules'),
  });
  expect([...standIn.files]).toEqual([['rules/k8s_audit_rules.xml', 'an older version']]);
});

it('refuses ids that another file has', async () => {
  standIn.files.set('rules/mine.xml', '<group name="a,"><rule id="118211" level="3"></rule></group>');
  expect((await run('install', '--yes')).failure).toMatchObject({
    code: 'RULE_ID_CLASH',
    message: expect.stringContaining('118211 in mine.xml'),
  });
});

it('lets every node of a Wazuh cluster read the rules that were installed on its master', async () => {
  const tree = createWazuhTree({ node: 'master' });
  const wazuh = await openEmbeddedWazuh({ homeFolder: tree.home, controlSockets: true, archivesFile: false });
  standIn.cluster = { nodes: ['master', 'worker-1'], behindFor: 1 };
  const onMaster = (command: string, ...args: readonly string[]): Promise<CommandResult> =>
    runCommand(['wazuh', command, '--root', tree.root, '--yes', ...args], { cwd: folder });
  const api = ['--api', standIn.url, '--password-file', 'password', '--ca', 'ca.pem'];
  const reloads = (): number => standIn.calls.filter((call) => call === 'PUT /cluster/analysisd/reload').length;
  try {
    const installed = await onMaster('install', '--host', '10.0.0.7', ...api);
    expect(installed.failure).toBeUndefined();
    expect(installed.stdout).toContain('rules: read anew on master, worker-1');
    expect(reloads()).toBe(1);
    expect(standIn.tooEarly).toEqual([]);
    // Files go by the cluster's own way, not by the API.
    expect(standIn.files.size).toBe(0);

    expect((await onMaster('uninstall', ...api)).exitCode).toBe(0);
    expect(reloads()).toBe(2);
    expect((await onMaster('install', '--host', '10.0.0.7')).stdout).toContain(
      'its workers get the rules, and read them when they are told',
    );
  } finally {
    await wazuh.close();
    tree.remove();
  }
});
