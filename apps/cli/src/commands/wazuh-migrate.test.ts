import { X509Certificate } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { openEmbeddedWazuh } from '@k8s-audit/embedded-wazuh';
import { shapeGuideEvent } from '@k8s-audit/event-pipeline';
import { openChangeStore, planChanges, planUndo } from '@k8s-audit/host-files';
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
const PACKAGES = 'var/ossec/framework/python/lib/python3.9/site-packages';
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
    ['a day that is over', [...MIGRATE, '--migrate-until', '2026-11-25'], 'USAGE'],
    ['every address of IPv4', [...MIGRATE, '--migrate-from', '0.0.0.0/0'], 'USAGE'],
    ['every address of IPv6', [...MIGRATE, '--migrate-from', '::/0'], 'USAGE'],
  ])('is not taken over with %s', async (_what, args, code) => {
    expect((await run('install', ...args, '--yes')).failure).toMatchObject({ code });
  });

  it('may post without a certificate until the end of this very day', async () => {
    expect((await run('install', ...MIGRATE, '--migrate-until', '2026-11-26', '--dry-run')).failure).toBeUndefined();
  });
});

/** What the guide's receiver has sent, as Wazuh keeps it. */
function archive(...logs: readonly string[]): void {
  mkdirSync(at('var/ossec/logs/archives'), { recursive: true });
  put('var/ossec/logs/archives/archives.json', logs.map((log) => `${JSON.stringify({ full_log: log, location: 'k8s' })}\n`).join(''));
}

/** An audit event of the guide's sample, shaped as its receiver does it: Python's json.dumps. */
function sent(changes: Readonly<Record<string, unknown>>): string {
  const sample = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../fixtures/guide/sample-event.json'), 'utf8')) as {
    readonly items: readonly [Readonly<Record<string, unknown>>];
  };
  const item = Buffer.from(JSON.stringify({ ...sample.items[0], ...changes }));
  return shapeGuideEvent(item, { budgetBytes: 65_000 }).json;
}

describe('the second step', () => {
  beforeEach(async () => {
    wazuh = await openEmbeddedWazuh({ homeFolder: tree.home, controlSockets: true, archivesFile: false });
    await run('install', ...MIGRATE, '--yes');
  });

  it('lists first which alerts will carry another rule, by what was archived and then by the pack’s examples', async () => {
    const secrets = {
      requestURI: '/api/v1/namespaces/default/secrets',
      objectRef: { resource: 'secrets', namespace: 'default', name: 's', apiVersion: 'v1' },
    };
    archive(sent({}), sent({ auditID: '2' }), sent({ verb: 'get' }), sent(secrets), '{"kind": "EventList", broken');
    const { stdout, failure } = await run('install', '--migrate', '--rules', '--dry-run', '--output', 'json');

    expect(failure).toBeUndefined();
    const { forecast } = JSON.parse(stdout) as { readonly forecast: Readonly<Record<string, unknown>> };
    expect(forecast).toMatchObject({
      file: at('var/ossec/logs/archives/archives.json'),
      events: 4,
      // A get raises nothing, and the user's rule keeps its secrets.
      unchanged: 2,
      changes: [{ before: { rule: 110_003 }, after: { rule: 118_211, level: 5 }, events: 2 }],
      examples: expect.arrayContaining([
        { before: { kind: 'no-alert' }, after: expect.objectContaining({ rule: 118_101 }), events: expect.any(Number) },
        {
          before: expect.objectContaining({ rule: 110_004 }),
          after: expect.objectContaining({ rule: 118_213 }),
          events: expect.any(Number),
        },
      ]),
    });
    expect(readdirSync(at('var/ossec/etc/rules'))).toEqual(['local_rules.xml']);
  });

  it('says which rules end because they look into the guide’s shape of events', async () => {
    const rules = at('var/ossec/etc/rules/local_rules.xml');
    const looking =
      '<rule id="110101" level="9"><if_sid>110003</if_sid><field name="kind">^EventList$</field><description>mine</description></rule>';
    const quiet =
      '<rule id="110102" level="7"><if_sid>110002</if_sid><regex type="pcre2">"items": .*"verb": "get"</regex><description>read</description></rule>';
    writeFileSync(rules, `${readFileSync(rules, 'utf8')}<group name="x,">${looking}${quiet}</group>\n`);
    archive(sent({}), sent({ verb: 'get' }));
    const { stdout } = await run('install', '--migrate', '--rules', '--dry-run');

    expect(stdout).toMatch(/EVENTS {2}NOW .*\n1 +110102, level 7 +ENDS: no alert +read\n1 +110101, level 9 +118211, level 5 /);
    expect(stdout).toContain('WHAT ENDS: ');
  });

  it('loads the pack’s rules and sends the wire event; a probe raises one of them', async () => {
    const { stdout, failure } = await run('install', '--migrate', '--rules', '--yes');

    expect(failure).toBeUndefined();
    expect(stdout).toContain('No event of the guide’s receiver is in Wazuh’s archive or alerts');
    expect(stdout).not.toContain('Not among them');
    expect(stdout).toMatch(/EVENTS {2}NOW/);
    expect(stdout).toMatch(/probe: a created deployment raises rule 118211/);
    const { wazuh: way, migration } = parse(text('etc/k8s-audit/receiver.yaml')) as Readonly<Record<string, object>>;
    expect(way).not.toHaveProperty('wire');
    expect(migration).toMatchObject({ addresses: ['10.0.0.5'] });
    expect(readdirSync(at('var/ossec/etc/rules')).toSorted()).toEqual(['k8s_audit_rules.xml', 'local_rules.xml', 'zz_k8s_audit_end.xml']);
    expect((await run('install', '--migrate', '--rules', '--yes')).stdout).toContain('Every file is as it should be.');
  });
});

