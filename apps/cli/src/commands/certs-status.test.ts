import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer as createPlainServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CertificatesStatus } from '../flows/certificates-status.ts';
import { runCommand } from '../testing/run-command.ts';

const nowMs = Date.now();
const DAY_MS = 86_400_000;
let cwd: string;
const servers: Server[] = [];
beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'certs-status-'));
  await runCommand('certs create --dir d --san 127.0.0.1 --san ::1 --cluster prod-eu'.split(' '), { cwd, nowMs });
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  rmSync(cwd, { recursive: true, force: true });
});

const status = async (args = '', atMs = nowMs): Promise<CertificatesStatus & { readonly exitCode: number }> => {
  const { stdout, exitCode } = await runCommand(`certs status --dir d -o json ${args}`.trim().split(' '), { cwd, nowMs: atMs });
  return { ...(JSON.parse(stdout) as CertificatesStatus), exitCode };
};
const messages = ({ findings }: CertificatesStatus): readonly string[] =>
  findings.map(({ severity, message }) => `${severity}: ${message}`);
const read = (path: string): string => readFileSync(join(cwd, 'd', path), 'utf8');

/** A receiver with the files of a folder, as far as TLS goes. */
const listen = async (server: Server, host = '127.0.0.1'): Promise<number> => {
  servers.push(server.listen(0, host));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};
const receiver = (): Server =>
  createServer({ cert: read('receiver/server.crt'), key: read('receiver/server.key'), ca: read('receiver/ca.crt'), requestCert: true });

describe('certs status', () => {
  it('ends with 0 when nothing has to be done', async () => {
    const { stdout, exitCode } = await runCommand('certs status --dir d'.split(' '), { cwd, nowMs });

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^CERTIFICATE +ENDS +KEY +NAMES\nauthority /);
    expect(stdout).toMatch(/\nAuthority: steady\n/);
    expect(stdout).toMatch(/\nNothing has to be done\.\n$/);
  });

  it('ends with 1 in time before something ends, and names the command', async () => {
    expect((await status('', nowMs + 334 * DAY_MS)).exitCode).toBe(0);
    const soon = await status('', nowMs + 340 * DAY_MS);

    expect(soon.exitCode).toBe(1);
    expect(messages(soon)).toEqual(['warning: receiver: ends in 24 days', 'warning: cluster prod-eu: ends in 24 days']);
    expect(soon.findings[0]?.hint).toBe(`k8s-audit certs rotate --dir ${cwd}/d --due 30`);
    expect((await status('--warn-days 20', nowMs + 340 * DAY_MS)).exitCode).toBe(0);
    expect(messages(await status('', nowMs + 366 * DAY_MS))).toEqual([
      expect.stringMatching(/^error: receiver: ended on /),
      expect.stringMatching(/^error: cluster prod-eu: ended on /),
    ]);
  });

  it('counts an authority that ends before everything else, by its own step', async () => {
    const { findings } = await status('', nowMs + 3_640 * DAY_MS);

    expect(findings.find(({ message }) => message.startsWith('authority'))?.hint).toBe(
      `k8s-audit certs rotate --dir ${cwd}/d --authority begin`,
    );
  });

  it('tells where a change of the authority stands', async () => {
    await runCommand('certs rotate --dir d --authority begin'.split(' '), { cwd, nowMs });
    const { authority, certificates, exitCode } = await status();

    expect([authority, exitCode]).toEqual(['overlap', 0]);
    expect(certificates.map(({ what }) => what)).toEqual(['authority', 'next authority', 'receiver', 'cluster prod-eu']);
  });

  it('finds a key that is another’s', async () => {
    writeFileSync(join(cwd, 'd/receiver/server.key'), read('clusters/prod-eu/audit-client.key'));

    expect(messages(await status())).toEqual(['error: receiver: the key beside it is another certificate’s']);
  });
});

describe('certs status --dial', () => {
  it('is content with a receiver that shows what is on disk, over IPv4 and IPv6', async () => {
    const [four, six] = [await listen(receiver()), await listen(receiver(), '::1')];
    const { dialled, exitCode } = await status(`--dial 127.0.0.1:${four} --dial [::1]:${six}`);

    expect(exitCode).toBe(0);
    expect(dialled.map(({ kind, isCovered }) => [kind, isCovered])).toEqual([
      ['certificate', true],
      ['certificate', true],
    ]);
  });

  it('finds an address that the certificate does not hold, though the receiver answers there', async () => {
    const port = await listen(receiver(), '0.0.0.0');

    expect(messages(await status(`--dial 127.0.0.2:${port}`))).toEqual([
      `error: 127.0.0.2:${port} is not in the receiver’s certificate: API servers refuse it`,
    ]);
  });

  it('finds a receiver that has not taken its new certificate', async () => {
    const port = await listen(receiver());
    await runCommand('certs rotate --dir d --receiver'.split(' '), { cwd, nowMs });
    const late = await status(`--dial 127.0.0.1:${port}`);

    expect(messages(late)).toEqual([`error: 127.0.0.1:${port} shows another certificate than the one on disk`]);
  });

  it('finds that nobody answers, and that somebody else does', async () => {
    const silent = await listen(createPlainServer((socket) => socket.end('SSH-2.0\r\n')));

    expect(messages(await status('--dial 127.0.0.1:1'))).toEqual(['error: 127.0.0.1:1 cannot be reached: ECONNREFUSED']);
    expect(messages(await status(`--dial 127.0.0.1:${silent}`))[0]).toMatch(/cannot be reached: /);
  });

  it.each(['127.0.0.1:0', '127.0.0.1:70000', 'https://127.0.0.1', '0.0.0.0:8080'])('refuses %s', async (address) => {
    const result = await runCommand(`certs status --dir d --dial ${address}`.split(' '), { cwd, nowMs });

    expect(['USAGE', 'HOST_INVALID']).toContain(result.failure?.code);
  });
});

describe('certs status --api-server', () => {
  it('asks which address of this machine an API server sees', async () => {
    expect(messages(await status('--api-server 127.0.0.1'))).toEqual([]);
    await runCommand('certs rotate --dir d --drop-san 127.0.0.1'.split(' '), { cwd, nowMs });
    const { findings } = await status('--api-server 127.0.0.1');

    expect(findings[0]?.message).toBe('towards 127.0.0.1 this machine is 127.0.0.1, which the receiver’s certificate does not hold');
  });

  it('says when there is no way to it', async () => {
    expect(messages(await status('--api-server no-such-host.invalid'))).toEqual([
      'error: there is no way from here to no-such-host.invalid',
    ]);
  });
});
