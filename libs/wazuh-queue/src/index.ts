/** Wazuh's queue: both ends of its unix datagram socket, and the transports that lead into Wazuh. */
export { createAgentTransport } from './agent-transport.ts';
export { type Clock, SYSTEM_CLOCK } from './clock.ts';
export { askDaemon, type ControlAnswer } from './control-client.ts';
export { type DaemonStatistics, parseDaemonStatistics, readDaemonStatistics, type StatisticsAnswer } from './daemon-statistics.ts';
export type { DatagramTransportOptions } from './datagram-transport.ts';
export { createEmbeddedTransport } from './embedded-transport.ts';
export { createFileTransport, type FileTransportOptions } from './file-transport.ts';
export type { LoadSample, QueueLoad, ReadLoad } from './load.ts';
export { createManagerTransport, QUEUE_SOCKET } from './manager-transport.ts';
export { paceTransport } from './paced-transport.ts';
export { createPacer, type Pacer, type PacerChange, type PacerFigures, type PacerOptions } from './pacer.ts';
export { openQueueReader, type QueueReader, type QueueReaderOptions } from './queue-reader.ts';
export { loadReaderFor } from './read-load.ts';
export { readSocketIdentity } from './socket-identity.ts';
export type { PacingSource, SendOutcome, Transport, TransportState, WaitingReason } from './transport.ts';
export { startWorker, type WorkerCode } from './worker-code.ts';
