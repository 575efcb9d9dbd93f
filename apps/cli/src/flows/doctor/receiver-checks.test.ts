import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { runChecks } from '@k8s-audit/checks';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { certificateFolder } from '../certificate-folder.ts';
import { createCertificates } from '../create-certificates.ts';
import { RECEIVER_CHECKS, receiverChecks } from './receiver-checks.ts';

let folder: string;
const servers: (Server | TcpServer)[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'receiver-checks-'));
  const given = { issue: { nowMs: Date.now() }, hosts: ['127.0.0.1'], defaultHosts: [], clusters: ['prod-eu'] };
  await createCertificates({ folder, ...given, replace: false, dryRun: false });
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function portOf(server: Server | TcpServer): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** The data port: TLS as the receiver speaks it. */
function dataPort(options: TlsOptions): Promise<number> {
  const { receiver } = certificateFolder(folder);
  const [key, cert, ca] = [receiver.key, receiver.certificate, receiver.authority].map((path) => readFileSync(path)) as [
    Buffer,
    Buffer,
    Buffer,
  ];
  return portOf(
    createTlsServer({ key, cert, ca, ...options }, (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end('HTTP/1.1 404 Not Found\r\n\r\n'));
    }),
  );
}

interface Books {
  readonly received: number;
  readonly delivered: number;
  readonly quarantined?: number;
  readonly spooled: number;
  readonly undeliveredBytes?: number;
}

/** The admin listener: /readyz, and /books with one snapshot after the other; the last one stays. */
function adminListener(books: readonly Books[], readyz: { readonly status: number; readonly text: string }): Promise<number> {
  const left = [...books];
  return portOf(
    createServer((request, response) => {
      if (request.url === '/readyz') return void response.writeHead(readyz.status).end(readyz.text);
      const { undeliveredBytes = 0, quarantined = 0, ...total } = (left.length > 1 ? left.shift() : left[0]) as Books;
      response.end(JSON.stringify({ origins: [], total: { ...total, quarantined }, spool: { undeliveredBytes, maxBytes: 10 ** 9 } }));
    }),
  );
}

const READY = { status: 200, text: 'ok\n' };
const MUTUAL: TlsOptions = { requestCert: true, rejectUnauthorized: true };
const STILL: readonly Books[] = [{ received: 10, delivered: 10, spooled: 0 }];
const flow = (...snapshots: readonly Books[]): readonly Books[] => snapshots;

interface Case {
  readonly when: string;
  readonly tls?: TlsOptions;
  readonly readyz?: typeof READY;
  /** As /books tells them, twice for `receiver-delivery`, twice for `receiver-pace`. */
  readonly books?: readonly Books[];
  readonly expected: readonly string[];
}

const CASES: readonly Case[] = [
  { when: 'all is well', expected: [] },
  { when: 'anybody is let in', tls: {}, expected: ['receiver-port failure'] },
  {
    when: 'it is not ready',
    readyz: { status: 503, text: 'not ready\nspool: full\n' },
    // What it does with events is not asked then.
    expected: ['receiver-ready failure'],
  },
  {
    when: 'events wait and nothing moves',
    books: [{ received: 30, delivered: 10, spooled: 20 }],
    expected: ['receiver-delivery failure'],
  },
  {
    when: 'something was no event',
    books: [{ received: 10, delivered: 9, quarantined: 1, spooled: 0 }],
    expected: ['receiver-delivery warning'],
  },
  {
    when: 'more comes than goes',
    books: flow({ ...(STILL[0] as Books) }, ...growing(100)),
    expected: ['receiver-pace warning'],
  },
  {
    when: 'the spool will be full within the hour',
    books: flow({ ...(STILL[0] as Books) }, ...growing(100_000_000)),
    expected: ['receiver-pace failure'],
  },
  {
    when: 'a spool is worked off',
    books: [
      { received: 9_000, delivered: 0, spooled: 9_000, undeliveredBytes: 9_000_000 },
      { received: 9_000, delivered: 1_000, spooled: 8_000, undeliveredBytes: 8_000_000 },
      { received: 9_010, delivered: 2_000, spooled: 7_010, undeliveredBytes: 7_010_000 },
    ],
    expected: [],
  },
];

/** Nothing waits when delivery is asked about; then a thousand events more between the two looks of the pace. */
function growing(bytes: number): readonly Books[] {
  return [
    { received: 10, delivered: 10, spooled: 0 },
    { received: 20, delivered: 20, spooled: 0 },
    { received: 2_020, delivered: 1_020, spooled: 1_000, undeliveredBytes: bytes },
  ];
}

it.each(CASES)('$expected when $when', async ({ tls = MUTUAL, readyz = READY, books = STILL, expected }) => {
  const { cluster } = certificateFolder(folder);
  const { authority, certificate, key } = cluster('prod-eu');
  const sight = {
    host: '127.0.0.1',
    port: await dataPort(tls),
    client: { cluster: 'prod-eu', authorityFile: authority, certificateFile: certificate, keyFile: key },
    admin: { host: '127.0.0.1', port: await adminListener(books, readyz) },
  };
  const results = await runChecks(receiverChecks(async () => sight, 20));
  const complaints = results.filter(({ finding }) => finding.kind === 'failure' || finding.kind === 'warning');

  expect(complaints.map(({ check, finding }) => `${check.id} ${finding.kind}`)).toEqual(expected);
});

it('complains about a port at which nobody is', async () => {
  const free = createTcpServer();
  const port = await portOf(free);
  await new Promise((resolve) => free.close(resolve));
  const { authority, certificate, key } = certificateFolder(folder).cluster('prod-eu');
  const client = { cluster: 'prod-eu', authorityFile: authority, certificateFile: certificate, keyFile: key };
  const [first] = await runChecks(
    receiverChecks(async () => ({ host: '127.0.0.1', port, client, admin: { host: '127.0.0.1', port } }), 20),
  );

  expect(first).toMatchObject({
    check: { id: 'receiver-port' },
    finding: { kind: 'failure', seen: expect.stringContaining('ECONNREFUSED') },
  });
});

it('has a case that complains for each check', () => {
  const complained = CASES.flatMap(({ expected }) => expected.map((each) => each.split(' ')[0]));
  expect(new Set(complained)).toEqual(new Set(RECEIVER_CHECKS.map(({ id }) => id)));
});
