import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CORE_DETECTIONS } from '@k8s-audit/detections';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditEvent, LOCAL_RULES } from '../testing/audit-event.ts';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'rules-test-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const run = (args: string, stdin?: string): Promise<CommandResult> =>
  runCommand(['rules', 'test', ...args.split(' ').filter((arg) => arg !== '')], { cwd, ...(stdin === undefined ? {} : { stdin }) });
const write = (name: string, text: string | Uint8Array): void => writeFileSync(join(cwd, name), text);
const lines = (...values: readonly unknown[]): string =>
  values.map((value) => `${typeof value === 'string' ? value : JSON.stringify(value)}\n`).join('');

describe('rules test of the packs', () => {
  it('runs every example of every pack', async () => {
    const { stdout, exitCode } = await run('-o json');
    const result = JSON.parse(stdout);
    const core = CORE_DETECTIONS.reduce((count, { examples }) => count + examples.length, 0);
    expect(result).toMatchObject({ passed: result.events.length, failed: 0, undecided: {}, refused: 0 });
    expect(result.events.length).toBeGreaterThan(core);
    expect(new Set(result.events.map(({ name }: { name: string }) => name.split(':')[0]))).toEqual(
      new Set([...CORE_DETECTIONS.map(({ slug }) => slug), '110003', '110004']),
    );
    expect(exitCode).toBe(0);
  });

  it('tells which detection a rule of one’s own silences, and by which rule', async () => {
    write(
      'local_rules.xml',
      '<group name="l,"><rule id="119001" level="0"><if_sid>118101</if_sid><description>quiet</description></rule></group>',
    );
    const { stdout, exitCode } = await run('--rules local_rules.xml');
    expect(stdout).toContain('FAIL  exec-into-pod');
    expect(stdout).toContain(
      'exec-into-pod: an exec over websocket begins\n  rule: expected 118101, got 119001\n  alerted: expected true, got false',
    );
    expect(stdout).toMatch(/5 failed\.\n$/);
    expect(exitCode).toBe(1);
  });

  it('lets no rule that counts count the examples together', async () => {
    write('local_rules.xml', LOCAL_RULES.replaceAll('119001', '118101').replace(/<rule id="118101".*?<\/rule>/s, ''));
    expect(await run('--rules local_rules.xml')).toMatchObject({ exitCode: 0 });
  });
});