describe('the last step', () => {
  it('takes out the script, the unit and Flask with what came with it, and an uninstall gives all of it back', async () => {
    placeFlask();
    const before = snapshot();
    wazuh = await openEmbeddedWazuh({ homeFolder: tree.home, controlSockets: true, archivesFile: false });
    for (const step of [MIGRATE, ['--migrate', '--rules']]) expect((await run('install', ...step, '--yes')).failure).toBeUndefined();
    const { stdout, failure } = await run('install', '--migrate', '--remove-guide', '--yes');

    expect(failure).toBeUndefined();
    expect(stdout).toContain('in Wazuh’s Python: flask 3.1.3, werkzeug 3.1.9');
    expect(stdout).toContain('click stays in Wazuh’s Python: wazuh-tool needs it');
    expect(stdout).toMatch(/removed: 9 files of these packages/);
    for (const path of ['var/ossec/integrations/custom-webhook.py', 'lib/systemd/system/wazuh-webhook.service', `${PACKAGES}/flask`])
      expect(existsSync(at(path)), path).toBe(false);
    for (const path of [`${PACKAGES}/click/__init__.py`, `${PACKAGES}/jinja2/__init__.py`]) expect(existsSync(at(path)), path).toBe(true);

    expect((await run('uninstall', '--yes')).exitCode).toBe(0);
    expect(snapshot()).toEqual(before);
  });

  it('leaves Flask where something of Wazuh’s own needs it', async () => {
    placeFlask();
    distribution('connexion', '2.14.2', ['flask (>=1.0.4,<3)'], { 'connexion/__init__.py': '' });
    await run('install', ...MIGRATE, '--yes');
    const { stdout } = await run('install', '--migrate', '--remove-guide', '--yes');

    expect(stdout).toContain('flask stays in Wazuh’s Python: connexion needs it');
    expect(existsSync(at(`${PACKAGES}/flask/__init__.py`))).toBe(true);
    expect(existsSync(at('var/ossec/integrations/custom-webhook.py'))).toBe(false);
  });
});

it('each step names the next, up to the nodes of the cluster', async () => {
  wazuh = await openEmbeddedWazuh({ homeFolder: tree.home, controlSockets: true, archivesFile: false });
  const certificates = at('var/ossec/integrations/kubernetes-webhook');
  for (const [step, next] of [
    [MIGRATE, ['wazuh install --migrate --rules --dry-run --root']],
    [['--migrate', '--rules'], ['wazuh install --migrate --remove-guide --root']],
    [
      ['--migrate', '--remove-guide'],
      [`certs rotate --dir ${certificates} --receiver`, `bundle prod-eu --receiver 10.0.0.7 --certs ${certificates} --out prod-eu-bundle`],
    ],
  ] as const) {
    const { stdout } = await run('install', ...step, '--yes');
    for (const line of next) expect(stdout).toContain(`  k8s-audit ${line}`);
    expect(stdout).not.toContain('--cluster NAME');
  }
});

describe('a removal that was killed behind its files', () => {
  let [before, installed]: readonly Record<string, string>[] = [];
  beforeEach(async () => {
    before = snapshot();
    await run('install', ...MIGRATE, '--yes');
    installed = snapshot();
    const store = await openChangeStore({ folder: at('var/lib/k8s-audit-install') });
    const { wanted, record } = await planUndo(store.standing, () => undefined);
    const change = await store.begin('uninstall from Wazuh', await planChanges(wanted), {
      ...record,
      data: { actions: [], edited: {}, takesBack: true },
    });
    await change.apply();
    store.close();
    expect((await run('uninstall', '--yes')).failure).toMatchObject({ code: 'CHANGE_INTERRUPTED' });
  });

  it('goes on to the guide’s state', async () => {
    expect((await run('install', '--resume')).stdout).toBe('finished.\n');
    expect(snapshot()).toEqual(before);
    expect((await run('uninstall', '--yes')).stdout).toContain('Nothing was installed here.');
  });

  it('goes back to what was installed, which can be removed again', async () => {
    expect((await run('install', '--rollback')).stdout).toBe('rolled-back.\n');
    expect(snapshot()).toEqual(installed);
    await run('uninstall', '--yes');
    expect(snapshot()).toEqual(before);
  });
});

