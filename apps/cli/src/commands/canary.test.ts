import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CanaryResult } from '../flows/canary/run-canary.ts';
import { HOPS } from '../flows/hops/hop.ts';
import { BREAKS, type Break, EventWay, whileBroken } from '../testing/event-way.ts';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

let way: EventWay;
beforeAll(async () => {
  way = await EventWay.start();
}, 120_000);
afterAll(() => way.close());

async function canary(args: readonly string[] = [], stopSignal?: AbortSignal): Promise<CommandResult> {
  const where = ['--root', way.tree.root, '--config', way.configuration, '--api-server', way.apiServer.url];
  return await runCommand(['canary', ...where, '--timeout', '15', ...args], stopSignal === undefined ? {} : { stopSignal });
}

async function hopsOf(stopSignal?: AbortSignal): Promise<CanaryResult['hops']> {
  const { stdout } = await canary(['-o', 'json'], stopSignal);
  return (JSON.parse(stdout) as { readonly results: readonly CanaryResult[] }).results[0]?.hops ?? [];
}

describe('a canary', () => {
  it('is followed over every hop, with the latency of each', async () => {
    const { stdout, exitCode } = await canary(['-o', 'json']);
    const { results } = JSON.parse(stdout) as { readonly results: readonly CanaryResult[] };

    expect(exitCode).toBe(0);
    expect(results).toMatchObject([{ outcome: 'proved', auditId: way.apiServer.auditId }]);
    const hops = results[0]?.hops ?? [];
    expect(hops.map(({ hop, state }) => [hop, state])).toEqual(HOPS.map(({ id }) => [id, 'ok']));
    expect(
      hops.filter(({ latencyMs }) => !(latencyMs !== undefined && latencyMs >= 0 && latencyMs < 120_000)).map(({ hop }) => hop),
    ).toEqual(['rule']);
    expect(hops.find(({ hop }) => hop === 'tls')?.seen).toBe('as cluster prod-eu, API server cp-1');
    expect(hops.find(({ hop }) => hop === 'rule')?.seen).toBe('rule 118402, level 5');
  });

  it('is shown as a table', async () => {
    const { stdout } = await canary();
    expect(
      stdout
        .replace(/\d+ ms */g, 'N ms ')
        .replace(/trace-[0-9a-f]+/, 'trace-ID')
        .replace(/127\.0\.0\.1:\d+/, 'ADDRESS'),
    ).toBe(`API server https://ADDRESS, audit ID k8s-audit-trace-ID
HOP          STATE  LATENCY  SEEN
API server   ok     N ms answered 403
webhook      ok     N ms posted
TLS          ok     N ms as cluster prod-eu, API server cp-1
spool        ok     N ms on disk
pipeline     ok     N ms shaped
socket       ok     N ms taken
daemon       ok     N ms worked off
rule         ok     -        rule 118402, level 5
alerts.json  ok     N ms written
archive      ok     N ms in archives.json
proved: its events arrive
`);
  });

  it('is not sent by a dry run', async () => {
    const before = way.apiServer.auditId;
    const { stdout } = await canary(['--dry-run']);

    expect(stdout).toBe(
      `Would send DELETE /api/v1/namespaces/default/pods/k8s-audit-canary?dryRun=All, without credentials, to ${way.apiServer.url}\n`,
    );
    expect(way.apiServer.auditId).toBe(before);
  });

  it('proves nothing where neither the receiver nor Wazuh can be looked at, and says so', async () => {
    const { stdout, exitCode } = await runCommand([
      'canary',
      '--root',
      way.at('nowhere'),
      '--api-server',
      way.apiServer.url,
      '--timeout',
      '1',
    ]);

    expect(exitCode).toBe(1);
    expect(stdout).toContain('not proved');
    expect(stdout).not.toContain('Broken');
  });

  it('asks for an API server, and takes only one', async () => {
    expect((await runCommand(['canary', '--root', way.at('nowhere')])).exitCode).toBe(2);
    expect((await runCommand(['canary', '--api-server', '10.0.0.4'])).exitCode).toBe(2);
  });
});

describe('a broken hop', () => {
  it.each(BREAKS.map((each) => [each.hop, each.what, each] as const))(
    '%s is named, and no other, when %s',
    async (hop, _what, broken: Break) => {
      const hops = await whileBroken(way, broken, hopsOf);

      expect(hops.filter(({ state }) => state === 'broken').map((each) => each.hop)).toEqual([hop]);
      const at = hops.findIndex((each) => each.hop === hop);
      expect(hops.slice(0, at).filter(({ state }) => state !== 'ok')).toEqual([]);
      expect((await whileBroken(way, NOTHING, hopsOf)).filter(({ state }) => state !== 'ok')).toEqual([]);
    },
  );

  it('API server is named when nobody answers, last of all', async () => {
    await way.apiServer.close();
    const hops = await hopsOf();

    expect(hops.map(({ state }) => state)).toEqual(['broken', ...Array.from({ length: 9 }, () => 'not-reached')]);
  });
});

/** After each break the way is as it was. */
const NOTHING: Break = { hop: 'api-server', what: 'nothing', breakIt: () => async () => undefined, isOver: () => false };
