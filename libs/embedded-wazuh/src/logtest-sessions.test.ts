import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeControlFrame } from '@k8s-audit/wazuh-message';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedWazuh, openEmbeddedWazuh } from './embedded-wazuh.ts';
import { askControlSocket, sendToControlSocket } from './testing.ts';

let home: string;
let wazuh: EmbeddedWazuh;
let nowMs: number;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'logtest-'));
  mkdirSync(join(home, 'etc/rules'), { recursive: true });
  nowMs = Date.UTC(2026, 10, 23);
  wazuh = await openEmbeddedWazuh({ homeFolder: home, managerName: 'manager', now: () => nowMs });
});
afterEach(async () => {
  await wazuh.close();
  rmSync(home, { recursive: true, force: true });
});

const BASE = '<rule id="100100" level="0"><field name="kind">^Event$</field><description>base</description></rule>';
const DELETED =
  '<rule id="100101" level="7"><if_sid>100100</if_sid><field name="verb">^delete$</field><description>deleted</description></rule>';
const OFTEN =
  '<rule id="100102" level="10" frequency="3" timeframe="60"><if_matched_sid>100101</if_matched_sid><description>often</description></rule>';

function writeRules(...rules: readonly string[]): void {
  writeFileSync(join(home, 'etc/rules/local_rules.xml'), `<group name="t,">${rules.join('\n')}</group>\n`);
}

interface Reply {
  readonly error: number;
  readonly message?: string;
  readonly data: {
    readonly token: string;
    readonly messages: readonly string[];
    readonly output?: { readonly rule?: { readonly id: string; readonly level: number }; readonly location: string; readonly data: object };
    readonly alert?: boolean;
    readonly codemsg: number;
    readonly rules_debug?: readonly string[];
  };
}

async function ask(command: string, parameters: unknown): Promise<Reply> {
  const request = { version: 1, origin: { name: 'wazuh-logtest', module: 'wazuh-logtest' }, command, parameters };
  return (await askControlSocket(wazuh.home.logtestSocket, request)) as unknown as Reply;
}

const test = (parameters: object): Promise<Reply> =>
  ask('log_processing', { location: 'k8s', log_format: 'syslog', event: '{"kind": "Event", "verb": "delete"}', ...parameters });

describe('logtest', () => {
  it('answers as wazuh-analysisd does, keys in its order', async () => {
    writeRules(BASE, DELETED);
    const reply = await test({});
    expect(Object.keys(reply)).toEqual(['error', 'data']);
    expect(Object.keys(reply.data)).toEqual(['messages', 'token', 'output', 'alert', 'codemsg']);
    expect(reply).toMatchObject({
      error: 0,
      data: {
        token: expect.stringMatching(/^[0-9a-f]{8}$/),
        messages: [`INFO: (7202): Session initialized with token '${reply.data.token}'`],
        output: { rule: { id: '100101', level: 7, firedtimes: 1 }, agent: { id: '000' }, decoder: { name: 'json' }, location: 'k8s' },
        alert: true,
        codemsg: 0,
      },
    });
  });

  it('shows the rule of level 0 too, which is no alert', async () => {
    writeRules(BASE, DELETED);
    expect((await test({ event: '{"kind": "Event"}' })).data).toMatchObject({ output: { rule: { id: '100100', level: 0 } }, alert: false });
  });

  it('takes an object for an event', async () => {
    writeRules(BASE, DELETED);
    expect((await test({ event: { kind: 'Event', verb: 'delete' } })).data).toMatchObject({
      output: { rule: { id: '100101' }, full_log: '{"kind":"Event","verb":"delete"}' },
    });
  });

  it('reads the location as it is meant, colons too', async () => {
    writeRules(BASE);
    expect((await test({ location: 'C:\\k8s|audit' })).data.output?.location).toBe('C:\\k8s|audit');
    expect((await test({ location: '[000] (prod) audit->k8s' })).data.output).toMatchObject({
      agent: { id: '000', name: 'prod' },
      location: 'k8s',
    });
  });

  it('sees edited rules in the next session, without a restart', async () => {
    writeRules(BASE, DELETED);
    const { token } = (await test({})).data;
    writeRules(BASE, DELETED.replace('100101', '100199'));
    expect((await test({ token })).data.output?.rule?.id).toBe('100101');
    expect((await test({})).data.output?.rule?.id).toBe('100199');
  });

  it('counts within a session, and in no other', async () => {
    writeRules(BASE, DELETED, OFTEN);
    const { token } = (await test({})).data;
    await test({});
    expect((await test({ token })).data.output?.rule?.id).toBe('100101');
    expect((await test({ token })).data.output?.rule?.id).toBe('100102');
  });

  it('shows a rule within its ignore time, without an alert', async () => {
    writeRules(BASE, DELETED.replace('level="7"', 'level="7" ignore="60"'));
    const { token } = (await test({})).data;
    expect((await test({ token })).data).toMatchObject({ output: { rule: { id: '100101' } }, alert: false });
    nowMs += 61_000;
    expect((await test({ token })).data).toMatchObject({ output: { rule: { id: '100101' } }, alert: true });
  });

  it('alerts by level alone: no_log counts in the daemon only', async () => {
    writeRules(BASE, DELETED.replace('</if_sid>', '</if_sid><options>no_log</options>'));
    expect((await test({})).data.alert).toBe(true);
  });

  it('explains which rules were tried, without counting the event twice', async () => {
    writeRules(BASE, DELETED, OFTEN);
    const options = { rules_debug: true };
    const first = await test({ options });
    const token = first.data.token;
    expect(first.data.rules_debug?.slice(0, 6)).toEqual([
      'Trying rule: 1 - Generic template for all syslog rules.',
      '*Rule 1 matched',
      '*Trying child rules',
      'Trying rule: 100100 - base',
      '*Rule 100100 matched',
      '*Trying child rules',
    ]);
    expect(first.data.rules_debug).toContain('Trying rule: 100102 - often');
    expect(first.data.rules_debug).not.toContain('*Rule 100102 matched');
    expect(first.data.rules_debug).toContain('*Rule 100101 matched');
    expect((await test({ options, token })).data.output?.rule?.id).toBe('100101');
    expect((await test({ options, token })).data.output?.rule?.id).toBe('100102');
  });

  it('ends a session when it is told, and knows no other', async () => {
    writeRules(BASE);
    const { token } = (await test({})).data;
    expect((await ask('remove_session', { token })).data).toEqual({
      messages: [`INFO: (7206): The session '${token}' was closed successfully`],
      codemsg: 0,
    });
    expect((await ask('remove_session', { token })).data).toEqual({
      messages: [`ERROR: (7004): No session found for token '${token}'`],
      codemsg: -1,
    });
    const next = (await test({ token })).data;
    expect(next.messages[0]).toBe(`WARNING: (7003): '${token}' token expires`);
    expect(next.codemsg).toBe(1);
    expect(next.token).not.toBe(token);
  });

  it('forgets a session after a quarter of an hour, and the oldest of more than 64', async () => {
    writeRules(BASE);
    const { token } = (await test({})).data;
    nowMs += 899_000;
    expect((await test({ token })).data.token).toBe(token);
    nowMs += 901_000;
    expect((await test({ token })).data.token).not.toBe(token);

    const first = (await test({})).data.token;
    nowMs += 1;
    for (let each = 0; each < 64; each++) await test({});
    expect((await test({ token: first })).data.token).not.toBe(first);
  });

  it('says what is wrong with the rules, instead of a verdict', async () => {
    writeRules(BASE.replace('level="0"', 'level="99"'));
    const { data } = await test({});
    expect(data.codemsg).toBe(-1);
    expect(data.output).toBeUndefined();
    expect(data.messages.length).toBeGreaterThan(1);
    expect(data.messages.at(-1)).toContain('(7311)');
  });

  it('passes on what Wazuh warns of while it loads', async () => {
    writeRules(BASE, DELETED.replace('<if_sid>100100</if_sid>', '<if_sid>99999</if_sid>'), BASE);
    const { data } = await test({});
    expect(data.codemsg).toBe(1);
    expect(data.messages.filter((message) => message.startsWith('WARNING: ('))).not.toEqual([]);
  });
});

