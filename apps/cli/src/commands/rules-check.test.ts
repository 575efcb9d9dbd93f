import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderPack } from '@k8s-audit/detections';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'rules-check-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const run = (args: string): Promise<CommandResult> => runCommand(['rules', 'check', ...args.split(' ')], { cwd });
const write = (name: string, text: string): void => writeFileSync(join(cwd, name), text);
const rule = (id: number, inside: string): string =>
  `<group name="local,">\n  <rule id="${id}" level="3">${inside}<description>d</description></rule>\n</group>\n`;

describe('rules check', () => {
  it('passes the packs that we ship', async () => {
    for (const pack of ['core', 'guide'] as const) for (const [name, text] of renderPack(pack)) write(name, text);
    const result = await run('. --strict');
    expect(result.stdout).toMatch(/^wazuh-analysisd would start with \d+ rules in 3 files: no problems\.\n$/);
    expect(result.exitCode).toBe(0);
  });

  it('points at what Wazuh drops, with its number and what to do', async () => {
    write('local_rules.xml', rule(119_000, '<if_sid>119999</if_sid>'));
    const { stdout, exitCode } = await run('local_rules.xml');
    expect(exitCode).toBe(1);
    expect(stdout).toContain("local_rules.xml:2:31: drops the rule: Signature ID '119999' was not found");
    expect(stdout).toContain('  <rule id="119000" level="3"><if_sid>119999</if_sid>');
    expect(stdout).toContain(`\n  ${' '.repeat(30)}^\n`);
    expect(stdout).toContain('(Wazuh 7619)');
    expect(stdout).toContain('  try: ');
    expect(stdout).toContain('wazuh-analysisd would start with 0 rules in 1 file: 2 × drops the rule.');
  });

  it('fails on what Wazuh passes over in silence', async () => {
    write('local_rules.xml', rule(119_000, '<match TYPE="pcre2">a</match><group>tsc_cc7.2,</group>'));
    const { stdout, exitCode } = await run('local_rules.xml');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('(ignored-attribute, Wazuh says nothing)');
    expect(stdout).toContain('try: Write tsc_CC7.2.');
  });

  it('compiles patterns as Wazuh does', async () => {
    write('local_rules.xml', rule(119_000, '<field name="a" type="pcre2">(x</field>'));
    const { stdout, exitCode } = await run('local_rules.xml');
    expect(exitCode).toBe(1);
    expect(stdout).toContain("refuses to start: Syntax error on tag 'a' in rule 119000 (Wazuh 5107)");
    expect(stdout).toContain('wazuh-analysisd would not start: 1 × refuses to start.');
  });

  it('tells everything at once, and what Wazuh would not come to yet', async () => {
    write('local_rules.xml', rule(119_000, '<foo>x</foo>') + rule(119_001, '<bar>x</bar>'));
    const { stdout } = await run('local_rules.xml');
    expect(stdout).toContain("Invalid option 'foo' for rule '119000'. (unknown-element)");
    expect(stdout).toContain(
      "Invalid option 'bar' for rule '119001'. (unknown-element; Wazuh comes to it when what stands before is mended)",
    );
  });

  it('tells the problems in the order of the file', async () => {
    write('local_rules.xml', rule(119_000, '<if_sid>5716,</if_sid><group>tsc_cc7.2,</group>') + rule(119_001, '<match>a&amp;b</match>'));
    const { stdout } = await run('local_rules.xml');
    expect([...stdout.matchAll(/^local_rules\.xml:(\d+):/gm)].map(([, line]) => Number(line))).toEqual([2, 2, 2, 5]);
  });

  it('takes ids below 100000 for stock rules, and says so, unless it is given them', async () => {
    write('local_rules.xml', rule(119_000, '<if_sid>5716</if_sid>'));
    mkdirSync(join(cwd, 'ruleset'));
    write('ruleset/0095-sshd_rules.xml', rule(5715, ''));
    expect(await run('local_rules.xml')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('remark: Rule 5716') });
    expect(await run('local_rules.xml --strict')).toMatchObject({ exitCode: 1 });
    expect(await run('local_rules.xml --ruleset ruleset')).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('(Wazuh 7617)') });
    write('ruleset/0095-sshd_rules.xml', rule(5716, ''));
    expect(await run('local_rules.xml --ruleset ruleset --strict')).toMatchObject({ exitCode: 0 });
  });

  it('hangs rules below those of a pack that is named', async () => {
    write('local_rules.xml', rule(119_000, '<if_sid>118101</if_sid>'));
    expect(await run('local_rules.xml')).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('(Wazuh 7617)') });
    const result = await run('local_rules.xml --pack core guide --strict');
    expect(result).toMatchObject({ exitCode: 0, stdout: 'wazuh-analysisd would start with 1 rule in 1 file: no problems.\n' });
    expect(await run('local_rules.xml --pack nope')).toMatchObject({ exitCode: 2 });
  });

  it('knows the lists only when it is told of them', async () => {
    write('local_rules.xml', rule(119_000, '<list field="k8s.user">etc/lists/k8s-users</list>'));
    expect(await run('local_rules.xml')).toMatchObject({ exitCode: 0 });
    expect(await run('local_rules.xml --list etc/lists/other')).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('(Wazuh 7616)'),
    });
    expect(await run('local_rules.xml --list etc/lists/k8s-users')).toMatchObject({ exitCode: 0 });
  });

  it('gives a program every problem, and Wazuh’s own lines', async () => {
    write('local_rules.xml', rule(119_000, '<srcip>nonsense</srcip>'));
    const { stdout, exitCode } = await run('local_rules.xml -o json');
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      files: ['local_rules.xml'],
      loadedRules: 0,
      wazuhExitCode: 1,
      wazuhLog: ["ERROR: (1237): Invalid ip address: 'nonsense'.", "CRITICAL: (1220): Error loading the rules: 'local_rules.xml'."],
      problems: [
        {
          code: '1237',
          severity: 'refuses-to-start',
          ruleId: 119_000,
          file: 'local_rules.xml',
          line: 2,
          column: 31,
          reached: true,
          fails: true,
        },
      ],
    });
  });

  it('lets no value move the cursor of a terminal', async () => {
    write('local_rules.xml', rule(119_000, '<options>\u001b[2Jx</options>'));
    expect((await run('local_rules.xml')).stdout).not.toContain('\u001b');
  });

  it('ends with 1 for a file or folder that is not there, and with 2 for wrong usage', async () => {
    expect(await run('nope.xml')).toMatchObject({ exitCode: 1, failure: { code: 'FILE_MISSING' } });
    mkdirSync(join(cwd, 'empty'));
    expect(await run('empty')).toMatchObject({ exitCode: 1, failure: { code: 'FILE_MISSING' } });
    expect(await run('x.xml --foo')).toMatchObject({ exitCode: 2 });
  });
});
