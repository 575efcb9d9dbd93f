/** Addresses whose X-Forwarded-For is believed: load balancers in front of the API servers. */
export interface TrustedProxies {
  readonly ranges: readonly AddressRange[];
}

interface AddressRange {
  readonly bytes: readonly number[];
  readonly prefixBits: number;
}

export const NO_TRUSTED_PROXIES: TrustedProxies = { ranges: [] };

/** Addresses and CIDRs, IPv4 and IPv6. Undefined when an entry is neither. */
export function trustedProxies(entries: readonly string[]): TrustedProxies | undefined {
  const ranges: AddressRange[] = [];
  for (const entry of entries) {
    const [address = '', prefix, ...rest] = entry.split('/');
    const bytes = addressBytes(address);
    if (bytes === undefined || rest.length > 0) return undefined;
    const prefixBits = prefix === undefined ? bytes.length * 8 : Number(prefix);
    if ((prefix !== undefined && !/^\d{1,3}$/.test(prefix)) || prefixBits > bytes.length * 8) return undefined;
    ranges.push({ bytes, prefixBits });
  }
  return { ranges };
}

/**
 * The rightmost address that is not a trusted proxy: all others can be written by the client. When every address is one,
 * the first of them made the request. Undefined when there is no address, or when that one is none: an index that looks up
 * the place of `srcip` loses the whole document over a word that is no address.
 */
export function sourceAddress(sourceIPs: readonly string[] | undefined, proxies: TrustedProxies): string | undefined {
  if (sourceIPs == null || sourceIPs.length === 0) return undefined;
  let index = sourceIPs.length - 1;
  while (index > 0 && proxies.ranges.length > 0 && isTrusted(sourceIPs[index] as string, proxies)) index -= 1;
  const address = sourceIPs[index] as string;
  return PLAIN_IPV4.test(address) || addressBytes(address) !== undefined ? address : undefined;
}

const PLAIN_IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

function isTrusted(address: string, proxies: TrustedProxies): boolean {
  const bytes = addressBytes(address);
  return bytes !== undefined && proxies.ranges.some((range) => contains(range, bytes));
}

function contains(range: AddressRange, bytes: readonly number[]): boolean {
  if (range.bytes.length !== bytes.length) return false;
  for (let bit = 0; bit < range.prefixBits; bit += 8) {
    const mask = range.prefixBits - bit >= 8 ? 0xff : (0xff00 >> (range.prefixBits - bit)) & 0xff;
    if ((((range.bytes[bit / 8] as number) ^ (bytes[bit / 8] as number)) & mask) !== 0) return false;
  }
  return true;
}

/** 4 or 16 bytes; an IPv4 address inside IPv6 (`::ffff:10.0.0.7`) is the IPv4 one. */
export function addressBytes(address: string): readonly number[] | undefined {
  if (PLAIN_IPV4.test(address)) return address.split('.').map(Number);
  if (!address.includes(':') || address.length > 45) return undefined;
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  const lastFour = tail === null ? undefined : addressBytes(tail[2] as string);
  if (tail !== null && lastFour === undefined) return undefined;
  const halves = (lastFour === undefined ? address : `${tail?.[1]}${hexPair(lastFour, 0)}:${hexPair(lastFour, 2)}`).split('::');
  if (halves.length > 2) return undefined;
  const [head = [], rest = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - rest.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...rest];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  const bytes = groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]);
  return MAPPED.every((byte, index) => bytes[index] === byte) ? bytes.slice(12) : bytes;
}

const MAPPED: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

function hexPair(bytes: readonly number[], from: number): string {
  return (((bytes[from] as number) << 8) | (bytes[from + 1] as number)).toString(16);
}
