import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

const LINE_FEED = 0x0a;

/**
 * The lines of a file that gzip packed, from a byte of the unpacked text on, some at a time. Nobody writes to it any more: a last
 * line without a line feed is one.
 *
 * @param take gets whole lines each time; resolves when they are taken
 * @returns the byte behind the last line, unpacked
 * @throws the system's or zlib's error: then what was taken before stays taken, and `onTaken` has told how far
 */
export async function readPackedLog(
  file: string,
  fromByte: number,
  take: (lines: Buffer) => Promise<boolean>,
  onTaken: (byte: number) => void,
): Promise<'end' | 'stopped'> {
  const stream = createReadStream(file);
  const unpacked = stream.pipe(createGunzip({ chunkSize: 256 * 1024 }));
  stream.on('error', (error) => unpacked.destroy(error));
  let byte = fromByte;
  let toSkip = fromByte;
  let pending: Buffer[] = [];
  const hand = async (lines: Buffer): Promise<boolean> => {
    if (lines.length === 0) return true;
    if (!(await take(lines))) return false;
    byte += lines.length;
    onTaken(byte);
    return true;
  };
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      const skipped = Math.min(toSkip, chunk.length);
      toSkip -= skipped;
      const rest = chunk.subarray(skipped);
      const end = rest.lastIndexOf(LINE_FEED) + 1;
      if (end === 0) {
        if (rest.length > 0) pending.push(rest);
        continue;
      }
      if (!(await hand(Buffer.concat([...pending, rest.subarray(0, end)])))) return 'stopped';
      pending = end < rest.length ? [rest.subarray(end)] : [];
    }
    if (pending.length > 0 && !(await hand(Buffer.concat([...pending, Buffer.from([LINE_FEED])])))) return 'stopped';
    return 'end';
  } finally {
    stream.destroy();
    unpacked.destroy();
  }
}
