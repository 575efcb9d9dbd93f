import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEmbeddedWazuh } from '@k8s-audit/embedded-wazuh';
import { openChangeStore } from '@k8s-audit/host-files';
import { createWazuhTree, type WazuhTree, type WazuhTreeOptions } from '@k8s-audit/wazuh-server/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { prepareInstall } from '../flows/wazuh/install.ts';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

let tree: WazuhTree;
let wazuh: Awaited<ReturnType<typeof openEmbeddedWazuh>> | undefined;
afterEach(async () => {
  await wazuh?.close();
  wazuh = undefined;
  tree.remove();
});

const at = (path: string): string => join(tree.root, path);
const text = (path: string): string => readFileSync(at(path), 'utf8');
const run = (command: string, ...args: readonly string[]): Promise<CommandResult> =>
  runCommand(['wazuh', command, '--root', tree.root, ...args]);

/** A tree with wazuh-analysisd's own protocols on its sockets: what is installed is read anew, and asked of logtest. */
async function running(options: WazuhTreeOptions = {}): Promise<void> {
  tree = createWazuhTree(options);
  wazuh = await openEmbeddedWazuh({ homeFolder: tree.home, controlSockets: true, archivesFile: false });
}

/** Every file below the root with its bytes, mode and owner; sockets and what the product itself keeps for its undo are left out. */
function snapshot(): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(tree.root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || path.includes('var/lib/k8s-audit') || /ossec\/logs|etc\/(passwd|group|shadow|gshadow|subuid|subgid)/.test(path))
      continue;
    const { mode, uid, gid } = statSync(path);
    files[path.slice(tree.root.length)] = `${mode.toString(8)} ${uid}:${gid} ${readFileSync(path).toString('base64')}`;
  }
  return files;
}

