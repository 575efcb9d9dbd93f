import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { frame } from '@k8s-audit/wazuh-message';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedWazuh, openEmbeddedWazuh } from './embedded-wazuh.ts';
import type { EmbeddedEvent, EmbeddedWazuhOptions } from './options.ts';
import { askControlSocket } from './testing.ts';

const FIXTURES = new URL('../../../fixtures/', import.meta.url).pathname;

let home: string;
let opened: EmbeddedWazuh[];
let events: EmbeddedEvent[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'wazuh-'));
  mkdirSync(join(home, 'etc/rules'), { recursive: true });
  [opened, events] = [[], []];
});
afterEach(async () => {
  for (const each of opened) await each.close();
  rmSync(home, { recursive: true, force: true });
});

async function open(options: Partial<EmbeddedWazuhOptions> = {}): Promise<EmbeddedWazuh> {
  const made = await openEmbeddedWazuh({ homeFolder: home, managerName: 'manager', onEvent: (event) => events.push(event), ...options });
  opened.push(made);
  return made;
}

const rulesPath = (): string => join(home, 'etc/rules/local_rules.xml');
const ruleXml = (id: number, level: number, verb: string): string =>
  `<group name="t,"><rule id="${id}" level="${level}"><field name="verb">^${verb}$</field><description>$(verb) by $(user.username)</description></rule></group>\n`;
const event = (verb: string): Buffer => frame('k8s', JSON.stringify({ verb, user: { username: 'eve' } }));

type Document = Record<string, unknown> & {
  readonly id: string;
  readonly rule?: { readonly id: string; readonly level: number; readonly description: string };
};
const documents = (file: string): Document[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Document);
const alerts = (): Document[] => documents(join(home, 'logs/alerts/alerts.json'));
const archives = (): Document[] => documents(join(home, 'logs/archives/archives.json'));

describe('the embedded back end', () => {
  it('writes an alert for what a rule takes, and everything into the archive', async () => {
    writeFileSync(rulesPath(), ruleXml(100100, 7, 'delete'));
    const nowMs = Date.UTC(2026, 10, 23, 14, 46, 39, 172);
    const wazuh = await open({ now: () => nowMs });
    await wazuh.process([event('get'), event('delete'), event('get')]);
    expect(archives().map((each) => each.rule?.id)).toEqual([undefined, '100100', undefined]);
    expect(alerts()).toEqual([
      {
        timestamp: expect.stringMatching(/^2026-11-2\dT\d\d:46:39\.172[+-]\d{4}$/),
        rule: { level: 7, description: 'delete by eve', id: '100100', firedtimes: 1, mail: false, groups: ['t'] },
        agent: { id: '000', name: 'manager' },
        manager: { name: 'manager' },
        id: expect.stringMatching(/^1795445199\.\d+$/),
        full_log: '{"verb":"delete","user":{"username":"eve"}}',
        decoder: { name: 'json' },
        data: { verb: 'delete', user: { username: 'eve' } },
        location: 'k8s',
      },
    ]);
  });

  it('gives an alert the id of its archived event, and no two events the same', async () => {
    writeFileSync(rulesPath(), ruleXml(100100, 7, 'delete'));
    const wazuh = await open();
    await wazuh.process([event('get'), event('delete')]);
    await wazuh.process([event('delete')]);
    const ids = archives().map((each) => each.id);
    expect(new Set(ids).size).toBe(3);
    expect(alerts().map((each) => each.id)).toEqual(ids.slice(1));
  });

  it('hands out each alert when its line is in the file', async () => {
    writeFileSync(rulesPath(), ruleXml(100100, 7, 'delete'));
    const seen: { line: string; inFile: boolean; level: number | undefined }[] = [];
    const wazuh = await open({
      onAlert: (line, verdict) => {
        const inFile = readFileSync(join(home, 'logs/alerts/alerts.json')).includes(line);
        seen.push({ line: line.toString(), inFile, level: verdict.rule?.level });
      },
    });
    await wazuh.process([event('delete'), event('get'), event('delete')]);
    expect(seen).toEqual([
      { line: expect.stringContaining('"firedtimes":1'), inFile: true, level: 7 },
      { line: expect.stringContaining('"firedtimes":2'), inFile: true, level: 7 },
    ]);
  });

  it('alerts from the configured level on', async () => {
    writeFileSync(rulesPath(), ruleXml(100100, 2, 'list') + ruleXml(100101, 3, 'delete'));
    await (await open()).process([event('list'), event('delete')]);
    expect(alerts().map((each) => each.rule?.id)).toEqual(['100101']);
    rmSync(join(home, 'logs'), { recursive: true });
    await opened.pop()?.close();
    await (await open({ alertLevel: 2 })).process([event('list'), event('delete')]);
    expect(alerts().map((each) => each.rule?.id)).toEqual(['100100', '100101']);
  });

  it('writes where it is told, and no archive when none is wanted', async () => {
    writeFileSync(rulesPath(), ruleXml(100100, 7, 'delete'));
    const wazuh = await open({ alertsFile: join(home, 'mine.json'), archivesFile: false });
    await wazuh.process([event('delete')]);
    expect(documents(join(home, 'mine.json'))).toHaveLength(1);
    expect(wazuh.statistics()).toMatchObject({ alertsWritten: 1, archivesWritten: 0 });
  });

  it('takes rule files by name instead of the home’s', async () => {
    writeFileSync(rulesPath(), ruleXml(100100, 7, 'delete'));
    writeFileSync(join(home, 'other.xml'), ruleXml(100200, 9, 'delete'));
    await (await open({ ruleFiles: [join(home, 'other.xml')] })).process([event('delete')]);
    expect(alerts().map((each) => each.rule?.id)).toEqual(['100200']);
  });

  it('drops what is no message, and counts it', async () => {
    const wazuh = await open();
    await wazuh.process([Buffer.from('1:'), Buffer.from('1:no-end'), Buffer.from('8:syscheck:{}'), event('get')]);
    expect(wazuh.statistics()).toMatchObject({ received: 4, processed: 4, refused: 2, archivesWritten: 1, queued: 0 });
    expect(archives()).toHaveLength(1);
  });

  it('finishes what it was given before it closes', async () => {
    writeFileSync(rulesPath(), ruleXml(100100, 7, 'delete'));
    const wazuh = await open();
    const working = [wazuh.process([event('delete')]), wazuh.process([event('delete')])];
    await wazuh.close();
    await Promise.all(working);
    expect(alerts()).toHaveLength(2);
  });

  it('gives up and counts what a full disk does not take, when it is stopped', async () => {
    const wazuh = await open({ archivesFile: '/dev/full' });
    const working = wazuh.process([event('get'), event('list')]);
    while (!events.some((each) => each.kind === 'cannot-write')) await new Promise((resolve) => setImmediate(resolve));
    await wazuh.close();
    await working;
    expect(wazuh.statistics()).toMatchObject({ archivesWritten: 0, unwritten: 2 });
  });
});

