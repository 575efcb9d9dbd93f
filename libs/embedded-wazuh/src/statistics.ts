/** What the stand-in counts, and how wazuh-analysisd would say it (getstats). */
export interface EmbeddedStatistics {
  readonly startedAtMs: number;
  readonly received: number;
  readonly receivedBytes: number;
  readonly processed: number;
  /** Events that a decoder took. */
  readonly decoded: number;
  readonly alertsWritten: number;
  readonly archivesWritten: number;
  /** Neither too short nor without a location: analysisd would log an error (1106, 1222) and drop it, and so do we. */
  readonly refused: number;
  /** Events of which the rule engine could not tell what Wazuh would do. They are in archives.json, without a rule. */
  readonly undecided: number;
  /** By the rule that was being tried. */
  readonly undecidedByRule: Readonly<Record<number, number>>;
  /** Lines that were given up when the stand-in was stopped while the disk was full. */
  readonly unwritten: number;
  /** Messages in hand. */
  readonly queued: number;
}

/** wazuh v4.14.7 etc/internal_options.conf, analysisd.*_queue_size */
const QUEUE_SIZE = 16_384;
const QUEUES = [
  'alerts',
  'archives',
  'dbsync',
  'eventchannel',
  'firewall',
  'fts',
  'hostinfo',
  'others',
  'processed',
  'rootcheck',
  'sca',
  'stats',
  'syscheck',
  'syscollector',
  'upgrade',
] as const;

/**
 * The `data` of getstats, with every key that a real answer has: tools made for it look into any of them
 * (wazuh v4.14.7 src/analysisd/state.c, asys_create_state_json).
 */
export function renderStatistics(statistics: EmbeddedStatistics, nowMs: number): object {
  return {
    // The time of the start, whatever its name.
    uptime: Math.floor(statistics.startedAtMs / 1000),
    timestamp: Math.floor(nowMs / 1000),
    name: 'wazuh-analysisd',
    metrics: {
      bytes: { received: statistics.receivedBytes },
      events: {
        processed: statistics.processed,
        received: statistics.received,
        received_breakdown: {
          decoded_breakdown: breakdown(statistics.decoded),
          dropped_breakdown: breakdown(0),
        },
        // Ours alone: wazuh-analysisd has no such verdict, and its tools pass over keys that they do not know.
        undecided: statistics.undecided,
        undecided_breakdown: statistics.undecidedByRule,
        written_breakdown: { alerts: statistics.alertsWritten, archives: statistics.archivesWritten, firewall: 0, fts: 0, stats: 0 },
      },
      queues: Object.fromEntries(
        QUEUES.map((name) => [name, { size: QUEUE_SIZE, usage: name === 'others' ? Math.min(1, statistics.queued / QUEUE_SIZE) : 0 }]),
      ),
    },
  };
}

/** By source; ours is what logcollector sends as `1:`. */
function breakdown(others: number): object {
  return {
    agent: 0,
    agentless: 0,
    dbsync: 0,
    integrations_breakdown: { virustotal: 0 },
    modules_breakdown: {
      aws: 0,
      azure: 0,
      ciscat: 0,
      command: 0,
      docker: 0,
      gcp: 0,
      github: 0,
      logcollector_breakdown: { eventchannel: 0, eventlog: 0, macos: 0, others },
      office365: 0,
      'ms-graph': 0,
      oscap: 0,
      osquery: 0,
      rootcheck: 0,
      sca: 0,
      syscheck: 0,
      syscollector: 0,
      upgrade: 0,
      vulnerability: 0,
    },
    monitor: 0,
    remote: 0,
    syslog: 0,
  };
}
