/**
 * The way into Wazuh that the configuration names, paced where the daemon behind it drops what comes too fast. Here the
 * four ways meet; everything behind this file knows one interface.
 */
import { type EmbeddedEvent, openEmbeddedWazuh } from '@k8s-audit/embedded-wazuh';
import {
  createAgentTransport,
  createEmbeddedTransport,
  createFileTransport,
  createManagerTransport,
  createPacer,
  type DatagramTransportOptions,
  loadReaderFor,
  type Pacer,
  type PacerFigures,
  type PacingSource,
  paceTransport,
  type ReadLoad,
  type Transport,
  type TransportState,
} from '@k8s-audit/wazuh-queue';
import type { WazuhSettings } from './configuration.ts';
import type { FaultCounts } from './fault-counts.ts';
import type { Logger } from './log.ts';

/** What metrics and the pipeline's health ask of a transport while it runs. */
export interface TransportFigures {
  readonly name: Transport['name'];
  /** The last that the transport told of its reader; undefined before the first word. */
  readonly state: TransportState | undefined;
  /** `undefined`: nothing holds this transport back but itself. */
  readonly pacing: PacerFigures | undefined;
}

export interface OpenedTransport {
  readonly transport: Transport;
  readonly figures: () => TransportFigures;
}

/** Whoever is told of what goes wrong. */
export interface Witness {
  readonly log: Logger;
  readonly faults: FaultCounts;
}

/**
 * How fast to go where the daemon tells nothing of its queues. A manager works off some 1,000 alerting events a second at
 * worst (10 KB each, with logall_json: facts of wazuh-analysisd 4.14.7), an agent sends 500 (`<client_buffer>`, its default).
 */
const CEILING_PER_SECOND = { manager: 1000, agent: 500 } as const;

/**
 * @param lastReader the reader that an earlier process sent to last, as it stands beside the cursor
 * @throws {Failure} of the socket's path, or of the embedded back end's rules and files
 */
export async function openTransport(settings: WazuhSettings, lastReader: string, witness: Witness): Promise<OpenedTransport> {
  const { log, faults } = witness;
  let state: TransportState | undefined;
  const onState = (told: TransportState): void => {
    state = told;
    faults.count('wazuh', told.state === 'waiting' ? `waiting-${told.reason}` : told.state);
    log[told.state === 'connected' ? 'info' : 'warn']({ event: `wazuh-${told.state}`, ...told });
  };
  const opened = await openWay(settings, { onState, ...(lastReader === '' ? {} : { lastReader }) }, witness);
  return {
    transport: opened.transport,
    figures: () => ({ name: opened.transport.name, state, pacing: opened.pacer?.figures() }),
  };
}

/** For the ready line: what an operator should know of the way before the first event is lost behind it. */
export function describeTransport({ name, maxDatagramBytes, pacing, lossAfterUs }: Transport, settings: WazuhSettings): object {
  return { transport: name, maxDatagramBytes, pacing: pacingText(pacing, ceilingOf(name, settings)), lossAfterUs };
}

interface Way {
  readonly transport: Transport;
  readonly pacer?: Pacer;
}

async function openWay(
  settings: WazuhSettings,
  given: Pick<DatagramTransportOptions, 'onState' | 'lastReader'>,
  witness: Witness,
): Promise<Way> {
  switch (settings.transport) {
    case 'manager':
    case 'agent': {
      const create = settings.transport === 'manager' ? createManagerTransport : createAgentTransport;
      let pacer: Pacer | undefined;
      const inner = create({ ...given, socketPath: settings.socket, daemonBacklog: () => pacer?.backlog() ?? 0 });
      pacer = openPacer(inner, settings, witness);
      return { transport: paceTransport(inner, pacer), pacer };
    }
    case 'file': {
      const { path = '', maxBytes, keptFiles, sync } = settings.file;
      const inner = createFileTransport({
        path,
        maxFileBytes: maxBytes,
        keptFiles,
        sync: sync ? 'always' : 'never',
        ...(given.onState === undefined ? {} : { onState: given.onState }),
      });
      if (settings.pacing.ceilingPerSecond === undefined) return { transport: inner };
      const pacer = openPacer(inner, settings, witness);
      return { transport: paceTransport(inner, pacer), pacer };
    }
    case 'embedded': {
      const wazuh = await openEmbeddedWazuh({
        homeFolder: settings.embedded.home ?? '',
        onEvent: (event: EmbeddedEvent) =>
          witness.log[event.kind === 'rules-loaded' ? 'info' : 'warn']({ event: `embedded-${event.kind}`, ...event }),
      });
      const inner = createEmbeddedTransport((messages) => wazuh.process(messages));
      return { transport: { ...inner, close: () => inner.close().then(() => wazuh.close()) } };
    }
  }
}

function openPacer({ name, pacing }: Transport, settings: WazuhSettings, { log, faults }: Witness): Pacer {
  const ceilingPerSecond = ceilingOf(name, settings) ?? Number.POSITIVE_INFINITY;
  const unreadable: ReadLoad = async () => ({ kind: 'unavailable', reason: `nothing tells how fast a ${name} is read` });
  return createPacer({
    readLoad: loadReaderFor(pacing, settings.pacing.clientBufferEvents) ?? unreadable,
    ceilingPerSecond,
    onChange: (change) => {
      if (change.kind === 'daemon-dropped' || change.source === 'ceiling')
        faults.count('wazuh', change.kind === 'daemon-dropped' ? 'dropped' : 'pacing-ceiling');
      if (change.kind === 'daemon-dropped') log.warn({ event: 'wazuh-dropped', events: change.events });
      else if (change.source === 'ceiling') log.warn({ event: 'pacing-ceiling', ceilingPerSecond, reason: change.reason });
      else log.info({ event: 'pacing-source', source: change.source });
    },
  });
}

function ceilingOf(name: Transport['name'], { pacing }: WazuhSettings): number | undefined {
  if (pacing.ceilingPerSecond !== undefined) return pacing.ceilingPerSecond;
  return name === 'manager' || name === 'agent' ? CEILING_PER_SECOND[name] : undefined;
}

function pacingText(pacing: PacingSource, ceiling: number | undefined): string {
  const otherwise = ceiling === undefined ? '' : `, else at most ${ceiling} events a second`;
  switch (pacing.kind) {
    case 'getstats':
      return `getstats on ${pacing.socketPath}, or ${pacing.stateFile}${otherwise}`;
    case 'agent-state':
      return `msg_buffer in ${pacing.stateFile}${otherwise}`;
    case 'back-pressure':
      return 'the transport waits for its reader';
    case 'none':
      return ceiling === undefined ? 'none: as fast as the file takes it' : `at most ${ceiling} events a second`;
  }
}
