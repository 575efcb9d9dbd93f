import { chmodSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { openEmbeddedWazuh } from '@k8s-audit/embedded-wazuh';
import { createWazuhTree, placeGuide, type WazuhTree } from '@k8s-audit/wazuh-server/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

let tree: WazuhTree;
let wazuh: Awaited<ReturnType<typeof openEmbeddedWazuh>> | undefined;
beforeEach(async () => {
  tree = createWazuhTree();
  await placeGuide(tree.root, { host: '10.0.0.7', port: 8080 });
});
afterEach(async () => {
  await wazuh?.close();
  wazuh = undefined;
  tree.remove();
});

const NOW_MS = Date.parse('2026-11-26T08:00:00Z');
const at = (path: string): string => join(tree.root, path);
const text = (path: string): string => readFileSync(at(path), 'utf8');
const run = (command: string, ...args: readonly string[]): Promise<CommandResult> =>
  runCommand(['wazuh', command, '--root', tree.root, ...args], { nowMs: NOW_MS });
const MIGRATE = ['--migrate', '--cluster', 'prod-eu', '--migrate-from', '10.0.0.5'];

/** Every file and link below the root with its bytes, mode and owner, and every folder; what the product keeps for its undo is left out. */
function snapshot(): Record<string, string> {
  const all: Record<string, string> = {};
  for (const entry of readdirSync(tree.root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (path.includes('var/lib') || /ossec\/logs|etc\/(passwd|group|shadow|gshadow|subuid|subgid)/.test(path)) continue;
    if (entry.isSymbolicLink()) all[path] = readlinkSync(path);
    else if (entry.isFile() || entry.isDirectory()) {
      const { mode, uid, gid } = statSync(path);
      all[path] = `${mode.toString(8)} ${uid}:${gid} ${entry.isFile() ? readFileSync(path).toString('base64') : ''}`;
    }
  }
  return all;
}

describe('the set-up of the guide', () => {
  it('is recognised part by part, shown with the diff, and left alone on a dry run', async () => {
    const before = snapshot();
    const { stdout, exitCode, failure } = await run('install', ...MIGRATE, '--dry-run');

    expect(failure).toBeUndefined();
    expect(exitCode).toBe(0);
    expect(stdout).toContain('wazuh-webhook.service runs');
    expect(stdout).toContain('port         8080, at 10.0.0.7');
    expect(stdout).toContain(
      'rules        110002 in local_rules.xml, 110003 in local_rules.xml, 110004 in local_rules.xml\n    below them 110100 in local_rules.xml',
    );
    expect(stdout).toContain('archive      logall_json yes, Filebeat’s archives on');
    expect(stdout).toContain('+  wire: guide');
    expect(stdout).toContain('+ListenStream=10.0.0.7:8080');
    expect(stdout).toContain('until 2027-02-24 these may post without a certificate, as cluster prod-eu: 10.0.0.5');
    expect(stdout).not.toContain('PRIVATE KEY');
    expect(snapshot()).toEqual(before);
  });

  it('is the same as data', async () => {
    const { stdout } = await run('install', ...MIGRATE, '--dry-run', '--output', 'json');

    expect(JSON.parse(stdout)).toMatchObject({ found: expect.arrayContaining([expect.stringContaining('8080')]) });
  });

  it('gets a receiver with its port, certificate and clients, which sends what it sent; its rules stay', async () => {
    const rules = text('var/ossec/etc/rules/local_rules.xml');
    const { failure, stdout } = await run('install', ...MIGRATE, '--migrate-until', '2027-01-31', '--yes');

    expect(failure).toBeUndefined();
    expect(stdout).toContain('probe: not asked, the rules are as they were');
    expect(parse(text('etc/k8s-audit/receiver.yaml'))).toMatchObject({
      listen: { address: '10.0.0.7', port: 8080 },
      migration: { addresses: ['10.0.0.5'], cluster: 'prod-eu', until: '2027-01-31' },
      wazuh: { wire: 'guide', namedLocation: false, socket: '/var/ossec/queue/sockets/queue' },
    });
    const certificates = 'var/ossec/integrations/kubernetes-webhook';
    for (const name of ['server.crt', 'server.key']) expect(text(`${certificates}/receiver/${name}`)).toBe(text(`${certificates}/${name}`));
    expect(text('etc/systemd/system/k8s-audit-receiver.socket')).toContain('ListenStream=10.0.0.7:8080\nFreeBind=yes\n');
    expect(text('var/ossec/etc/rules/local_rules.xml')).toBe(rules);
    expect(readdirSync(at('var/ossec/etc/rules'))).toEqual(['local_rules.xml']);
  });

  it('is given back, byte for byte, with owners, modes and folders', async () => {
    const before = snapshot();
    await run('install', ...MIGRATE, '--yes');
    const { stdout, exitCode } = await run('uninstall', '--yes');

    expect(stdout).not.toContain('left');
    expect(exitCode).toBe(0);
    expect(snapshot()).toEqual(before);
  });

  it('takes in further API servers later, and an installation beside keeps to what was decided', async () => {
    await run('install', ...MIGRATE, '--yes');
    await run('install', '--migrate', '--migrate-from', '10.0.0.6', '--yes');
    const migrated = text('etc/k8s-audit/receiver.yaml');
    expect(parse(migrated)).toMatchObject({ migration: { addresses: ['10.0.0.5', '10.0.0.6'], cluster: 'prod-eu', until: '2027-02-24' } });

    const { failure } = await run('install', '--cluster', 'staging', '--yes');
    expect(failure).toBeUndefined();
    expect(text('etc/k8s-audit/receiver.yaml')).toBe(migrated);
    expect(readdirSync(at('var/ossec/integrations/kubernetes-webhook/clusters'))).toEqual(['prod-eu', 'staging']);
    expect(readdirSync(at('var/ossec/etc/rules'))).toEqual(['local_rules.xml']);
  });

  it('keeps the installation without --migrate from taking its port', async () => {
    const before = snapshot();
    const { failure } = await run('install', '--host', '10.0.0.7', '--yes');

    expect(failure).toMatchObject({ code: 'GUIDE_IN_PLACE', hint: expect.stringContaining('--migrate') });
    expect(snapshot()).toEqual(before);
  });

  it('is refused where the receiver’s certificate lies in a place that is not the guide’s, and works: the script says where', async () => {
    mkdirSync(at('etc/pki'));
    for (const name of ['server.crt', 'server.key']) {
      writeFileSync(at(`etc/pki/${name}`), text(`var/ossec/integrations/kubernetes-webhook/${name}`));
      chmodSync(at(`etc/pki/${name}`), 0o600);
    }
    const script = at('var/ossec/integrations/custom-webhook.py');
    writeFileSync(script, readFileSync(script, 'utf8').replaceAll('/var/ossec/integrations/kubernetes-webhook/', '/etc/pki/'));

    expect((await run('install', ...MIGRATE, '--dry-run')).stdout).toContain('certificate  /etc/pki/server.crt, ends');
  });

  it.each([
    ['without its unit', (): void => remove('lib/systemd/system/wazuh-webhook.service'), 'GUIDE_NOT_FOUND'],
    [
      'with a unit that runs something else',
      (): void => put('lib/systemd/system/wazuh-webhook.service', '[Service]\nExecStart=/bin/true\n'),
      'GUIDE_NOT_FOUND',
    ],
    ['without its script', (): void => remove('var/ossec/integrations/custom-webhook.py'), 'GUIDE_NOT_FOUND'],
    ['without its key', (): void => remove('var/ossec/integrations/kubernetes-webhook/server.key'), 'GUIDE_NOT_FOUND'],
    [
      'with the key of another certificate',
      (): void => put('var/ossec/integrations/kubernetes-webhook/server.key', text('var/ossec/integrations/kubernetes-webhook/rootCA.key')),
      'GUIDE_NOT_FOUND',
    ],
    ['with an empty certificate', (): void => put('var/ossec/integrations/kubernetes-webhook/server.crt', ''), 'CERT_UNREADABLE'],
    [
      'with a script that somebody has added to',
      (): void =>
        put(
          'var/ossec/integrations/custom-webhook.py',
          text('var/ossec/integrations/custom-webhook.py').replace('    return True', '    notify(msg)\n    return True'),
        ),
      'GUIDE_CHANGED',
    ],
  ])('is not taken over %s', async (_what, change, code) => {
    change();
    const before = snapshot();

    expect((await run('install', ...MIGRATE, '--yes')).failure).toMatchObject({ code });
    expect(snapshot()).toEqual(before);
  });

  it.each([
    ['no cluster', ['--migrate', '--migrate-from', '10.0.0.5'], 'USAGE'],
    ['two clusters', [...MIGRATE, '--cluster', 'other'], 'USAGE'],
    ['no API server known', ['--migrate', '--cluster', 'prod-eu'], 'MIGRATION_CLIENTS_UNKNOWN'],
    ['no address', [...MIGRATE, '--migrate-from', 'control-plane'], 'USAGE'],
    ['no day', [...MIGRATE, '--migrate-until', 'tomorrow'], 'USAGE'],
    ['no day of the calendar', [...MIGRATE, '--migrate-until', '2027-13-01'], 'USAGE'],
  ])('is not taken over with %s', async (_what, args, code) => {
    expect((await run('install', ...args, '--yes')).failure).toMatchObject({ code });
  });
});

function put(path: string, content: string): void {
  writeFileSync(at(path), content);
}

function remove(path: string): void {
  rmSync(at(path));
}
