import { z } from 'zod';
import { bytes, KIB, MIB } from './configuration-values.ts';

export interface Limits {
  readonly bodyBytes: number;
  readonly itemBytes: number;
  readonly inFlightBytes: number;
  readonly headerBytes: number;
  readonly handshakeSeconds: number;
  readonly headerSeconds: number;
  readonly bodySeconds: number;
  readonly idleSeconds: number;
  readonly connections: number;
  readonly connectionsPerCluster: number;
  readonly unidentifiedConnections: number;
}

const seconds = z.number().positive().max(86_400);
const count = z.number().int().positive();

export const limitsSchema: z.ZodType<Limits> = z
  .strictObject({
    bodyBytes: bytes.default(256 * MIB).describe('a larger request body, unpacked if it is gzip, is answered with 413'),
    itemBytes: bytes.default(8 * MIB).describe('a larger event is quarantined'),
    inFlightBytes: bytes
      .default(256 * MIB)
      .describe(
        'request bodies held in memory together; above it 503. One cluster may hold half of it, or one body. The process stays below 512 MiB + this',
      ),
    headerBytes: z
      .number()
      .int()
      .min(KIB)
      .max(MIB)
      .default(16 * KIB)
      .describe('request line and headers together; above it 431'),
    handshakeSeconds: seconds.default(10).describe('a TLS handshake that takes longer is ended'),
    headerSeconds: seconds.default(10).describe('headers that take longer end the connection'),
    // kube-apiserver gives up after 30 s; a body that takes longer has nobody waiting for the answer.
    bodySeconds: seconds.default(60).describe('a request that takes longer ends its connection'),
    // Go's client keeps an idle connection for 90 s; ours must live longer, else a quiet API server's next POST meets a closing socket.
    idleSeconds: seconds.default(120).describe('a connection without a request is closed after this; more than the 90 s of an API server'),
    connections: count.default(4096).describe('open connections in all'),
    // An API server opened 879 in an outage of 130 s with batches of one event (measured).
    connectionsPerCluster: count.default(2048).describe('open connections of one cluster; above it 503'),
    unidentifiedConnections: count
      .default(512)
      .describe(
        'of all connections, how many may be of clients that have not shown who they are; the oldest of the busiest address goes first',
      ),
  })
  .prefault({});

export function limitProblems(limits: Limits): readonly { readonly path: readonly string[]; readonly message: string }[] {
  const problem = (key: keyof Limits, message: string): { path: readonly string[]; message: string } => ({
    path: ['limits', key],
    message,
  });
  return [
    ...(limits.bodyBytes > limits.inFlightBytes
      ? [problem('bodyBytes', 'more than limits.inFlightBytes: such a body could never be taken')]
      : []),
    ...(limits.itemBytes > limits.bodyBytes ? [problem('itemBytes', 'more than limits.bodyBytes')] : []),
    ...(limits.unidentifiedConnections >= limits.connections
      ? [problem('unidentifiedConnections', 'leaves nothing of limits.connections to clients that are known')]
      : []),
  ];
}
