/** Wazuh's queue: both ends of its unix datagram socket, and the transports that lead into Wazuh. */
export { createAgentTransport } from './agent-transport.ts';
export type { DatagramTransport, DatagramTransportOptions } from './datagram-transport.ts';
export { createManagerTransport, QUEUE_SOCKET } from './manager-transport.ts';
export { openQueueReader, type QueueReader, type QueueReaderOptions } from './queue-reader.ts';
export { readSocketIdentity } from './socket-identity.ts';
export type { PacingSource, SendOutcome, Transport, TransportState, WaitingReason } from './transport.ts';
export type { WorkerCode } from './worker-code.ts';