it('a renewal gives the receiver a certificate of the new authority, for the same address', async () => {
  await run('install', ...MIGRATE, '--yes');
  const folder = at('var/ossec/integrations/kubernetes-webhook');
  const { failure } = await runCommand(['certs', 'rotate', '--dir', folder, '--receiver'], { nowMs: NOW_MS });

  expect(failure).toBeUndefined();
  const [receiver, authority] = ['receiver/server.crt', 'ca/ca.crt'].map((name) => new X509Certificate(readFileSync(join(folder, name))));
  expect(receiver?.checkIssued(authority as X509Certificate)).toBe(true);
  expect(receiver?.subjectAltName).toBe('IP Address:10.0.0.7');
});

it('after a renewal and a removal it begins with the guide’s certificate again, and with an authority of its clients', async () => {
  const folder = 'var/ossec/integrations/kubernetes-webhook';
  await run('install', ...MIGRATE, '--yes');
  await runCommand(['certs', 'rotate', '--dir', at(folder), '--receiver'], { nowMs: NOW_MS });
  await run('uninstall', '--yes');
  expect((await run('install', ...MIGRATE, '--yes')).failure).toBeUndefined();

  for (const name of ['server.crt', 'server.key']) expect(text(`${folder}/receiver/${name}`)).toBe(text(`${folder}/${name}`));
  expect(text(`${folder}/receiver/ca.crt`)).toBe(text(`${folder}/ca/ca.crt`));
});

it('a renewed certificate stays when the take-over is widened', async () => {
  const renewed = 'var/ossec/integrations/kubernetes-webhook/receiver/server.crt';
  await run('install', ...MIGRATE, '--yes');
  await runCommand(['certs', 'rotate', '--dir', at('var/ossec/integrations/kubernetes-webhook'), '--receiver'], { nowMs: NOW_MS });
  const before = text(renewed);
  await run('install', '--migrate', '--migrate-from', '10.0.0.6', '--yes');

  expect(text(renewed)).toBe(before);
});

it('is not done from afar', async () => {
  expect((await run('install', '--migrate', '--remote', 'https://127.0.0.1:1')).failure).toMatchObject({ code: 'USAGE' });
});

it.each([
  ['--rules', ['--migrate', '--rules']],
  ['--remove-guide', ['--migrate', '--remove-guide']],
])('%s is refused before the first step', async (_what, args) => {
  expect((await run('install', ...args, '--yes')).failure).toMatchObject({ code: 'MIGRATION_NOT_BEGUN' });
});

it.each([['--rules'], ['--remove-guide'], ['--migrate-from', '10.0.0.5'], ['--migrate-until', '2027-01-31']])(
  '%s is refused without --migrate',
  async (...args) => {
    expect((await run('install', ...args, '--yes')).failure).toMatchObject({ code: 'USAGE' });
  },
);

/** A package as pip lays it, with a RECORD of its files. */
function distribution(
  name: string,
  version: string,
  requires: readonly string[],
  files: Readonly<Record<string, string>>,
  installedS = 1_000_000_000,
): void {
  const info = `${name}-${version}.dist-info`;
  const all: Readonly<Record<string, string>> = {
    ...files,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n${requires.map((each) => `Requires-Dist: ${each}\n`).join('')}\nRequires-Dist: text-of-its-page\n`,
    [`${info}/INSTALLER`]: 'pip\n',
  };
  const record = [...Object.keys(all), `${info}/RECORD`].map((path) => `${path},,\n`).join('');
  for (const [path, content] of Object.entries({ ...all, [`${info}/RECORD`]: record })) {
    mkdirSync(at(join(PACKAGES, path, '..')), { recursive: true });
    put(join(PACKAGES, path), content);
  }
  utimesSync(at(`${PACKAGES}/${info}/RECORD`), installedS, installedS);
}

/** `pip install flask` in Wazuh's Python: Flask, what came with it, what was there before, and what Wazuh's own packages need. */
function placeFlask(): void {
  const code = { 'flask/__init__.py': 'x', 'flask/__pycache__/__init__.cpython-39.pyc': 'x', '../../../bin/flask': '#!python\n' };
  distribution('Flask', '3.1.3', ['Werkzeug>=3.1.0', 'Jinja2>=3.1.2', 'click>=8.1.3', 'asgiref>=3.2 ; extra == "async"'], code);
  distribution('Werkzeug', '3.1.9', [], {});
  distribution('click', '8.5.1', [], { 'click/__init__.py': 'x' });
  distribution('jinja2', '3.0.0', [], { 'jinja2/__init__.py': 'x' }, 900_000_000);
  distribution('asgiref', '3.2', [], { 'asgiref/__init__.py': 'x' });
  distribution('wazuh_tool', '1.0', ['Click'], {}, 900_000_000);
}

function put(path: string, content: string): void {
  writeFileSync(at(path), content);
}

function remove(path: string): void {
  rmSync(at(path));
}
