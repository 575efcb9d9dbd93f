import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditEvent, LOCAL_RULES } from '../testing/audit-event.ts';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'rules-explain-'));
  writeFileSync(join(cwd, 'local_rules.xml'), LOCAL_RULES);
  writeFileSync(join(cwd, 'event.json'), JSON.stringify(auditEvent(), null, 2));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const run = (args: string, stdin?: string): Promise<CommandResult> =>
  runCommand(['rules', 'explain', ...args.split(' ')], { cwd, ...(stdin === undefined ? {} : { stdin }) });

describe('rules explain', () => {
  it('tells who won and by what, who failed and on what, and who would have matched', async () => {
    const { stdout, exitCode } = await run('--event event.json --rules local_rules.xml');
    expect(stdout).toContain('rule 119001 (level 12, alerts): Somebody works inside payments: alice');
    expect(stdout).toContain(
      '119001 (level 12): matches, and is the result\n          field k8s.objectRef.namespace matches osregex ^payments$ — it is "payments"',
    );
    expect(stdout).toContain(
      '119002 (level 10): fails: at least 2 events of rule 119001 came in the last 60 s with the same k8s.user.username from the same agent — there were fewer',
    );
    expect(stdout).toContain('118999 (level 0): Kubernetes audit event, nothing to report. [behind 119001]');
    expect(exitCode).toBe(0);
  });

  it('gives a program the whole tree, and what Wazuh is sent', async () => {
    const explained = JSON.parse((await run('--event event.json --rules local_rules.xml -o json')).stdout);
    expect(explained.message).toMatch(/^1:\[000\] \(test\) audit->k8s:\{"apiVersion": "audit\.k8s\.io\/v1"/);
    expect(explained.explanation.result).toEqual({
      kind: 'rule',
      ruleId: 119_001,
      level: 12,
      description: expect.any(String),
      alerted: true,
    });
    expect(explained.explanation.trials[0]).toMatchObject({ ruleId: 1, outcome: { kind: 'passed-on', to: 119_001 } });
  });

  it('remembers the events before the one that is asked for', async () => {
    writeFileSync(join(cwd, 'three.jsonl'), `${JSON.stringify(auditEvent())}\n`.repeat(3));
    expect((await run('--event three.jsonl --item 2 --rules local_rules.xml')).stdout).toContain('rule 119001 (level 12');
    expect((await run('--event three.jsonl --item 3 --rules local_rules.xml')).stdout).toContain('rule 119002 (level 10');
  });

  it('explains a log line by its location, also that nothing takes it', async () => {
    const { stdout, exitCode } = await run('--event - --location /var/log/x', 'a plain line');
    expect(stdout).toContain('location /var/log/x, no decoder takes the message, so it has no fields\nno rule matches');
    expect(exitCode).toBe(0);
    expect((await run('--event - --all', 'a plain line')).stdout).toContain('118999 (level 0): fails: field k8s.schema');
  });

  it('ends with 1 for what is not sent, not there or not told', async () => {
    expect(await run('--event -', JSON.stringify(auditEvent({ auditID: '' })))).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('quarantine'),
    });
    expect(await run('--event nope.json')).toMatchObject({ exitCode: 1, failure: { code: 'FILE_MISSING' } });
    expect(await run('--event event.json --item 2')).toMatchObject({ exitCode: 1, failure: { code: 'RULES_EVENT_UNUSABLE' } });
    writeFileSync(
      join(cwd, 'slow.xml'),
      '<group name="s,"><rule id="100100" level="3"><field name="a" type="pcre2">(?>a+)+b$</field><description>slow</description></rule></group>',
    );
    const slow = await run('--event - --pack none --rules slow.xml', JSON.stringify({ a: `${'a'.repeat(60_000)}bc` }));
    expect(slow).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('undecided: rule 100100 could not be told') });
    expect(slow.stdout).toContain('could not be told: field a matches pcre2');
  });

  it('ends with 2 for wrong usage', async () => {
    expect(await run('--item 1')).toMatchObject({ exitCode: 2 });
    expect(await run('--event event.json --item 0')).toMatchObject({ exitCode: 2 });
  });
});
