import type { ByteString } from '../byte-string.ts';

/**
 * `<srcip>` and `<dstip>`: is an address in one of the networks? Each is an address, `address/bits`, `address/netmask`, a dotted
 * beginning such as `192.168.`, or `any`; a "!" in front turns the answer round for it and all after it.
 * Source: wazuh v4.14.7 src/shared/validate_op.c, OS_IsValidIP and OS_IPFoundList.
 */
export function compileNetworks(networks: readonly string[]): (address: ByteString) => boolean {
  const compiled = networks.map((network) => ({ isNegated: network.startsWith('!'), network: parseNetwork(network.replace(/^!/, '')) }));
  return (text) => {
    const address = parseAddress(text);
    if (address === undefined) return false;
    let found = true;
    for (const { isNegated, network } of compiled) {
      if (isNegated) found = false;
      if (network !== undefined && holdsAddress(network, address)) return found;
    }
    return !found;
  };
}

/** 4 or 16 bytes. */
type Address = readonly number[];

interface Network {
  readonly address: Address;
  readonly mask: Address;
}

function holdsAddress(network: Network, address: Address): boolean {
  if (network.mask.every((bits) => bits === 0)) return true;
  return network.address.length === address.length && address.every((byte, i) => (byte & (network.mask[i] ?? 0)) === network.address[i]);
}

function parseNetwork(text: string): Network | undefined {
  if (text === 'any') return { address: [0, 0, 0, 0], mask: [0, 0, 0, 0] };
  const [before = '', after] = text.split('/', 2);
  const prefix = dottedPrefix(before);
  const address = prefix?.address ?? parseAddress(before);
  if (address === undefined) return undefined;
  const bits = address.length * 8;
  const mask =
    after === undefined ? maskOf(prefix?.bits ?? bits, bits) : /^\d{1,3}$/.test(after) ? maskOf(Number(after), bits) : parseAddress(after);
  if (mask === undefined) return undefined;
  return { address: address.map((byte, i) => byte & (mask[i] ?? 0)), mask };
}

/** `10.` and `192.168.`: the rest is open. */
function dottedPrefix(text: string): { readonly address: Address; readonly bits: number } | undefined {
  if (!/^(\d{1,3}\.){1,3}$/.test(text)) return undefined;
  const parts = text.split('.').slice(0, -1).map(Number);
  if (parts.some((part) => part > 255)) return undefined;
  return { address: [...parts, 0, 0, 0, 0].slice(0, 4), bits: parts.length * 8 };
}

function maskOf(ones: number, bits: number): Address {
  return Array.from({ length: bits / 8 }, (_, i) => (0xff00 >> Math.min(Math.max(ones - i * 8, 0), 8)) & 0xff);
}

/** inet_pton; an IPv4 address inside an IPv6 one (`::ffff:10.0.0.1`) stays IPv6. */
function parseAddress(text: string): Address | undefined {
  return parseIpv4(text) ?? parseIpv6(text);
}

function parseIpv4(text: string): Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.map(Number);
}

function parseIpv6(text: string): Address | undefined {
  if (!/^[0-9A-Fa-f:.]{2,45}$/.test(text) || !text.includes(':')) return undefined;
  const embedded = /^(.*:)([0-9.]+)$/.exec(text);
  const tail = embedded?.[2]?.includes('.') ? parseIpv4(embedded[2]) : [];
  if (tail === undefined) return undefined;
  const head = tail.length > 0 ? (embedded?.[1] ?? '').replace(/([^:]):$/, '$1') : text;
  const halves = head.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  if (!groups.flat().every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return undefined;
  const bytes = groups.map((half) => half.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]));
  const known = bytes.flat().length + tail.length;
  if (halves.length === 1) return known === 16 ? [...bytes.flat(), ...tail] : undefined;
  if (known > 14) return undefined;
  return [...(bytes[0] ?? []), ...new Array<number>(16 - known).fill(0), ...(bytes[1] ?? []), ...tail];
}
