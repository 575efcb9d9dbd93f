import { appendFileSync, chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createManagerBackend } from './wazuh-manager.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'wazuh-manager-'));
  for (const folder of ['bin', 'etc/rules', 'logs/alerts', 'logs/archives', 'queue/sockets'])
    mkdirSync(join(home, folder), { recursive: true });
  write('etc/ossec.conf', '<ossec_config>\n  <global>\n    <logall_json>yes</logall_json>\n  </global>\n</ossec_config>\n');
  control('touch "$home/queue/sockets/queue"');
  write('etc/rules/local_rules.xml', '<group name="mine,">\n</group>\n');
  write('logs/alerts/alerts.json', '{"rule":{"id":"1"}}\n');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const write = (place: string, text: string): void => writeFileSync(join(home, place), text);
const read = (place: string): string => readFileSync(join(home, place), 'utf8');
const rules = new Map([
  ['k8s_audit_rules.xml', '<group name="k8s_audit,"></group>\n'],
  ['local_rules.xml', '<group name="theirs,"></group>\n'],
]);

/** A wazuh-control that writes down how it was called, with the rules that stood there. */
function control(script: string): void {
  write('bin/wazuh-control', `#!/bin/sh\nhome=${home}\necho "$1: $(ls $home/etc/rules | tr '\\n' ' ')" >> "$home/calls"\n${script}\n`);
  chmodSync(join(home, 'bin/wazuh-control'), 0o755);
}

it('runs with our rules, reads what is new, and gives the manager back as it was', async () => {
  const backend = await createManagerBackend(home).start('unused', rules);
  expect(backend.socketPath).toBe(join(home, 'queue/sockets/queue'));
  expect(read('etc/rules/local_rules.xml')).toContain('theirs');
  appendFileSync(join(home, 'logs/alerts/alerts.json'), '{"rule":{"id":"118211"}}\n');
  expect(await backend.alerts()).toEqual([{ rule: { id: '118211' } }]);
  expect(await backend.archives()).toEqual([]);

  expect(await backend.stop()).toEqual([]);
  expect(readdirSync(join(home, 'etc/rules'))).toEqual(['local_rules.xml']);
  expect(read('etc/rules/local_rules.xml')).toBe('<group name="mine,">\n</group>\n');
  expect(read('calls')).toBe(
    'restart: k8s_audit_rules.xml local_rules.xml local_rules.xml.before-k8s-audit-e2e \nrestart: local_rules.xml \n',
  );
});

it('puts the rules back when the manager does not start with them', async () => {
  control('echo "rule 118211: bad" >&2; exit 1');

  await expect(createManagerBackend(home).start('unused', rules)).rejects.toMatchObject({
    code: 'WAZUH_UNUSABLE',
    message: expect.stringContaining('rule 118211: bad'),
  });
  expect(readdirSync(join(home, 'etc/rules'))).toEqual(['local_rules.xml']);
  expect(read('etc/rules/local_rules.xml')).toContain('mine');
});

it('does not overwrite what a killed run has set aside', async () => {
  write('etc/rules/local_rules.xml.before-k8s-audit-e2e', 'theirs');

  await expect(createManagerBackend(home).start('unused', rules)).rejects.toMatchObject({ code: 'WAZUH_UNUSABLE' });
  expect(read('etc/rules/local_rules.xml')).toContain('mine');
  expect(existsSync(join(home, 'etc/rules/k8s_audit_rules.xml'))).toBe(false);
});

it('complains when the manager does not come back', async () => {
  const backend = await createManagerBackend(home).start('unused', rules);
  control('exit 1');

  expect(await backend.stop()).toEqual([expect.stringContaining('did not come back')]);
});

it.each([
  ['no manager', () => rmSync(join(home, 'bin'), { recursive: true }), 'bin/wazuh-control'],
  ['one without an archive', () => write('etc/ossec.conf', '<logall_json>no</logall_json>'), 'archive'],
])('refuses %s', async (_what, spoil, part) => {
  spoil();

  await expect(createManagerBackend(home).check()).rejects.toMatchObject({
    code: 'WAZUH_UNUSABLE',
    message: expect.stringContaining(part),
  });
});

it('takes a manager that can be used', async () => {
  await expect(createManagerBackend(home).check()).resolves.toBeUndefined();
});
