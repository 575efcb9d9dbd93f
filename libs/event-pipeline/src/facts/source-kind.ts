import { addressBytes } from '../wire/source-address.ts';

/** Where an address belongs; undefined for none. Remembered, because a cluster has few and an attacker's are bounded. */
export function sourceKind(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const known = KINDS.get(address);
  if (known !== undefined) return known;
  const bytes = addressBytes(address);
  if (bytes === undefined) return undefined;
  const kind = bytes.length === 4 ? kindOfIpv4(bytes) : kindOfIpv6(bytes);
  if (KINDS.size >= MAX_REMEMBERED) KINDS.clear();
  KINDS.set(address, kind);
  return kind;
}

const KINDS = new Map<string, string>();
const MAX_REMEMBERED = 4_096;

/** RFC 1918, 6598 (carrier-grade, and the clouds' pod networks) and 3927. */
function kindOfIpv4([first = 0, second = 0]: readonly number[]): string {
  if (first === 127) return 'loopback';
  const isPrivate =
    first === 10 ||
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168) ||
    (first === 100 && second >= 64 && second < 128) ||
    (first === 169 && second === 254);
  return isPrivate ? 'private' : 'public';
}

/** RFC 4193 (fc00::/7) and 4291 (fe80::/10, ::1). */
function kindOfIpv6(bytes: readonly number[]): string {
  const [first = 0, second = 0] = bytes;
  if (bytes.every((byte, index) => byte === (index === 15 ? 1 : 0))) return 'loopback';
  return (first & 0xfe) === 0xfc || (first === 0xfe && (second & 0xc0) === 0x80) ? 'private' : 'public';
}
