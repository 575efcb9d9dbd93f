import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedWazuh } from '@k8s-audit/embedded-wazuh';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditEvent, LOCAL_RULES } from '../testing/audit-event.ts';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'logtest-'));
  writeFileSync(join(cwd, 'local_rules.xml'), LOCAL_RULES);
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const run = (args: string, ...lines: readonly unknown[]): Promise<CommandResult> =>
  runCommand(['rules', 'logtest', ...args.split(' ').filter((arg) => arg !== '')], {
    cwd,
    stdin: lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
  });

const ANY = '<group name="a,"><rule id="100100" level="3"><match>failed</match><description>It failed: $(why)</description></rule></group>';

describe('rules logtest', () => {
  it('prints the phases as wazuh-logtest does', async () => {
    writeFileSync(join(cwd, 'any.xml'), ANY);
    const { stdout, exitCode } = await run('--pack none --rules any.xml', { why: 'it failed', n: { list: ['a', 1], yes: true }, a: null });
    expect(stdout).toBe(
      [
        'Starting k8s-audit logtest',
        'Type one log per line',
        '',
        '',
        '**Phase 1: Completed pre-decoding.',
        `\tfull event: '{"why":"it failed","n":{"list":["a",1],"yes":true},"a":null}'`,
        '',
        '**Phase 2: Completed decoding.',
        "\tname: 'json'",
        "\ta: 'null'",
        "\tn.list: '['a', 1]'",
        "\tn.yes: 'true'",
        "\twhy: 'it failed'",
        '',
        '**Phase 3: Completed filtering (rules).',
        "\tid: '100100'",
        "\tlevel: '3'",
        "\tdescription: 'It failed: it failed'",
        "\tgroups: '['a']'",
        "\tfiredtimes: '1'",
        "\tmail: 'False'",
        '**Alert to be generated.',
        '',
        '',
      ].join('\n'),
    );
    expect(exitCode).toBe(0);
  });

  it('shows a header, that no decoder takes a line, and a rule of level 0', async () => {
    writeFileSync(join(cwd, 'any.xml'), ANY.replace('level="3"', 'level="0"'));
    const { stdout } = await run('--pack none --rules any.xml -l /var/log/auth.log', 'Nov 26 05:00:00 host sshd[1]: failed');
    expect(stdout).toContain("\ttimestamp: 'Nov 26 05:00:00'\n\thostname: 'host'\n\tprogram_name: 'sshd'");
    expect(stdout).toContain('\tNo decoder matched.');
    expect(stdout).toContain("\tlevel: '0'");
    expect(stdout).not.toContain('**Alert to be generated.');
  });

  it('keeps one session for all lines, and passes over empty ones', async () => {
    const { stdout } = await run('--rules local_rules.xml', auditEvent(), '', auditEvent(), auditEvent());
    expect([...stdout.matchAll(/\tid: '(\d+)'/g)].map(([, id]) => id)).toEqual(['119001', '119001', '119002']);
  });

  it('shows which rules were tried', async () => {
    const { stdout } = await run('--rules local_rules.xml -v', auditEvent());
    expect(stdout).toContain('**Rule debugging:\n\tTrying rule: 1 - Generic template for all syslog rules.\n\t\t*Rule 1 matched\n');
    expect(stdout).toContain('\t\t*Rule 119001 matched');
  });

  it('is a unit test of the last event', async () => {
    const good = await run('--rules local_rules.xml -U 119001:12:json', 'a plain line', auditEvent());
    expect(good.stdout).toContain("Unit test FAIL. Expected ['119001', '12', 'json'] , Result ['', '', '']");
    expect(good.stdout).toMatch(/Unit test OK\n\n$/);
    expect(good.exitCode).toBe(0);
    expect(await run('-q -U 118101:8:json', auditEvent())).toMatchObject({ exitCode: 0, stdout: '' });
    expect(await run('-q -U 118102:8:json', auditEvent())).toMatchObject({ exitCode: 1, stdout: '' });
    expect(await run('-q -U ::', 'a plain line')).toMatchObject({ exitCode: 0 });
    expect(await run('-q -U 118101:8:json')).toMatchObject({ exitCode: 1 });
    expect(await run('-U 118101:8', auditEvent())).toMatchObject({ exitCode: 2, failure: { code: 'USAGE' } });
  });

  it('says what it cannot do, and goes on', async () => {
    const { stdout, stderr } = await run('--wire raw', `{"a":"${'x'.repeat(66_000)}"}`, 'a plain line');
    expect(stderr).toContain('** Wazuh-logtest error 5: (7315)');
    expect(stdout).toContain("full event: 'a plain line'");
    expect((await run('', auditEvent({ auditID: '' }))).stderr).toContain('** Not sent: ');
    writeFileSync(
      join(cwd, 'slow.xml'),
      '<group name="s,"><rule id="100100" level="3"><field name="a" type="pcre2">(?>a+)+b$</field><description>slow</description></rule></group>',
    );
    expect((await run('--pack none --rules slow.xml', { a: `${'a'.repeat(60_000)}bc` })).stderr).toMatch(
      /error -1: .*\(7312\).*rule 100100/s,
    );
  });

  it('lets no value move the cursor of a terminal', async () => {
    expect((await run('', `{"a":"\u001b[2J"}`)).stdout).not.toContain('\u001b');
  });

  it('asks a socket instead: that of the embedded back end, as of a Wazuh server', async () => {
    const home = join(cwd, 'ossec');
    mkdirSync(join(home, 'etc/rules'), { recursive: true });
    writeFileSync(join(home, 'etc/rules/local_rules.xml'), ANY);
    const wazuh = await openEmbeddedWazuh({ homeFolder: home, managerName: 'manager' });
    try {
      const { stdout, exitCode } = await run(`--socket ${wazuh.home.logtestSocket} -U 100100:3:json`, { why: 'it failed' });
      expect(stdout).toContain("description: 'It failed: it failed'");
      expect(exitCode).toBe(0);
    } finally {
      await wazuh.close();
    }
    expect(await run(`--socket ${wazuh.home.logtestSocket}`, 'x')).toMatchObject({ exitCode: 1, failure: { code: 'LOGTEST_UNREACHABLE' } });
  });
});
