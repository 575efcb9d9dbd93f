import { createGunzip } from 'node:zlib';

/** So much comes out at a time: unpacked in a thread of libuv's, scanned by the main thread between the pieces of others. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Unpacks a body while it arrives: one gzip member or several, zeros behind the last (gzip(1) pads with them). Nothing is unpacked
 * before what came out earlier has been taken, so that stopping early stops the work.
 *
 * Throws what `isGzipFault` knows; where the body breaks off, all that stood before has been given out by then, and where it
 * is damaged, all but what came with the damage. Throws what `packed` throws, too.
 */
export async function* unpackGzip(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  let wake = (): void => undefined;
  for (const event of ['readable', 'error', 'close']) gunzip.on(event, () => wake());
  /** Puts something in and gives what comes out, until it was taken. */
  async function* through(put: (taken: () => void) => void): AsyncGenerator<Buffer> {
    let isTaken = false;
    put(() => {
      isTaken = true;
      wake();
    });
    for (;;) {
      const changed = new Promise<void>((resolve) => (wake = resolve));
      const chunk = gunzip.read() as Buffer | null;
      if (chunk !== null) yield chunk;
      else if (gunzip.errored) throw gunzip.errored;
      else if (isTaken || gunzip.destroyed) return;
      else await changed;
    }
  }
  try {
    for await (const piece of packed) {
      // A stream that fails throws away what it holds: so the next piece goes in when it holds nothing, which `pipeline` would not wait for.
      yield* through((taken) => gunzip.write(piece, taken));
      if (gunzip.readableEnded) return;
    }
    // Not the callback of `end`: it comes before zlib has looked whether the text is whole.
    yield* through((taken) => gunzip.once('end', taken).end());
  } finally {
    gunzip.destroy();
  }
}

/** zlib's own word for what is no gzip, is damaged, or breaks off. */
export function isGzipFault(error: unknown): error is Error {
  return error instanceof Error && /^Z_/.test((error as NodeJS.ErrnoException).code ?? '');
}