describe('rules test of events', () => {
  beforeEach(() => write('local_rules.xml', LOCAL_RULES));

  it('puts audit events through the wire format, and leaves log lines as they are', async () => {
    write(
      'audit.log',
      lines(
        auditEvent(),
        { kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items: [auditEvent(), auditEvent({ verb: 'x' })] },
        'a plain line',
      ),
    );
    const { stdout, exitCode } = await run('--rules local_rules.xml --events audit.log');
    expect(stdout).toBe(
      [
        'EVENT           RULE    LEVEL  ALERT  DESCRIPTION',
        'audit.log:1     119001  12     yes    Somebody works inside payments: alice',
        'audit.log:2[0]  119001  12     yes    Somebody works inside payments: alice',
        'audit.log:2[1]  119002  10     yes    Three sessions in payments',
        'audit.log:3     -       -      no     no decoder takes it: it has no fields',
        '',
        '4 events, 3 alerts; nothing was expected.',
        '',
      ].join('\n'),
    );
    expect(exitCode).toBe(0);
  });

  it('takes what stands in a list’s items, a wire event, one document over several lines, a packed file and the standard input', async () => {
    const { kind: _kind, apiVersion: _version, ...item } = auditEvent();
    write('item.jsonl', lines(item));
    write(
      'wire.jsonl',
      lines({
        apiVersion: 'audit.k8s.io/v1',
        kind: 'Event',
        k8s: { schema: '1', action: 'exec pods', stage: 'ResponseStarted', outcome: 'allowed', excepted: '-' },
      }),
    );
    write('pretty.json', JSON.stringify([auditEvent(), auditEvent()], null, 2));
    write('packed.jsonl.gz', gzipSync(lines(auditEvent())));
    const rulesIn = async (args: string, stdin?: string): Promise<unknown> =>
      JSON.parse((await run(`${args} -o json`, stdin)).stdout).events.map(
        (event: { verdict: { rule: { id: number } } }) => event.verdict.rule.id,
      );
    expect(await rulesIn('--events item.jsonl')).toEqual([118_101]);
    expect(await rulesIn('--events wire.jsonl')).toEqual([118_101]);
    expect(await rulesIn('--events pretty.json')).toEqual([118_101, 118_101]);
    expect(await rulesIn('--events packed.jsonl.gz item.jsonl')).toEqual([118_101, 118_101]);
    expect(await rulesIn('--events -', lines(auditEvent()))).toEqual([118_101]);
  });

  it('sends what the guide’s script sends, or nothing but what is given', async () => {
    write('audit.log', lines(auditEvent({ verb: 'delete' })));
    expect((await run('--pack guide --wire guide --events audit.log')).stdout).toContain('110004');
    expect((await run('--wire raw --events audit.log')).stdout).toContain('no rule matches');
    write(
      'any.xml',
      '<group name="a,"><rule id="100100" level="3"><location>^/var/log/x$</location><match>plain</match><description>any</description></rule></group>',
    );
    write('plain.log', 'a plain line\n');
    expect((await run('--pack none --rules any.xml --events plain.log --location /var/log/x')).stdout).toContain('100100');
  });

  it('holds events to what is expected of them', async () => {
    write(
      'cases.jsonl',
      lines(
        {
          name: 'payments',
          event: auditEvent(),
          expect: {
            rule: 119_001,
            level: 12,
            alerted: true,
            groups: ['local'],
            decoder: 'json',
            description: 'Somebody works inside payments: alice',
          },
        },
        { event: auditEvent({ objectRef: { resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'a' } }), expect: 118_101 },
        { event: auditEvent({ stage: 'RequestReceived' }), expect: 'no-alert' },
        { event: 'plain', location: '/var/log/x', expect: 'none' },
        { event: auditEvent(), expect: { not: [118_101, 118_102] } },
      ),
    );
    const { stdout, exitCode } = await run('--rules local_rules.xml --events cases.jsonl');
    expect(stdout).toContain('ok  payments ');
    expect(stdout).toContain('No event ends at 119002 (local_rules.xml:7).\n5 events, 3 alerts; 5 passed, 0 failed.');
    expect(exitCode).toBe(0);
  });

  it('says what differs, and ends with 1', async () => {
    write(
      'cases.yaml',
      `cases:\n- event: ${JSON.stringify(auditEvent())}\n  expect: {rule: 118101, level: 8, alerted: false, groups: [x]}\n- event: plain\n  expect: 5\n`,
    );
    const { stdout, exitCode } = await run('--rules local_rules.xml --events cases.yaml');
    expect(stdout).toContain(
      'cases.yaml[0]\n  rule: expected 118101, got 119001\n  level: expected 8, got 12\n  alerted: expected false, got true\n  groups: x not among local\n',
    );
    expect(stdout).toContain('cases.yaml[1]\n  rule: expected 5, got none\n');
    expect(stdout).toContain('0 passed, 2 failed.');
    expect(exitCode).toBe(1);
  });

  it('counts by the events’ own time, or by that of the cases', async () => {
    const at = (second: number): unknown =>
      auditEvent({ stageTimestamp: `2026-11-23T15:1${Math.floor(second / 60)}:${String(second % 60).padStart(2, '0')}.000000Z` });
    const ids = async (): Promise<unknown> =>
      JSON.parse((await run('--rules local_rules.xml --events e.jsonl -o json')).stdout).events.map(
        (event: { verdict: { rule: { id: number } } }) => event.verdict.rule.id,
      );
    write('e.jsonl', lines(at(0), at(30), at(60)));
    expect(await ids()).toEqual([119_001, 119_001, 119_002]);
    write('e.jsonl', lines(at(0), at(31), at(91)));
    expect(await ids()).toEqual([119_001, 119_001, 119_001]);
    write('e.jsonl', lines(at(0), at(0), { event: at(0), after: 61, expect: 119_001 }));
    expect(await ids()).toEqual([119_001, 119_001, 119_001]);
  });

  it('writes cases that hold as long as nothing changes, without credentials', async () => {
    const secret = auditEvent({
      verb: 'create',
      level: 'RequestResponse',
      requestURI: '/api/v1/namespaces/a/secrets',
      objectRef: { resource: 'secrets', namespace: 'a', name: 's', apiVersion: 'v1' },
      requestObject: { kind: 'Secret', apiVersion: 'v1', data: { password: 'aHVudGVyMg==' } },
    });
    write('audit.log', lines(auditEvent(), secret, 'a plain line'));
    const { stdout } = await run('--rules local_rules.xml --events audit.log --as-cases');
    expect(stdout).not.toContain('aHVudGVyMg==');
    write('cases.jsonl', stdout);
    expect(await run('--rules local_rules.xml --events cases.jsonl')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('3 passed, 0 failed.'),
    });
    write('local_rules.xml', LOCAL_RULES.replace('level="12"', 'level="11"'));
    expect(await run('--rules local_rules.xml --events cases.jsonl')).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('level: expected 12, got 11'),
    });
  });

  it('has lists, and names them as Wazuh does', async () => {
    mkdirSync(join(cwd, 'lists'));
    write('lists/k8s-admins', 'alice:\n');
    write(
      'list_rules.xml',
      '<group name="l,"><rule id="119003" level="4"><if_sid>118101</if_sid><list field="k8s.user.username">etc/lists/k8s-admins</list><description>admin</description></rule></group>',
    );
    write('audit.log', lines(auditEvent()));
    expect((await run('--rules list_rules.xml --lists lists --events audit.log')).stdout).toContain('119003');
    const without = await run('--rules list_rules.xml --events audit.log');
    expect(without.stderr).toContain('Wazuh drops the rule');
    expect(without.stdout).toContain('118101');
  });

  it('never takes what it cannot tell for a success', async () => {
    write(
      'slow.xml',
      '<group name="s,"><rule id="100100" level="3"><field name="a" type="pcre2">(?>a+)+b$</field><description>slow</description></rule></group>',
    );
    write('e.jsonl', lines({ a: `${'a'.repeat(60_000)}bc` }));
    const { stdout, exitCode } = await run('--pack none --rules slow.xml --events e.jsonl');
    expect(stdout).toContain('undecided: the steps granted for one event ended');
    expect(stdout).toContain('Undecided, the engine cannot tell what Wazuh would do: rule 100100: 1.');
    expect(exitCode).toBe(1);
  });

  it('tells of events that would not be sent', async () => {
    write('audit.log', lines(auditEvent({ auditID: '' })));
    expect(await run('--events audit.log')).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('quarantine') });
  });
});