describe('its rules', () => {
  it('are those of Wazuh’s dialect: it does not start where wazuh-analysisd would not', async () => {
    writeFileSync(rulesPath(), ruleXml(100100, 17, 'delete'));
    await expect(open()).rejects.toMatchObject({ code: 'RULES_REFUSED', message: expect.stringContaining('etc/rules/local_rules.xml') });
  });

  it('may ask more than the engine can tell: those events are archived and named, the others judged', async () => {
    const beyond = '<field name="user.username" type="pcre2">^(eve(?1)?)$</field>';
    writeFileSync(rulesPath(), ruleXml(100101, 7, 'delete') + ruleXml(100100, 9, 'get').replace('<description>', `${beyond}<description>`));
    const wazuh = await open();
    await wazuh.process([event('get'), event('delete'), event('get')]);
    expect(wazuh.statistics()).toMatchObject({ undecided: 2, undecidedByRule: { 100100: 2 }, alertsWritten: 1, archivesWritten: 3 });
    expect(archives().map((each) => each.rule?.id)).toEqual([undefined, '100101', undefined]);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'undecided', ruleId: 100100 }));
    const { data } = await askControlSocket(wazuh.home.analysisSocket, { command: 'getstats' });
    expect(data).toMatchObject({ metrics: { events: { processed: 3, undecided: 2, undecided_breakdown: { 100100: 2 } } } });
  });

  it('can look into the lists of the home', async () => {
    mkdirSync(join(home, 'etc/lists'));
    writeFileSync(join(home, 'etc/lists/users'), 'eve:\n');
    writeFileSync(
      rulesPath(),
      '<group name="t,"><rule id="100100" level="5"><list field="user.username" lookup="match_key">etc/lists/users</list><description>listed</description></rule></group>',
    );
    await (await open()).process([event('get'), frame('k8s', '{"user":{"username":"bob"}}')]);
    expect(alerts()).toHaveLength(1);
  });

  it('hang below stock rules only where the home has them', async () => {
    const below = '<group name="t,"><rule id="100100" level="5"><if_sid>5716</if_sid><description>x</description></rule></group>';
    writeFileSync(rulesPath(), below + ruleXml(100101, 7, 'delete'));
    await (await open()).process([event('delete')]);
    expect(alerts().map((each) => each.rule?.id)).toEqual(['100101']);
  });

  it('are read anew without losing an event; refused ones leave the old in place', async () => {
    writeFileSync(rulesPath(), ruleXml(100100, 7, 'delete'));
    const wazuh = await open();
    const before = wazuh.process([event('delete')]);
    writeFileSync(rulesPath(), ruleXml(100200, 9, 'delete'));
    expect(await askControlSocket(wazuh.home.analysisSocket, { command: 'reload-ruleset' })).toEqual({ error: 0, message: 'ok', data: [] });
    await before;
    await wazuh.process([event('delete')]);
    writeFileSync(rulesPath(), '<group name="t,"><rule id="x" level="7"><description>x</description></rule></group>');
    const refused = await askControlSocket(wazuh.home.analysisSocket, { command: 'reload-ruleset' });
    expect(refused).toMatchObject({ error: 1, message: 'due' });
    expect((refused['data'] as string[]).length).toBeGreaterThan(0);
    await wazuh.process([event('delete')]);
    expect(alerts().map((each) => each.rule?.id)).toEqual(['100100', '100200', '100200']);
    expect(wazuh.statistics()).toMatchObject({ received: 3, archivesWritten: 3 });
  });
});