describe('a request that logtest cannot use', () => {
  it.each([
    ['no parameters', undefined, 'log_processing', 2],
    ['parameters that are no object', 'x', 'log_processing', 2],
    ['another command', {}, 'format_disk', 3],
    ['no location', { log_format: 'syslog', event: 'x' }, 'log_processing', 2],
    ['no format', { location: 'x', event: 'x' }, 'log_processing', 2],
    ['no event', { location: 'x', log_format: 'syslog' }, 'log_processing', 2],
    ['an empty event', { location: 'x', log_format: 'syslog', event: '' }, 'log_processing', 2],
    ['an empty object', { location: 'x', log_format: 'syslog', event: {} }, 'log_processing', 2],
    ['an event that is a number', { location: 'x', log_format: 'syslog', event: 7 }, 'log_processing', 2],
    ['a removal without a token', {}, 'remove_session', 4],
    ['a removal with a token of another length', { token: 'abc' }, 'remove_session', 4],
  ])('is refused by number: %s', async (_, parameters, command, error) => {
    expect(await ask(command, parameters)).toEqual({ message: expect.any(String), error, data: {} });
  });

  it('is no JSON', async () => {
    const answer = await sendToControlSocket(wazuh.home.logtestSocket, encodeControlFrame('{"a":'));
    expect(JSON.parse(answer ?? '')).toEqual({ message: expect.stringContaining('(7307)'), error: 1, data: {} });
  });

  it('is longer than 65,535 bytes', async () => {
    const answer = await sendToControlSocket(wazuh.home.logtestSocket, encodeControlFrame('x'.repeat(65_536)));
    expect(JSON.parse(answer ?? '')).toEqual({ message: expect.stringContaining('(7315)'), error: 5 });
  });

  it('is taken without the parts that cannot be used, and says so', async () => {
    writeRules(BASE);
    const { data } = await test({ token: 'short', options: { rules_debug: 'yes' } });
    expect(data.messages).toEqual([
      "WARNING: (7309): 'short' is not a valid token",
      "WARNING: (7006): 'rules_debug' field must be a boolean. The parameter will be ignored",
      expect.stringContaining('(7202)'),
    ]);
    expect((await test({ options: [] })).data.messages[0]).toContain('(7005)');
    expect(data).toMatchObject({ output: { rule: { id: '100100' } }, codemsg: 1 });
  });
});
