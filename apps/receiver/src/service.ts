/**
 * The receiver as a running whole: opens the spool and the transport, starts delivery, opens the listeners; stops them in
 * the other order. What happens to an event stands in flow.ts.
 */
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSpool, type Spool, type SpoolEvent } from '@k8s-audit/spool';
import type { InheritedSocket } from '@k8s-audit/systemd';
import { createAdminListener } from './admin-listener.ts';
import type { AuditEndpoint } from './audit-endpoint.ts';
import { Books } from './books.ts';
import { BytesInFlight } from './bytes-in-flight.ts';
import type { Configuration } from './configuration.ts';
import { Connections } from './connections.ts';
import { createDataListener } from './data-listener.ts';
import { EventTrace } from './event-trace.ts';
import { FaultCounts } from './fault-counts.ts';
import { deliver } from './flow.ts';
import { Health } from './health/health.ts';
import { openKnownApiServers } from './health/known-api-servers.ts';
import { withNoticeLane } from './health/notice-lane.ts';
import { LargeEvents } from './large-events.ts';
import { closeServer, dialled, finishRequests, listen } from './listen.ts';
import { filesOf, LiveConfiguration } from './live-configuration.ts';
import type { Logger } from './log.ts';
import { memoryCapBytes } from './memory-cap.ts';
import { createMetrics } from './metrics.ts';
import { describeTransport, openTransport } from './open-transport.ts';
import { createIntake, createOutlet, type DeliveryCounts, shapingSettings, showsCluster } from './pipeline.ts';
import { openQuarantine } from './quarantine.ts';
import { Refusals } from './refusals.ts';
import { settingsInEffect } from './settings-in-effect.ts';
import { allEnded, openSources, stopSources } from './sources/open-sources.ts';
import type { Source, SourceFigures } from './sources/source.ts';
import { watchFiles } from './watched-files.ts';

/** How long requests under way may take to end, and then the spool to drain, before the rest is left for the next start. */
const FINISH_REQUESTS_MS = 5_000;
const DRAIN_MS = 10_000;
const POLL_MS = 20;
/** What dies with a Wazuh that is killed: its queue of 16,384 events, what lay in its socket (513), and what shares the spool with these. */
const REWIND_RECORDS = 20_000;
/** FileDescriptorName= of a socket unit for the admin listener; every other inherited socket is for events. */
const ADMIN_SOCKET = 'admin';

export interface Service {
  /** As a client on this machine dials it: `https://127.0.0.1:8080`. Absent without the webhook. */
  readonly url?: string;
  /** `http://127.0.0.1:9808`, or the path of a unix socket. */
  readonly admin: string;
  /** Resolves when nothing can come any more: standard input was all, and has ended. */
  readonly ended: Promise<void>;
  /** False when only a new process can help. */
  isAlive(): boolean;
  /** Reads configuration, certificates and lists again; what is broken leaves the old in effect. */
  reload(): Promise<void>;
  /** No new requests, the begun ones finished, what is spooled delivered as far as time allows; nothing is lost. */
  stop(): Promise<void>;
}

/** What the process around the service hands in. */
export interface Surroundings {
  /** Reads the configuration once more. */
  readonly reread?: () => Configuration;
  /** Watched for changes, beside the files that it names. */
  readonly configurationFile?: string;
  /** Sockets that systemd keeps open while the service restarts. */
  readonly sockets?: readonly InheritedSocket[];
}

