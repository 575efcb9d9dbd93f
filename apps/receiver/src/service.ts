/**
 * The receiver as a running whole: opens the spool and the transport, starts delivery, opens the listeners; stops them in
 * the other order. What happens to an event stands in flow.ts.
 */
import { once } from 'node:events';
import type { Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSpool, type Spool, type SpoolEvent } from '@k8s-audit/spool';
import { createAdminListener } from './admin-listener.ts';
import { Books } from './books.ts';
import { BytesInFlight } from './bytes-in-flight.ts';
import type { Configuration } from './configuration.ts';
import { createDataListener } from './data-listener.ts';
import { FaultCounts } from './fault-counts.ts';
import { deliver } from './flow.ts';
import { listen } from './listen.ts';
import type { Logger } from './log.ts';
import { createMetrics } from './metrics.ts';
import { describeTransport, openTransport } from './open-transport.ts';
import { createIntake, createOutlet } from './pipeline.ts';
import { openQuarantine } from './quarantine.ts';
import { Refusals } from './refusals.ts';
import { allEnded, openSources, stopSources } from './sources/open-sources.ts';
import type { Source } from './sources/source.ts';
import { readTlsFiles } from './tls-files.ts';

/** How long requests under way may take to end, and then the spool to drain, before the rest is left for the next start. */
const FINISH_REQUESTS_MS = 5_000;
const DRAIN_MS = 10_000;
const POLL_MS = 20;
/** What dies with a Wazuh that is killed: its queue of 16,384 events, what lay in its socket (513), and what shares the spool with these. */
const REWIND_RECORDS = 20_000;

export interface Service {
  /** As a client on this machine dials it: `https://127.0.0.1:8080`. Absent without the webhook. */
  readonly url?: string;
  /** `http://127.0.0.1:9808`, or the path of a unix socket. */
  readonly admin: string;
  /** Resolves when nothing can come any more: standard input was all, and has ended. */
  readonly ended: Promise<void>;
  /** No new requests, the begun ones finished, what is spooled delivered as far as time allows; nothing is lost. */
  stop(): Promise<void>;
}

/** @throws {Failure} of the TLS files, the spool, the socket's path, or a port that is taken; nothing stays open then */
export async function startService(configuration: Configuration, log: Logger): Promise<Service> {
  const tls = configuration.tls === undefined ? undefined : await readTlsFiles(configuration.tls, Date.now());
  const faults = new FaultCounts();
  const { keepDeliveredSeconds, ...spoolLimits } = configuration.spool;
  const spool = await openSpool({
    ...spoolLimits,
    rewindRecords: REWIND_RECORDS,
    deliveredRetentionMs: keepDeliveredSeconds * 1_000,
    onEvent: (event) => {
      faults.count('spool', event.kind === 'level' ? `level-${event.level}` : event.kind);
      log[isGood(event) ? 'info' : 'warn']({ event: `spool-${event.kind}`, ...event });
    },
  });
  const opened: (() => Promise<void>)[] = [() => spool.close()];
  try {
    const books = new Books();
    const refusals = new Refusals();
    const inFlight = new BytesInFlight(configuration.limits.inFlightBytes);
    const quarantine = await openQuarantine(`${configuration.spool.folder}/quarantine`, Date.now);
    const shared = { configuration, spool, books, quarantine, now: Date.now };

    const { transport, figures } = await openTransport(configuration.wazuh, Buffer.from(spool.note).toString(), { log, faults });
    opened.unshift(() => transport.close());
    const stopping = new AbortController();
    const delivery = deliver(createOutlet({ ...shared, transport, stopSignal: stopping.signal }));
    let deliveryFailure: string | undefined;
    delivery.catch((error: unknown) => {
      deliveryFailure = (error as Error).message;
      log.fatal({ event: 'delivery-stopped', detail: deliveryFailure });
    });

    const endpoint = { intake: createIntake(shared), inFlight, maxBodyBytes: configuration.limits.bodyBytes, refusals, log };
    const dataListener =
      tls !== undefined && configuration.sources.webhook ? createDataListener(tls, configuration.limits.connections, endpoint) : undefined;
    let sources: readonly Source[] = [];
    const metrics = createMetrics({
      books: () => books.snapshot(),
      refusals,
      faults,
      inFlight,
      spool: () => spool.usage(),
      transport: figures,
      sources: () => sources.map((source) => source.figures()),
    });
    const whyNotReady = (): readonly string[] => [
      ...(deliveryFailure === undefined ? [] : [`delivery stopped: ${deliveryFailure}`]),
      ...(spool.usage().level === 'full' ? ['the spool is full'] : []),
    ];
    const adminListener = createAdminListener({
      whyNotReady,
      books: () => books.snapshot(),
      spool: () => spool.usage(),
      refusals,
      metrics,
    });
    opened.unshift(() => close(adminListener));
    const admin = await listen(adminListener, configuration.admin);
    if (dataListener !== undefined) opened.unshift(() => close(dataListener));
    const url = dataListener && { url: `https://${dialled(await listen(dataListener, configuration.listen))}` };
    const stateFolder = `${configuration.spool.folder}/sources`;
    sources = await openSources(configuration.sources, { intake: createIntake(shared, 'lines'), log, stateFolder, stdin: process.stdin });

    const running = { ...url, admin: admin.startsWith('/') ? admin : `http://${admin}` };
    const read = sources
      .map((source) => source.figures())
      .map(({ kind, name, cluster, apiServer }) => ({ kind, name, cluster, apiServer }));
    log.info({ event: 'ready', ...running, sources: read, ...describeTransport(transport, configuration.wazuh) });
    return {
      ...running,
      ended: allEnded(sources, dataListener !== undefined),
      async stop() {
        log.info({ event: 'stopping' });
        await Promise.all([stopSources(sources), dataListener && finishRequests(dataListener)]);
        await drain(spool);
        stopping.abort();
        await transport.close();
        await delivery.catch(() => undefined); // logged when it happened
        log.info({ event: 'stopped', books: books.snapshot() });
        await close(adminListener);
        await spool.close();
      },
    };
  } catch (error) {
    for (const closeOne of opened) await closeOne();
    throw error;
  }
}

function isGood(event: SpoolEvent): boolean {
  return event.kind === 'write-recovered' || (event.kind === 'level' && event.level === 'ok');
}

async function finishRequests(server: Server & { closeIdleConnections?: () => void; closeAllConnections?: () => void }): Promise<void> {
  const closed = close(server);
  server.closeIdleConnections?.();
  await Promise.race([closed, sleep(FINISH_REQUESTS_MS, undefined, { ref: false })]);
  server.closeAllConnections?.();
  await closed;
}

/** Wazuh may be away: then what is left stays on disk for the next start. */
async function drain(spool: Spool): Promise<void> {
  const until = performance.now() + DRAIN_MS;
  while (spool.usage().undeliveredRecords > 0 && performance.now() < until) await sleep(POLL_MS);
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  await once(server, 'close');
}

/** What a client on this machine puts in for an address that means all of them. */
function dialled(bound: string): string {
  return bound.replace(/^\[::\]:/, 'localhost:').replace(/^0\.0\.0\.0:/, '127.0.0.1:');
}