describe('rules test used wrongly', () => {
  it.each([
    ['--events nope.jsonl', 1, 'FILE_MISSING'],
    ['--events empty.jsonl', 1, 'RULES_EVENT_UNUSABLE'],
    ['--events broken.yaml', 1, 'RULES_EVENT_UNUSABLE'],
    ['--events text.jsonl.gz', 1, 'FILE_UNREADABLE'],
    ['--events unknown-key.jsonl', 1, 'RULE_CASE_INVALID'],
    ['--events wrong-value.jsonl', 1, 'RULE_CASE_INVALID'],
    ['--events two-for-one.jsonl', 1, 'RULE_CASE_INVALID'],
    ['--rules broken.xml', 1, 'RULES_REFUSED'],
    ['--rules nope.xml', 1, 'FILE_MISSING'],
    ['--lists nope', 1, 'FILE_MISSING'],
    ['--pack none', 2, 'USAGE'],
    ['--as-cases', 2, 'USAGE'],
    ['--pack nope', 2, undefined],
    ['--cluster UPPER --events one.jsonl', 2, 'CLUSTER_NAME_INVALID'],
  ])('%s ends with %i', async (args, exitCode, code) => {
    write('empty.jsonl', '\n\n');
    write('broken.yaml', '- event: [');
    write('text.jsonl.gz', 'no gzip');
    write('unknown-key.jsonl', lines({ event: 'x', expect: { rul: 5 } }));
    write('wrong-value.jsonl', lines({ event: 'x', expect: { level: 'high' } }));
    write('two-for-one.jsonl', lines({ event: 'x', expect: [5, 6] }));
    write('broken.xml', '<group name="a,"><rule id="1" level="99"></rule></group>');
    write('one.jsonl', lines(auditEvent()));
    const result = await run(args);
    expect([result.exitCode, result.failure?.code]).toEqual([exitCode, code]);
  });
});
