import { Failure } from '@k8s-audit/failure';
import { escapeLocation } from './location.ts';

/**
 * The longest datagram of which wazuh-analysisd reads every byte, header included: OS_MAXSTR less its terminating NUL
 * (wazuh v4.14.7 src/headers/defs.h:51, src/os_net/os_net.c:529). What is longer is cut without any error, and half a
 * JSON document has no fields and matches no rule.
 */
export const MANAGER_MAX_DATAGRAM_BYTES = 65_535;

/** On an agent's socket: the manager writes `[ID] (NAME) ADDRESS->` before the location and then applies its own limit. */
export const AGENT_MAX_DATAGRAM_BYTES = 65_000;

/** LOCALFILE_MQ, the queue of the generic event decoder (wazuh v4.14.7 src/headers/mq_op.h:18). */
const LOCALFILE_QUEUE = '1';

/**
 * One event as the queue takes it: `1:LOCATION:JSON`, in UTF-8 (a lone surrogate becomes U+FFFD).
 *
 * @param location is escaped here; give it as it should be read
 * @throws {Failure} MESSAGE_TOO_LARGE, when the caller did not trim to `jsonBudget`; MESSAGE_HAS_NUL, because analysisd's
 *   strings end there
 */
export function frame(location: string, json: string, maxDatagramBytes: number = MANAGER_MAX_DATAGRAM_BYTES): Buffer {
  const datagram = Buffer.from(headerOf(location) + json);
  if (datagram.length > maxDatagramBytes)
    throw new Failure(
      'MESSAGE_TOO_LARGE',
      `${datagram.length} bytes, but Wazuh reads ${maxDatagramBytes} of a message and drops the rest.`,
      {
        hint: 'Trim the event to jsonBudget(location) before it is framed.',
      },
    );
  if (datagram.includes(0))
    throw new Failure('MESSAGE_HAS_NUL', 'A NUL byte in a message: Wazuh would end it there.', {
      hint: 'Write the event with JSON.stringify, which escapes control characters.',
    });
  return datagram;
}

/** How many bytes of JSON fit beside this location. */
export function jsonBudget(location: string, maxDatagramBytes: number = MANAGER_MAX_DATAGRAM_BYTES): number {
  return maxDatagramBytes - Buffer.byteLength(headerOf(location));
}

/** A datagram taken apart again, the way analysisd does it. */
export interface QueueMessage {
  /** The character that chooses the decoder: `1` is a local file. */
  readonly queue: string;
  /** Unescaped. */
  readonly location: string;
  readonly log: Buffer;
}

/** @returns undefined for what analysisd refuses: fewer than four bytes (its error 1222), no location, no log */
export function parseDatagram(datagram: Uint8Array): QueueMessage | undefined {
  const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  if (bytes.length < 4) return undefined;
  // The second byte is skipped unread (wazuh v4.14.7 src/analysisd/analysisd.c:1200).
  let end = 2;
  while (end < bytes.length && bytes[end] !== COLON) end += bytes[end] === BAR ? 2 : 1;
  if (end >= bytes.length) return undefined;
  return {
    queue: bytes.toString('latin1', 0, 1),
    location: bytes.toString('utf8', 2, end).replace(/\|([:|])/g, '$1'),
    log: bytes.subarray(end + 1),
  };
}

const COLON = 0x3a;
const BAR = 0x7c;

function headerOf(location: string): string {
  return `${LOCALFILE_QUEUE}:${escapeLocation(location)}:`;
}