/** @throws {Failure} of the files of the configuration, the spool, the socket's path, or a port that is taken; nothing stays open then */
export async function startService(configuration: Configuration, log: Logger, surroundings: Surroundings = {}): Promise<Service> {
  const { reread, configurationFile, sockets = [] } = surroundings;
  // Before the files are read: what changes while they are is seen.
  let current = configuration;
  let onFilesChanged = (): void => undefined;
  const watch = watchFiles(
    () => [...(configurationFile === undefined ? [] : [configurationFile]), ...filesOf(current)],
    () => onFilesChanged(),
  );
  const live = await LiveConfiguration.load(configuration, { log, now: Date.now, ...(reread === undefined ? {} : { read: reread }) });
  const faults = new FaultCounts();
  const spool = await openReceiverSpool(configuration, faults, log);
  const opened: (() => Promise<void>)[] = [() => spool.close(), async () => watch.close()];
  try {
    const books = new Books();
    const refusals = new Refusals(log, Date.now);
    const inFlight = new BytesInFlight(configuration.limits.inFlightBytes, configuration.limits.bodyBytes);
    const connections = new Connections(configuration.limits, (remote) => refusals.report(0, 'unidentified-evicted', { remote }));
    const quarantine = await openQuarantine(`${configuration.spool.folder}/quarantine`, Date.now);
    const known = await openKnownApiServers(`${configuration.spool.folder}/health`);
    const deliveryCounts: DeliveryCounts = { lateEvents: 0 };
    const trace = new EventTrace(Date.now);

    const way = await openTransport(configuration.wazuh, Buffer.from(spool.note).toString(), { log, faults });
    const lane = withNoticeLane(way.transport);
    const { transport } = lane;
    opened.unshift(() => transport.close());
    const shaping = shapingSettings(configuration, transport);
    const largeEvents = new LargeEvents(shaping, (detail, byteLength) => {
      faults.count('event', 'bodies-left-out');
      log.warn({ event: 'event-bodies-left-out', detail, byteLength });
    });
    opened.unshift(() => largeEvents.close());
    const shared = { configuration, spool, books, quarantine, trace, shaping, largeEvents, now: Date.now };
    const stopping = new AbortController();
    const delivery = deliver(createOutlet({ ...shared, transport, deliveryCounts, stopSignal: stopping.signal }));
    let deliveryFailure: string | undefined;
    delivery.catch((error: unknown) => {
      deliveryFailure = (error as Error).message;
      log.fatal({ event: 'delivery-stopped', detail: deliveryFailure });
    });
    let sources: readonly Source[] = [];
    const sourceFigures = (): readonly SourceFigures[] => sources.map((source) => source.figures());
    const health = new Health({
      live,
      books: () => books.snapshot(),
      refusals,
      spool: () => spool.usage(),
      transport: way.figures,
      sources: sourceFigures,
      lateEvents: () => deliveryCounts.lateEvents,
      lane,
      known,
      isNamed: showsCluster(transport, configuration.wazuh.namedLocation),
      hostName: hostname(),
      log,
      now: Date.now,
    });
    opened.unshift(() => health.stop());

    const metrics = createMetrics({
      books: () => books.snapshot(),
      refusals,
      faults,
      inFlight,
      spool: () => spool.usage(),
      memoryCapBytes: memoryCapBytes(configuration.limits),
      connections,
      live,
      transport: way.figures,
      sources: sourceFigures,
      delivery: deliveryCounts,
      health: () => health.report,
    });
    let isStopping = false;
    const endpoint: AuditEndpoint = {
      intake: createIntake(shared),
      inFlight,
      maxBodyBytes: configuration.limits.bodyBytes,
      refusals,
      log,
      trust: () => live.trust,
      connections,
      now: Date.now,
      answered: metrics.answered,
      unpacked: metrics.unpacked,
      isStopping: () => isStopping,
    };
    const dataListener = configuration.sources.webhook ? createDataListener(configuration.limits, endpoint) : undefined;
    onFilesChanged = () => void live.reload('file-changed');
    live.onReloaded(() => {
      current = live.configuration;
      log.level = live.configuration.log.level;
      dataListener?.trustChanged();
    });
    const isAlive = (): boolean => deliveryFailure === undefined;
    const adminListener = createAdminListener({
      isAlive,
      whyNotReady: () => [
        ...(deliveryFailure === undefined ? [] : [`delivery stopped: ${deliveryFailure}`]),
        ...(spool.usage().level === 'full' ? ['the spool is full'] : []),
        ...(isStopping ? ['stopping'] : []),
      ],
      warnings: () => (live.failure === undefined ? [] : [`the configuration on disk is not in effect: ${live.failure.detail}`]),
      books: () => books.snapshot(),
      spool: () => spool.usage(),
      refusals,
      metrics: metrics.registry,
      settings: () => settingsInEffect(live),
      trace,
    });
    opened.unshift(() => closeServer(adminListener));
    const socketNamed = (isAdmin: boolean): InheritedSocket | undefined => sockets.find(({ name }) => (name === ADMIN_SOCKET) === isAdmin);
    const admin = await listen(adminListener, configuration.admin, socketNamed(true));
    if (dataListener !== undefined) opened.unshift(() => closeServer(dataListener.server));
    const address = dataListener && dialled(await listen(dataListener.server, configuration.listen, socketNamed(false)));
    const url = address === undefined ? {} : { url: `${configuration.listen.plainHttp ? 'http' : 'https'}://${address}` };
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
      isAlive,
      reload: () => live.reload('signal'),
      async stop() {
        log.info({ event: 'stopping' });
        isStopping = true;
        watch.close();
        await Promise.all([stopSources(sources), dataListener && finishRequests(dataListener.server, FINISH_REQUESTS_MS)]);
        await drain(spool, () => way.figures().state?.state !== 'waiting');
        stopping.abort();
        await health.stop();
        await transport.close();
        await delivery.catch(() => undefined); // logged when it happened
        await largeEvents.close();
        log.info({ event: 'stopped', books: books.snapshot() });
        await closeServer(adminListener);
        await spool.close();
      },
    };
  } catch (error) {
    for (const closeOne of opened) await closeOne();
    throw error;
  }
}

function openReceiverSpool({ spool }: Configuration, faults: FaultCounts, log: Logger): Promise<Spool> {
  const { keepDeliveredSeconds, ...limits } = spool;
  return openSpool({
    ...limits,
    rewindRecords: REWIND_RECORDS,
    deliveredRetentionMs: keepDeliveredSeconds * 1_000,
    onEvent: (event) => {
      faults.count('spool', event.kind === 'level' ? `level-${event.level}` : event.kind);
      log[isGood(event) ? 'info' : 'warn']({ event: `spool-${event.kind}`, ...event });
    },
  });
}

function isGood(event: SpoolEvent): boolean {
  return event.kind === 'write-recovered' || (event.kind === 'level' && event.level === 'ok');
}

/** As far as time allows and Wazuh reads; what is left stays on disk for the next start. Nobody waits for a Wazuh that is away. */
async function drain(spool: Spool, isTaking: () => boolean): Promise<void> {
  const until = performance.now() + DRAIN_MS;
  while (spool.usage().undeliveredRecords > 0 && isTaking() && performance.now() < until) await sleep(POLL_MS);
}
