import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { isGzipFault, unpackGzip } from './gzip-body.ts';

const TEXT = Buffer.from(JSON.stringify({ items: Array.from({ length: 3_000 }, () => randomBytes(40).toString('hex')) }));

async function unpack(
  packed: Buffer,
  pieceBytes = 16_384,
): Promise<{ readonly out: Buffer; readonly fault?: unknown; readonly put: number }> {
  const chunks: Buffer[] = [];
  let put = 0;
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < packed.length; at += pieceBytes) {
      put++;
      yield packed.subarray(at, at + pieceBytes);
    }
  }
  try {
    for await (const chunk of unpackGzip(pieces())) chunks.push(chunk);
    return { out: Buffer.concat(chunks), put };
  } catch (fault) {
    return { out: Buffer.concat(chunks), fault, put };
  }
}

describe('a gzip body', () => {
  it.each([1, 7, 4_096, 1 << 20])('comes out as it went in, in pieces of %i bytes', async (pieceBytes) => {
    expect((await unpack(gzipSync(TEXT), pieceBytes)).out.equals(TEXT)).toBe(true);
  });

  it.each([1, 100, 1 << 20])('of several members is one text, in pieces of %i bytes', async (pieceBytes) => {
    const members = [TEXT.subarray(0, 10), TEXT.subarray(10, 10), TEXT.subarray(10)].map((part) => gzipSync(part));
    const { out, fault } = await unpack(Buffer.concat(members), pieceBytes);

    expect(fault).toBeUndefined();
    expect(out.equals(TEXT)).toBe(true);
  });

  it.each([1, 1 << 20])('may end in zeros, in pieces of %i bytes', async (pieceBytes) => {
    const { out, fault } = await unpack(Buffer.concat([gzipSync(TEXT), Buffer.alloc(100)]), pieceBytes);

    expect(fault).toBeUndefined();
    expect(out.equals(TEXT)).toBe(true);
  });

  it.each([0.1, 0.5, 0.99])('that breaks off after %f of it has given out all that stood before', async (share) => {
    const packed = gzipSync(TEXT, { level: 0 });
    const kept = Math.floor(packed.length * share);
    const { out, fault } = await unpack(packed.subarray(0, kept));

    expect(isGzipFault(fault)).toBe(true);
    // Stored, not packed: what is missing is header, trailer and a few bytes of each block.
    expect(out.length).toBeGreaterThan(kept - 100);
    expect(out.equals(TEXT.subarray(0, out.length))).toBe(true);
  });

  it.each([
    ['followed by garbage: a fault', Buffer.concat([gzipSync(TEXT), Buffer.from('garbage')])],
    ['with a wrong checksum: a fault', Buffer.concat([gzipSync(TEXT).subarray(0, -8), Buffer.alloc(8, 1)])],
    ['that is none: a fault', TEXT],
    ['that is empty: a fault', Buffer.alloc(0)],
  ])('%s', async (_, packed) => {
    const { out, fault } = await unpack(packed);

    expect(isGzipFault(fault)).toBe(true);
    expect(out.equals(TEXT.subarray(0, out.length))).toBe(true);
  });

  it('is not unpacked any further when its reader has enough', async () => {
    const member = gzipSync(Buffer.alloc(1 << 20));
    let put = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      for (;;) {
        put++;
        yield member;
      }
    }
    let read = 0;
    for await (const chunk of unpackGzip(endless())) {
      read += chunk.length;
      if (read > 3 << 20) break;
    }

    expect(put).toBeLessThanOrEqual(5);
  });

  it('fails as its source fails', async () => {
    async function* cut(): AsyncGenerator<Buffer> {
      yield gzipSync(TEXT).subarray(0, 100);
      throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    }
    const read = async (): Promise<void> => {
      for await (const _ of unpackGzip(cut()));
    };

    await expect(read()).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});
