/**
 * The stream sockets of wazuh-analysisd (queue/sockets/analysis, queue/sockets/logtest) exchange frames: a length of four
 * bytes, little-endian, then that many bytes of text (wazuh v4.14.7 src/os_net/os_net.c, OS_SendSecureTCP).
 */
import { Failure } from '@k8s-audit/failure';

/** OS_MAXSTR less the NUL: what analysisd takes and what its own client sends. Longer answers exist; see `ControlFrameReader`. */
export const MAX_CONTROL_FRAME_BYTES = 65_535;

/** @param text bytes, where a text may hold what is no UTF-8: Wazuh passes such logs on as they are */
export function encodeControlFrame(text: string | Uint8Array): Buffer {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Puts frames together again from a stream's chunks, however they are cut. */
export class ControlFrameReader {
  private readonly maxFrameBytes: number;
  private pending: Buffer = Buffer.alloc(0);

  /** @param maxFrameBytes a peer's word for a length is not believed beyond this */
  constructor(maxFrameBytes: number = MAX_CONTROL_FRAME_BYTES) {
    this.maxFrameBytes = maxFrameBytes;
  }

  /**
   * @returns the texts of the frames that this chunk completes
   * @throws {Failure} CONTROL_FRAME_TOO_LARGE: the stream cannot be read on, close it
   */
  push(chunk: Uint8Array): readonly string[] {
    this.pending = this.pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.pending, chunk]);
    const texts: string[] = [];
    let start = 0;
    while (this.pending.length - start >= 4) {
      const length = this.pending.readUInt32LE(start);
      if (length > this.maxFrameBytes)
        throw new Failure('CONTROL_FRAME_TOO_LARGE', `A frame of ${length} bytes was announced, ${this.maxFrameBytes} are allowed.`, {
          hint: 'Is this the socket of wazuh-analysisd? Its frames begin with a length of four bytes, little-endian.',
        });
      if (this.pending.length - start - 4 < length) break;
      texts.push(this.pending.toString('utf8', start + 4, start + 4 + length));
      start += 4 + length;
    }
    this.pending = this.pending.subarray(start);
    return texts;
  }
}
