import { addressOf } from './libc.ts';

/** sizeof(struct mmsghdr) on 64-bit Linux: msghdr 56 bytes, msg_len 4, padding 4. */
const HEADER_BYTES = 64;
const IOVEC_BYTES = 16;
const IOV_OFFSET = 16;
const IOVLEN_OFFSET = 24;
const LENGTH_OFFSET = 56;

/**
 * The argument of sendmmsg and recvmmsg: headers of one iovec each. Both arrays are made once and kept, and each entry
 * can be pointed anywhere into one region of memory, so that nothing is copied on this side.
 */
export class MessageVector {
  private readonly headers: Buffer;
  private readonly words: Uint32Array;
  private readonly iovecs: Buffer;
  private readonly region: Uint8Array;
  private readonly regionAddress: number;

  /** @param region is kept, so that it is never freed while the kernel may be told to look at it */
  constructor(region: Uint8Array, capacity: number) {
    this.region = region;
    this.headers = Buffer.alloc(capacity * HEADER_BYTES);
    this.iovecs = Buffer.alloc(capacity * IOVEC_BYTES);
    this.words = new Uint32Array(this.iovecs.buffer, this.iovecs.byteOffset, this.iovecs.length / 4);
    this.regionAddress = addressOf(region);
    const iovecs = BigInt(addressOf(this.iovecs));
    for (let each = 0; each < capacity; each++) {
      this.headers.writeBigUInt64LE(iovecs + BigInt(each * IOVEC_BYTES), each * HEADER_BYTES + IOV_OFFSET);
      this.headers.writeBigUInt64LE(1n, each * HEADER_BYTES + IOVLEN_OFFSET);
    }
  }

  /** Lets entry `index` mean `length` bytes of the region. As two words, because a BigInt each would cost more than the rest. */
  point(index: number, offset: number, length: number): void {
    if (offset < 0 || length < 0 || offset + length > this.region.length) throw new RangeError('outside of the region');
    const address = this.regionAddress + offset;
    this.words[index * 4] = address % 2 ** 32;
    this.words[index * 4 + 1] = Math.floor(address / 2 ** 32);
    this.words[index * 4 + 2] = length;
    this.words[index * 4 + 3] = 0;
  }

  /** The headers from entry `index` on. */
  headersFrom(index: number): Buffer {
    return this.headers.subarray(index * HEADER_BYTES);
  }

  /** msg_len: how many bytes the kernel put into entry `index`. */
  receivedLength(index: number): number {
    return this.headers.readUInt32LE(index * HEADER_BYTES + LENGTH_OFFSET);
  }
}
