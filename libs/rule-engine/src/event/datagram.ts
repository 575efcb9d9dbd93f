import type { ByteString } from '../byte-string.ts';

/** A message of wazuh-analysisd's queue, taken apart; see wazuh v4.14.7 src/analysisd/cleanevent.c, OS_CleanMSG. */
export interface Datagram {
  readonly kind: 'datagram';
  /** Where it came from, without the agent's number: `k8s`, `(prod-eu) audit->k8s`. Rules see this text. */
  readonly location: ByteString;
  /** `000` is the manager itself. */
  readonly agentId: ByteString;
  /** The agent's name out of `(name)`; undefined: the manager's own. */
  readonly hostname: ByteString | undefined;
  readonly log: ByteString;
}

export type ReadDatagram =
  | Datagram
  /** wazuh-analysisd drops it; the number is that of its error line. */
  | { readonly kind: 'refused'; readonly code: '1106' | '1222'; readonly reason: string }
  /** Meant for another part of analysisd (syscheck, SCA, …). */
  | { readonly kind: 'other-queue'; readonly queue: string };

/** What `recvfrom` gives analysisd at most; the rest of a longer datagram is lost without a word. Source: OS_MAXSTR - 1. */
export const MAX_DATAGRAM_BYTES = 65_535;

/** Source: wazuh v4.14.7 src/headers/mq_op.h and analysisd.c, ad_input_main. Everything else is an event. */
const OTHER_QUEUES = '89pd3f5u';
/** The unescaped location. Source: cleanevent.c, a buffer of 8192 + 256 + 3 bytes. */
const MAX_LOCATION_BYTES = 8_450;

export function readDatagram(message: Uint8Array): ReadDatagram {
  const received = Buffer.from(message.buffer, message.byteOffset, Math.min(message.length, MAX_DATAGRAM_BYTES));
  const nul = received.indexOf(0);
  const bytes = nul >= 0 ? received.subarray(0, nul) : received;
  if (bytes.length < 4) return { kind: 'refused', code: '1222', reason: 'the message has less than 4 bytes' };
  const queue = String.fromCharCode(bytes[0] ?? 0);
  if (OTHER_QUEUES.includes(queue)) return { kind: 'other-queue', queue };
  const end = findLocationEnd(bytes);
  if (end < 0) return { kind: 'refused', code: '1106', reason: 'no ":" ends the location' };
  const location = unescapeLocation(bytes.toString('latin1', 2, end));
  const log = bytes.toString('latin1', end + 1);
  if (!location.startsWith('[')) return { kind: 'datagram', location, agentId: '000', hostname: undefined, log };
  const idEnd = location.indexOf(']');
  if (idEnd < 0) return { kind: 'refused', code: '1106', reason: 'no "]" ends the agent\'s number' };
  const rest = location.slice(idEnd + 2);
  return { kind: 'datagram', location: rest, agentId: location.slice(1, idEnd), hostname: agentName(rest), log };
}

/** The first ":" behind the queue's two bytes that no "|" escapes. */
function findLocationEnd(bytes: Uint8Array): number {
  for (let i = 2; i < bytes.length; i++) {
    if (bytes[i] === 0x3a) return i;
    if (bytes[i] === 0x7c) i++;
  }
  return -1;
}

/** Source: string_op.c, wstr_unescape: "||" is "|", before anything else a "|" goes. */
function unescapeLocation(location: ByteString): ByteString {
  const plain = location.includes('|')
    ? location.replace(/\|(\||$)?/g, (_, following: string | undefined) => (following === undefined ? '' : '|'))
    : location;
  return plain.slice(0, MAX_LOCATION_BYTES);
}

function agentName(location: ByteString): ByteString {
  if (!location.startsWith('(')) return '';
  const end = location.indexOf(')');
  return end < 0 ? '' : location.slice(1, end);
}