describe('its control socket', () => {
  it('tells its numbers where Wazuh’s tools look for them', async () => {
    writeFileSync(rulesPath(), ruleXml(100100, 7, 'delete'));
    const wazuh = await open();
    await wazuh.process([event('delete'), event('get')]);
    const request = { version: 1, origin: { module: 'api' }, command: 'getstats' };
    const answer = await askControlSocket(wazuh.home.analysisSocket, request);
    expect(answer).toMatchObject({
      error: 0,
      message: 'ok',
      data: {
        name: 'wazuh-analysisd',
        metrics: {
          bytes: { received: event('delete').length + event('get').length },
          events: {
            received: 2,
            processed: 2,
            received_breakdown: {
              decoded_breakdown: { modules_breakdown: { logcollector_breakdown: { others: 2 } } },
              dropped_breakdown: { modules_breakdown: { logcollector_breakdown: { others: 0 } } },
            },
            written_breakdown: { alerts: 1, archives: 2 },
          },
          queues: { others: { size: 16384, usage: 0 } },
        },
      },
    });
  });

  it.each([
    [
      { command: 'getconfig', parameters: { section: 'global' } },
      { error: 0, data: { global: { logall_json: 'yes' } } },
    ],
    [
      { command: 'getconfig', parameters: { section: 'alerts' } },
      { error: 0, data: { alerts: { log_alert_level: 3 } } },
    ],
    [{ command: 'getconfig', parameters: { section: 'labels' } }, { error: 7 }],
    [{ command: 'getconfig', parameters: {} }, { error: 6 }],
    [{ command: 'getconfig' }, { error: 5 }],
    [
      { command: 'getagentsstats', parameters: { agents: 'all' } },
      { error: 0, data: { agents: [] } },
    ],
    [{ command: 'format-disk' }, { error: 4, message: 'Unrecognized command' }],
    [{}, { error: 3, message: 'Empty command' }],
  ])('answers %j as wazuh-analysisd does', async (request, answer) => {
    const wazuh = await open();
    expect(await askControlSocket(wazuh.home.analysisSocket, request)).toMatchObject(answer);
  });

  it('can be left away', async () => {
    const wazuh = await open({ controlSockets: false });
    await expect(askControlSocket(wazuh.home.analysisSocket, {})).rejects.toThrow('ENOENT');
  });
});

describe('against alerts recorded from wazuh-analysisd', () => {
  interface Row {
    readonly name: string;
    readonly rules_file?: string;
    readonly rules_files?: readonly string[];
    readonly message: string;
    readonly alert?: RecordedAlert;
  }
  interface RecordedAlert extends Record<string, unknown> {
    readonly agent: { readonly id: string; readonly name?: string };
    readonly rule: Record<string, unknown>;
  }

  /** The recording has no counts; the names of its techniques are made up; and of the manager it keeps the name elsewhere. */
  function comparable({ agent, rule, ...rest }: RecordedAlert): object {
    const { firedtimes, mitre, ...kept } = rule;
    return { ...rest, rule: kept, agent: agent.id === '000' && agent.name === '<manager-hostname>' ? { ...agent, name: 'vm' } : agent };
  }

  it.each(['analysisd', 'analysisd-v1'])('%s: alerts.json is the same, line by line', async (vectors) => {
    const rows = readFileSync(join(FIXTURES, vectors, 'events.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
    const byRules = Map.groupBy(rows, (row) => (row.rules_files ?? [row.rules_file ?? '']).join(' '));
    let compared = 0;
    for (const [names, group] of byRules) {
      rmSync(join(home, 'etc'), { recursive: true, force: true });
      rmSync(join(home, 'logs'), { recursive: true, force: true });
      mkdirSync(join(home, 'etc/rules'), { recursive: true });
      mkdirSync(join(home, 'etc/lists'));
      for (const list of ['k8s-users', 'k8s-ips']) copyFileSync(join(FIXTURES, 'analysisd/lists', list), join(home, 'etc/lists', list));
      for (const name of names.split(' ')) copyFileSync(join(FIXTURES, vectors, name), join(home, 'etc/rules', basename(name)));
      for (const row of group) {
        // Fresh counts for each, as they were recorded.
        const wazuh = await open({ managerName: 'vm', controlSockets: false });
        await wazuh.process([Buffer.from(row.message)]);
        await opened.pop()?.close();
        if (row.alert === undefined) continue;
        compared++;
        const { timestamp, id, manager, ...rest } = alerts().at(-1) as unknown as RecordedAlert;
        expect([row.name, comparable(rest)]).toEqual([row.name, comparable(row.alert)]);
        expect([timestamp, id, manager].every((each) => each !== undefined)).toBe(true);
      }
    }
    expect(compared).toBeGreaterThan(60);
  });
});