/** Files below /var/lib that hold a private key. */
function keyCopies(): readonly string[] {
  const files = readdirSync(at('var/lib'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => join(parentPath, name)).filter((path) => readFileSync(path, 'utf8').includes('PRIVATE KEY'));
}

const INSTALL = ['--host', '10.0.0.7', '--cluster', 'prod-eu', '--yes'];

describe('on a running manager', () => {
  it('installs certificates, configuration, service and rules, and proves them by a probe', async () => {
    await running();
    const { stdout, exitCode, failure } = await run('install', ...INSTALL);

    expect(failure).toBeUndefined();
    expect(exitCode).toBe(0);
    expect(stdout).toContain('rules: read anew without a restart');
    expect(stdout).toMatch(/probe: a created deployment raises rule 118\d{3}/);
    expect(statSync(at('var/ossec/etc/rules/k8s_audit_rules.xml'))).toMatchObject({ uid: 61_999, gid: 61_999 });
    expect(statSync(at('var/ossec/etc/rules/k8s_audit_rules.xml')).mode & 0o777).toBe(0o660);
    expect(statSync(at('var/ossec/integrations/kubernetes-webhook/receiver/server.key')).mode & 0o777).toBe(0o600);
    expect(text('etc/k8s-audit/receiver.yaml')).toContain('/var/ossec/integrations/kubernetes-webhook/receiver/server.key');
    expect((await run('status')).exitCode).toBe(0);
  });

  it.each([
    ['with --host', ['--cluster', 'prod-eu', '--host', '10.0.0.7']],
    ['with the host of a certificate that is there', ['--cluster', 'prod-eu']],
  ])('ends with lines that run as they are printed, %s', async (_what, args) => {
    await running();
    await run('install', '--host', '10.0.0.7', '--yes');
    const { stdout } = await run('install', ...args, '--yes');
    const lines = [...stdout.matchAll(/^ {2}k8s-audit (.*?) {3}# /gm)].map(([, line]) => (line ?? '').split(' '));

    expect(lines.map(([command]) => command)).toEqual(['bundle', 'wazuh']);
    for (const line of lines) expect(await runCommand(line, { cwd: tree.root })).toMatchObject({ exitCode: 0 });
    expect(text('prod-eu-bundle/README.md')).toContain('prod-eu');
  });

  it('gives every byte back, owner and mode included', async () => {
    await running();
    const before = snapshot();
    await run('install', ...INSTALL, '--archive', 'wazuh');
    expect(text('var/ossec/etc/ossec.conf')).toContain('<logall_json>yes</logall_json>');
    expect(text('etc/filebeat/filebeat.yml')).toMatch(/archives:\n {6}enabled: true/);
    const { exitCode, stdout } = await run('uninstall', '--yes');

    expect(stdout).not.toContain('left');
    expect(exitCode).toBe(0);
    expect(snapshot()).toEqual(before);
    expect(text('etc/passwd')).not.toContain('k8s-audit');
    expect((await run('uninstall', '--yes')).stdout).toContain('Nothing was installed here.');
  });

  it('leaves no copy of a private key where it keeps what an undo needs', async () => {
    await running();
    await run('install', ...INSTALL);
    await runCommand(['certs', 'rotate', '--dir', at('var/ossec/integrations/kubernetes-webhook'), '--receiver']);
    await run('uninstall', '--yes');
    expect(keyCopies()).toEqual([]);

    await run('install', ...INSTALL);
    await run('uninstall', '--yes');
    expect(keyCopies()).toEqual([]);
    expect(existsSync(at('var/lib/k8s-audit-install/0001/journal.jsonl'))).toBe(true);
  });

  it('takes only its own lines out of a file that others have edited since, and says which', async () => {
    await running();
    await run('install', ...INSTALL, '--archive', 'wazuh');
    const conf = at('var/ossec/etc/ossec.conf');
    writeFileSync(conf, readFileSync(conf, 'utf8').replace('<log_alert_level>3<', '<log_alert_level>5<'));
    const { stdout } = await run('uninstall', '--yes');

    expect(text('var/ossec/etc/ossec.conf')).toContain('<logall_json>no</logall_json>');
    expect(text('var/ossec/etc/ossec.conf')).toContain('<log_alert_level>5<');
    expect(stdout).toMatch(/own lines {3}.*ossec\.conf\n {4}taken out: <logall_json>yes/);
  });

  it('changes nothing a second time', async () => {
    await running();
    await run('install', ...INSTALL);
    const once = snapshot();
    const { stdout } = await run('install', ...INSTALL);

    expect(stdout).toContain('Every file is as it should be.');
    expect(snapshot()).toEqual(once);
  });

  it('writes nothing on a dry run, and shows files and commands', async () => {
    await running();
    const before = snapshot();
    const { stdout, exitCode } = await run('install', '--host', '10.0.0.7', '--dry-run', '--archive', 'wazuh');

    expect(exitCode).toBe(0);
    expect(stdout).toContain('-    <logall_json>no</logall_json>\n+    <logall_json>yes</logall_json>');
    expect(stdout).toMatch(/new: .*server\.key \(mode 600/);
    expect(stdout).not.toContain('PRIVATE KEY');
    expect(stdout).toContain('make the system user k8s-audit');
    expect(snapshot()).toEqual(before);
  });

  it('refuses ids that are taken before anything is written, and names free ones', async () => {
    await running({
      files: {
        'var/ossec/etc/rules/mine.xml': '<group name="a,"><rule id="118000" level="3"><description>x</description></rule></group>\n',
      },
    });
    const before = snapshot();
    const { failure } = await run('install', ...INSTALL);

    expect(failure).toMatchObject({
      code: 'RULE_ID_CLASH',
      message: expect.stringContaining('118000 in mine.xml:1'),
      hint: expect.stringContaining('--id-base 101000'),
    });
    expect(snapshot()).toEqual(before);
  });

  it('takes everything back when an event would raise no alert', async () => {
    // A level-0 rule of somebody's that sorts first and takes every event.
    await running({
      files: {
        'var/ossec/etc/rules/a_first.xml':
          '<group name="a,"><rule id="100900" level="0"><location>k8s</location><description>mute</description></rule></group>\n',
      },
    });
    const before = snapshot();
    const { failure } = await run('install', ...INSTALL);

    expect(failure).toMatchObject({ code: 'RULES_REFUSED', message: expect.stringContaining('raises no alert') });
    expect(snapshot()).toEqual(before);
  });
});

describe('after a kill half-way', () => {
  const interrupt = async (): Promise<Record<string, string>> => {
    await running();
    const before = snapshot();
    const options = {
      root: tree.root,
      packs: ['core' as const],
      hosts: ['10.0.0.7'],
      clusters: [],
      program: '/usr/bin/k8s-audit-receiver',
      nowMs: 0,
      env: {},
    };
    const { plan, files } = await prepareInstall(options);
    const store = await openChangeStore({ folder: at('var/lib/k8s-audit-install') });
    const change = await store.begin('install on Wazuh', files, { data: { actions: plan.after, edited: {} } });
    await change.apply();
    store.close();
    return before;
  };

  it('goes on or back, and begins nothing else before', async () => {
    const before = await interrupt();

    expect((await run('install', ...INSTALL)).failure).toMatchObject({ code: 'CHANGE_INTERRUPTED' });
    expect((await run('status')).stdout).toContain('INTERRUPTED: "install on Wazuh" (applied)');
    expect((await run('install', '--rollback')).stdout).toBe('rolled-back.\n');
    expect(snapshot()).toEqual(before);
    expect((await run('install', '--rollback')).stdout).toContain('No installation was interrupted here.');
    expect(keyCopies()).toEqual([]);
  });

  it('finishes with --resume, and can then be taken back whole', async () => {
    const before = await interrupt();

    expect((await run('install', '--resume')).stdout).toBe('finished.\n');
    expect((await run('status')).exitCode).toBe(0);
    await run('uninstall', '--yes');
    expect(snapshot()).toEqual(before);
  });
});

it('names a removal what it is: files that go, files that come back, files that stay', async () => {
  tree = createWazuhTree();
  const folder = at('var/ossec/integrations/kubernetes-webhook');
  await run('install', ...INSTALL, '--archive', 'wazuh');
  await runCommand(['certs', 'rotate', '--dir', folder, '--receiver']);
  const { stdout } = await run('uninstall', '--yes');

  expect(stdout).toContain(`\n  removed     ${at('etc/k8s-audit/receiver.yaml')}\n`);
  expect(stdout).toContain(`\n  as before   ${at('var/ossec/etc/ossec.conf')}\n`);
  expect(stdout).toContain(`\n  left as is  ${folder}/receiver/server.key\n`);
  expect(stdout).toContain('\nrules: wazuh-analysisd does not answer; it reads them when it starts\n');
  const rest = [...stdout.slice(stdout.lastIndexOf('Stays, because')).matchAll(/^ {2}rm (.*)$/gm)].map(([, path]) => path ?? '');
  expect(rest.toSorted()).toEqual([`${folder}/receiver/server.crt`, `${folder}/receiver/server.key`]);
  for (const path of rest) rmSync(path);
  expect(readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())).toEqual([]);
});

describe('certificates that are there already', () => {
  const FOLDER = 'var/ossec/integrations/kubernetes-webhook';
  const certificate = (name: string): X509Certificate => new X509Certificate(text(`${FOLDER}/${name}`));
  const rotate = (...args: readonly string[]): Promise<CommandResult> => runCommand(['certs', 'rotate', '--dir', at(FOLDER), ...args]);

  it('are made anew where a removal has left them and the new authority has not issued them', async () => {
    tree = createWazuhTree();
    await run('install', ...INSTALL);
    expect((await rotate('--receiver', '--cluster', 'prod-eu')).failure).toBeUndefined();
    await run('uninstall', '--yes');
    const { failure, stdout } = await run('install', '--cluster', 'prod-eu', '--yes');

    expect(failure).toBeUndefined();
    expect(stdout).toMatch(/server\.crt is left from before, and API servers could not trust it: the receiver gets another/);
    expect(stdout).toContain('cluster prod-eu gets another');
    for (const name of ['receiver/server.crt', 'clusters/prod-eu/audit-client.cert'])
      expect(certificate(name).verify(certificate('ca/ca.crt').publicKey), name).toBe(true);
    expect(certificate('receiver/server.crt').subjectAltName).toBe('IP Address:10.0.0.7');
    for (const name of ['receiver/ca.crt', 'clusters/prod-eu/audit-ca.cert'])
      expect(text(`${FOLDER}/${name}`)).toBe(text(`${FOLDER}/ca/ca.crt`));
  });

  it('are made anew where the key is another’s or missing, and completed where only the authority is missing', async () => {
    tree = createWazuhTree();
    await run('install', ...INSTALL);
    const first = text(`${FOLDER}/receiver/server.crt`);
    rmSync(at(`${FOLDER}/receiver/ca.crt`));
    await run('install', ...INSTALL);
    expect(text(`${FOLDER}/receiver/server.crt`)).toBe(first);
    expect(text(`${FOLDER}/receiver/ca.crt`)).toBe(text(`${FOLDER}/ca/ca.crt`));

    rmSync(at(`${FOLDER}/receiver/server.key`));
    await run('install', ...INSTALL);
    const second = text(`${FOLDER}/receiver/server.crt`);
    writeFileSync(at(`${FOLDER}/receiver/server.key`), text(`${FOLDER}/ca/ca.key`));
    await run('install', ...INSTALL);
    const third = text(`${FOLDER}/receiver/server.crt`);
    expect(new Set([first, second, third]).size).toBe(3);
    expect(certificate('receiver/server.crt').checkPrivateKey(createPrivateKey(text(`${FOLDER}/receiver/server.key`)))).toBe(true);
  });

  it.each(['begin', 'switch'])('stay as they are while the authority changes (%s)', async (last) => {
    tree = createWazuhTree();
    await run('install', ...INSTALL);
    for (const step of last === 'begin' ? ['begin'] : ['begin', 'switch'])
      expect((await rotate('--authority', step, ...(step === 'switch' ? ['--distributed'] : []))).failure).toBeUndefined();
    const before = snapshot();
    expect((await run('install', ...INSTALL)).stdout).toContain('Every file is as it should be.');
    expect(snapshot()).toEqual(before);
  });
});

it('leaves the rules to the master on a worker, and installs the receiver', async () => {
  tree = createWazuhTree({ node: 'worker' });
  const { stdout } = await run('install', ...INSTALL);

  expect(stdout).toContain('rules are installed on its master');
  expect(existsSync(at('var/ossec/etc/rules/k8s_audit_rules.xml'))).toBe(false);
  expect(existsSync(at('etc/k8s-audit/receiver.yaml'))).toBe(true);
});

it('carries events through the agent on an agent’s host', async () => {
  tree = createWazuhTree({ type: 'agent' });
  await run('install', ...INSTALL);

  expect(text('etc/k8s-audit/receiver.yaml')).toContain('transport: agent');
  expect(existsSync(at('var/ossec/etc/rules'))).toBe(true);
});

it('announces a restart where the manager cannot reload, and makes one only when told to', async () => {
  tree = createWazuhTree({ version: 'v4.3.10' });
  expect((await run('install', ...INSTALL)).stdout).toContain('after the next restart');
  expect(existsSync(at('var/ossec/logs/restarts.log'))).toBe(false);

  await run('uninstall', '--yes');
  const second = await run('install', ...INSTALL, '--restart');
  expect(second.failure).toBeUndefined();
  expect(second.stdout).toContain('in force after a restart of the manager');
  expect(text('var/ossec/logs/restarts.log')).toBe('restart\n');
});

it.each([
  ['no Wazuh', { files: {} }, [], 'WAZUH_MISSING', 'var/nothing'],
  ['a Wazuh that is too old', { version: 'v4.2.7' }, [], 'WAZUH_UNSUPPORTED', undefined],
  ['a Wazuh in a container', { container: 'docker' as const }, [], 'WAZUH_UNSUPPORTED', undefined],
  ['a retention without an archive', {}, ['--retention', '10'], 'USAGE', undefined],
  ['a retention that is none', {}, ['--archive', 'wazuh', '--retention', '0'], 'USAGE', undefined],
  ['a cluster that is no name', {}, ['--cluster', 'Prod EU'], 'CLUSTER_NAME_INVALID', undefined],
])('refuses %s', async (_what, options, args, code, home) => {
  tree = createWazuhTree(options);
  const before = snapshot();

  expect((await run('install', ...INSTALL, ...args, ...(home === undefined ? [] : ['--home', home]))).failure).toMatchObject({ code });
  expect(snapshot()).toEqual(before);
});
