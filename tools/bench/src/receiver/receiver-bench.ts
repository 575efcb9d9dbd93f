/**
 * `npm run bench -- receiver`: receivers side by side, each a process of its own behind TLS on the same loopback, posted to by the
 * same load generator as fast as they answer; what goes to Wazuh goes to the same sink.
 *
 * Needs Go, and Python for Flask (installed into a folder of its own, pinned); `--smoke` is one short cell without Flask.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, issueClusterCertificate, issueServerCertificate } from '@k8s-audit/certs';
import { type Bench, median } from '../bench.ts';
import { buildGoPrograms, installFlask } from './bench-programs.ts';
import { type BenchGround, CONTESTANTS } from './contestants.ts';
import { loadBodies } from './load-bodies.ts';
import { type Client, type Measured, measureContestant, measureSendLimit, type SendLimit } from './measure-contestant.ts';
import { renderPlot } from './receiver-plot.ts';
import { type Row, ratiosOf, renderReport } from './receiver-report.ts';
import { startPrinting } from './server-process.ts';

const FULL = { batches: [1, 100, 400], sizes: ['1 KB', '10 KB'], seconds: 4 } as const;
const SMOKE = { batches: [100], sizes: ['1 KB'], seconds: 0.5 } as const;

export const benchReceiver: Bench = async ({ rounds, isSmoke, seconds: wanted, onProgress }) => {
  const { batches, sizes, ...rest } = isSmoke ? SMOKE : FULL;
  const seconds = wanted ?? rest.seconds;
  const folder = mkdtempSync(join(tmpdir(), 'receiver-bench-'));
  try {
    onProgress('building the Go programs');
    const { ground, client } = await prepareGround(folder, isSmoke);
    const sink = await startPrinting([ground.goPrograms, 'sink', ground.socket], (line) => (line === 'listening' ? true : undefined));
    try {
      const bodies = loadBodies(batches, sizes);
      const contestants = CONTESTANTS.filter(({ name }) => ground.flask !== undefined || !name.startsWith('Flask'));
      const rows: Row[] = [];
      for (const load of bodies) {
        const measured = new Map<string, Measured[]>();
        // The sides take turns: a busy moment hits each of them.
        for (let round = 1; round <= rounds; round++) {
          for (const contestant of contestants) {
            onProgress(`${load.batch} x ${load.size}, ${contestant.name}, round ${round} of ${rounds}`);
            const figures = await measureContestant(contestant, load, ground, client, seconds);
            measured.set(contestant.name, [...(measured.get(contestant.name) ?? []), figures]);
          }
        }
        const { batch, size, eventBytes } = load;
        for (const { name } of contestants) rows.push({ contestant: name, batch, size, eventBytes, ...medianOf(measured.get(name) ?? []) });
      }
      const limits: SendLimit[] = [];
      for (const { size, eventBytes } of bodies.filter(({ batch }) => batch === batches.at(-1)))
        limits.push(await measureSendLimit(size, eventBytes, ground, seconds));
      if (isSmoke) assertCounted(rows);
      const ratios = ratiosOf(rows, limits);
      return { text: renderReport(rows, limits, ratios), figures: { ratios, rows, sendLimits: limits }, plot: renderPlot(rows) };
    } finally {
      await sink.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

async function prepareGround(folder: string, isSmoke: boolean): Promise<{ readonly ground: BenchGround; readonly client: Client }> {
  const issue = { nowMs: Date.now() };
  const authority = await createAuthority(issue);
  const server = await issueServerCertificate(authority, ['127.0.0.1'], issue);
  const cluster = await issueClusterCertificate(authority, 'bench', issue);
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  mkdirSync(join(folder, 'queue'));
  return {
    ground: {
      folder,
      certificate: file('server.crt', server.certificatePem),
      key: file('server.key', server.privateKeyPem),
      authority: file('ca.crt', authority.certificatePem),
      socket: join(folder, 'queue/queue'),
      goPrograms: await buildGoPrograms(folder),
      flask: isSmoke ? undefined : await installFlask(process.env),
      freePort: findFreePort,
    },
    client: { certificate: file('client.crt', cluster.certificatePem), key: file('client.key', cluster.privateKeyPem) },
  };
}

/** A bench that is rarely run must not rot: each of them has taken events, refused none, and is through with them. */
function assertCounted(rows: readonly Row[]): void {
  const idle = rows.filter(({ events, refused }) => events === 0 || Object.keys(refused).length > 0);
  if (idle.length > 0) throw new Error(`counted nothing, or was refused: ${idle.map(({ contestant }) => contestant).join(', ')}`);
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { readonly port: number };
      server.close(() => resolve(port));
    });
  });
}

function medianOf(all: readonly Measured[]): Measured {
  const of = (figure: (measured: Measured) => number): number => median(all.map(figure));
  return {
    events: of(({ events }) => events),
    eventsPerSecond: of(({ eventsPerSecond }) => eventsPerSecond),
    cpuSecondsPerMillion: of(({ cpuSecondsPerMillion }) => cpuSecondsPerMillion),
    p50Ms: of(({ p50Ms }) => p50Ms),
    p99Ms: of(({ p99Ms }) => p99Ms),
    peakMemoryMiB: of(({ peakMemoryMiB }) => peakMemoryMiB),
    refused: all.at(-1)?.refused ?? {},
  };
}
