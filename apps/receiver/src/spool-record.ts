import { Failure } from '@k8s-audit/failure';

/** Where an event came from, as the receiver proved it: never what the event says of itself. */
export interface Origin {
  readonly cluster: string;
  /** Tells the API servers of one cluster apart; `-` when the path names none. */
  readonly apiServer: string;
  readonly source: 'webhook' | 'log' | 'replay';
}

export interface SpooledItem {
  readonly origin: Origin;
  readonly receivedAtMs: number;
  /** The raw item, redacted: one audit event as JSON. */
  readonly item: Buffer;
}

/*
 * A record of the spool, version 1:
 *
 *   0  u8      version, 1
 *   1  u48     received at, milliseconds since 1970 (big endian)
 *   7  u16     length of the origin
 *   9  bytes   the origin as JSON
 *   …  bytes   the redacted item, to the record's end
 */
const VERSION = 1;
const HEADER_BYTES = 9;

/** What all records of one request begin with, made once a request; the item follows. */
export function encodeOrigin(origin: Origin, receivedAtMs: number): Buffer {
  const json = Buffer.from(JSON.stringify(origin));
  const header = Buffer.allocUnsafe(HEADER_BYTES + json.length);
  header.writeUInt8(VERSION, 0);
  header.writeUIntBE(receivedAtMs, 1, 6);
  header.writeUInt16BE(json.length, 7);
  json.copy(header, HEADER_BYTES);
  return header;
}

/** Clusters are few and their origins repeat: the JSON of each is parsed once. */
const knownOrigins = new Map<string, Origin>();
const MAX_KNOWN_ORIGINS = 10_000;

/** @throws {Failure} `SPOOL_RECORD` for a record that this version cannot have written */
export function decodeRecord(record: Uint8Array): SpooledItem {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  if (bytes.length < HEADER_BYTES || bytes.readUInt8(0) !== VERSION)
    throw new Failure('SPOOL_RECORD', `a spool record of version ${bytes[0] ?? 'none'}, this receiver reads version ${VERSION}`, {
      hint: 'drain the spool with the version that wrote it',
    });
  const itemStart = HEADER_BYTES + bytes.readUInt16BE(7);
  return {
    origin: originOf(bytes.toString('latin1', HEADER_BYTES, itemStart)),
    receivedAtMs: bytes.readUIntBE(1, 6),
    item: bytes.subarray(itemStart),
  };
}

function originOf(json: string): Origin {
  let origin = knownOrigins.get(json);
  if (origin === undefined) {
    origin = JSON.parse(json) as Origin;
    if (knownOrigins.size >= MAX_KNOWN_ORIGINS) knownOrigins.clear();
    knownOrigins.set(json, origin);
  }
  return origin;
}
