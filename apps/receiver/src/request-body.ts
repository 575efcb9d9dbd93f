import type { IncomingMessage } from 'node:http';
import type { BytesInFlight } from './bytes-in-flight.ts';
import { isGzipFault, unpackGzip } from './gzip-body.ts';

/** What of a body is too much: `too-large` for ever, `no-memory` for the moment. */
export type BodyLimit = 'too-large' | 'no-memory';

export class BodyOverLimit extends Error {
  readonly limit: BodyLimit;
  constructor(limit: BodyLimit) {
    super(limit);
    this.limit = limit;
  }
}

/** `unknown`: a coding, or more than one, that is not taken. */
export type BodyEncoding = 'identity' | 'gzip' | 'unknown';

/** By RFC 9110 8.4.1: names in any case, `x-gzip` is gzip. One coding at most: what is packed twice has no honest sender. */
export function encodingOf(request: Pick<IncomingMessage, 'headers'>): BodyEncoding {
  switch (request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity') {
    case 'identity':
      return 'identity';
    case 'gzip':
    case 'x-gzip':
      return 'gzip';
    default:
      return 'unknown';
  }
}

export interface BodyLimits {
  readonly inFlight: BytesInFlight;
  /** Of the body as it is read: unpacked. */
  readonly maxBodyBytes: number;
}

/**
 * The body of one request, unpacked, each of its bytes held in the memory budget until the request is answered. A gzip
 * body counts by what comes out of it, as it comes out: a bomb ends at the limit like any other body that is too long.
 *
 * Iterating throws `BodyOverLimit`, or the request's own error when its client went away.
 */
export class RequestBody implements AsyncIterable<Uint8Array> {
  readonly #request: IncomingMessage;
  readonly #encoding: BodyEncoding;
  readonly #limits: BodyLimits;
  readonly #cluster: string;
  #heldBytes = 0;
  #fault: string | undefined;
  /** Of the body as it is read. */
  bytes = 0;
  /** Of a gzip body as it is sent. */
  packedBytes = 0;

  constructor(request: IncomingMessage, encoding: BodyEncoding, limits: BodyLimits, cluster: string) {
    this.#request = request;
    this.#encoding = encoding;
    this.#limits = limits;
    this.#cluster = cluster;
  }

  /** Why it ended early although its client had sent all of it: gzip that breaks off, or is none. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** False when there is no room for it now. */
  hold(bytes: number): boolean {
    if (!this.#limits.inFlight.tryHold(bytes, this.#cluster)) return false;
    this.#heldBytes += bytes;
    return true;
  }

  release(): void {
    this.#limits.inFlight.release(this.#heldBytes, this.#cluster);
    this.#heldBytes = 0;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    // A body that is refused half-way still gets its answer: the connection must outlive the reading.
    const received = this.#request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    try {
      for await (const chunk of this.#encoding === 'gzip' ? unpackGzip(this.#packed(received)) : received) {
        this.bytes += chunk.length;
        if (this.bytes > this.#limits.maxBodyBytes) throw new BodyOverLimit('too-large');
        // A chunked or a packed body announces no length: it is held as it comes.
        if (this.bytes > this.#heldBytes && !this.hold(this.bytes - this.#heldBytes)) throw new BodyOverLimit('no-memory');
        yield chunk;
      }
    } catch (error) {
      if (!isGzipFault(error)) throw error;
      this.#fault = `gzip: ${error.message}`;
    }
  }

  /** Members of nothing would come in without end and never count as body. */
  async *#packed(received: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of received) {
      this.packedBytes += chunk.length;
      if (this.packedBytes > this.#limits.maxBodyBytes) throw new BodyOverLimit('too-large');
      yield chunk;
    }
  }
}
