import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { PassThrough, pipeline, Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type AuditEvent, EventListScanner, parseAuditEvent, type ScannedItem } from '@k8s-audit/audit-events';
import { Failure } from '@k8s-audit/failure';

/** Events of a recording as they are read, some at a time. */
export interface RecordedBatch {
  readonly events: readonly { readonly event: AuditEvent; readonly byteLength: number }[];
  /** Items and lines that are no audit event. */
  readonly refused: number;
  /** Bytes of the file, packed ones if it is packed. */
  readonly readBytes: number;
  /** The last one of a gzip file that ends early or breaks: what stood before is in the batches before. */
  readonly cut?: string;
}

/** A line longer than this belongs to a document that is written over several lines. Posted batches are up to 48 MB. */
const MAX_LINE_BYTES = 256 * 1024 * 1024;

/**
 * Reads a recording: EventLists or events, one a line (an audit log, what a webhook was posted), or one document over
 * several lines. gzip is known by its first bytes. Only one line is held at a time, and of a document one event.
 *
 * @throws {Failure} `FILE_MISSING`, `FILE_UNREADABLE`
 */
export async function* readRecordedEvents(file: string, stdin: NodeJS.ReadableStream): AsyncGenerator<RecordedBatch> {
  let readBytes = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      readBytes += chunk.length;
      done(null, chunk);
    },
  });
  const source = file === '-' ? Readable.from(stdin) : createReadStream(file, { highWaterMark: 256 * 1024 });
  const counted = pipeline(source, counter, () => undefined); // an error shows in what is read from it
  try {
    for await (const batch of cutDocuments(await unpacked(counted))) yield { ...batch, readBytes };
  } catch (cause) {
    if (!isBrokenGzip(cause)) throw unreadable(file, cause);
    yield { events: [], refused: 0, readBytes, cut: (cause as Error).message };
  }
}

/** A log that is still being written, or was copied in part. */
function isBrokenGzip(cause: unknown): boolean {
  return ['Z_BUF_ERROR', 'Z_DATA_ERROR'].includes((cause as NodeJS.ErrnoException).code ?? '');
}

/** Bytes of a recording, for the progress; 0 when nobody knows. */
export async function recordingBytes(file: string): Promise<number> {
  if (file === '-') return 0;
  try {
    return (await stat(file)).size;
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): Failure {
  const code = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'FILE_MISSING' : 'FILE_UNREADABLE';
  return new Failure(code, `cannot read ${file}: ${(cause as Error).message}`, {
    hint: 'check the path, and that the file is whole',
    cause,
  });
}

/** gzip starts with 1f 8b. */
async function unpacked(stream: Readable): Promise<AsyncIterable<Buffer>> {
  const iterator = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await iterator.next();
  const whole = Readable.from(rejoin(first.done === true ? undefined : first.value, iterator), { objectMode: false });
  if (first.done === true || first.value[0] !== 0x1f || first.value[1] !== 0x8b) return whole;
  return gunzipped(pipeline(whole, createGunzip(), () => undefined));
}

/** What an error interrupts is handed out before the error: a stream that is destroyed forgets what it holds. */
async function* gunzipped(stream: Readable): AsyncGenerator<Buffer> {
  const held = new PassThrough();
  let broken: Error | undefined;
  stream.once('error', (error) => {
    broken = error;
    held.end();
  });
  stream.pipe(held);
  yield* held;
  if (broken !== undefined) throw broken;
}

async function* rejoin(first: Buffer | undefined, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (first !== undefined) yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

type Batch = Omit<RecordedBatch, 'readBytes'>;

/** A first line that is a document by itself says that all lines are; otherwise the whole text is one. */
async function* cutDocuments(chunks: AsyncIterable<Buffer>): AsyncGenerator<Batch> {
  let whole: EventListScanner | undefined;
  let isFirst = true;
  for await (const { bytes, ended } of cutLines(chunks)) {
    if (isFirst && bytes.length > 0) {
      isFirst = false;
      if (ended && isDocument(bytes)) {
        yield readLine(bytes);
        continue;
      }
      whole = new EventListScanner();
    }
    if (whole !== undefined) yield toBatch(whole.push(bytes), 0);
    else if (bytes.length > 0) yield readLine(bytes);
  }
  if (whole !== undefined) yield toBatch([], whole.end().kind === 'no-event' ? 1 : 0);
}

function isDocument(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString());
    return true;
  } catch {
    return false; // no JSON by itself: the start of something longer, or none at all
  }
}

function readLine(bytes: Buffer): Batch {
  const scanner = new EventListScanner();
  const items = scanner.push(bytes);
  const { kind } = scanner.end();
  if (kind !== 'no-event') return toBatch(items, kind === 'broken' ? 1 : 0);
  // An item of a list, as exports write them: without a kind.
  const parsed = parseAuditEvent(bytes);
  return parsed.kind === 'event' ? { events: [{ event: parsed.event, byteLength: bytes.length }], refused: 0 } : { events: [], refused: 1 };
}

function toBatch(items: readonly ScannedItem[], refusedDocuments: number): Batch {
  const events: { event: AuditEvent; byteLength: number }[] = [];
  let refused = refusedDocuments;
  for (const item of items) {
    const parsed = item.kind === 'event' ? parseAuditEvent(item.bytes) : undefined;
    if (item.kind === 'event' && parsed?.kind === 'event')
      events.push({ event: parsed.event, byteLength: item.cut?.byteLength ?? item.bytes.length });
    else refused++;
  }
  return { events, refused };
}

/** Lines without their ends; one that is too long comes in pieces, `ended` false. */
async function* cutLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<{ readonly bytes: Buffer; readonly ended: boolean }> {
  let kept: Buffer[] = [];
  let keptBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
      yield { bytes: trimmed(Buffer.concat([...kept, chunk.subarray(start, end)])), ended: true };
      kept = [];
      keptBytes = 0;
      start = end + 1;
    }
    kept.push(chunk.subarray(start));
    keptBytes += chunk.length - start;
    if (keptBytes <= MAX_LINE_BYTES) continue;
    yield { bytes: Buffer.concat(kept), ended: false };
    kept = [];
    keptBytes = 0;
  }
  if (keptBytes > 0) yield { bytes: trimmed(Buffer.concat(kept)), ended: true };
}

function trimmed(line: Buffer): Buffer {
  return line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
}
