import { Failure } from '@k8s-audit/failure';

/** How a client finds a server: what follows `https://`, without port and brackets. */
export type HostName =
  | { readonly kind: 'dns' /** Lower case, punycode, no final dot. */; readonly value: string }
  | { readonly kind: 'ip' /** Dotted IPv4, or IPv6 in its shortest form (RFC 5952). */; readonly value: string };

/** Labels as Go's crypto/x509 takes them (verify.go validHostname): letters, digits, hyphen and, against the RFC, underscore. */
const DNS_LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
/** RFC 1035 2.3.4, without the final dot. */
const MAX_DNS_NAME_CHARACTERS = 253;

/**
 * Reads a host as a person writes it: `10.0.0.7`, `::1`, `[fd00::7]`, `audit.example.com`, `bücher.example`.
 *
 * The canonical form matters twice: a certificate holds addresses as bytes, and a client compares names letter by letter.
 *
 * @throws Failure HOST_INVALID for a URL, a port, a wildcard, an address nobody can dial
 */
export function parseHostName(text: string): HostName {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  return bare.includes(':') ? parseIpv6(bare, text) : parseNameOrIpv4(bare, text);
}

function parseIpv6(bare: string, text: string): HostName {
  const canonical = canonicalHost(`[${bare}]`);
  if (canonical === undefined)
    throw invalid(text, 'is neither an IPv6 address nor a plain host name', 'Write the host alone: no scheme, no port, no path.');
  const address = canonical.slice(1, -1);
  if (address === '::') throw invalid(text, 'means every address', 'Name the address that API servers dial.');
  return { kind: 'ip', value: mappedIpv4(address) ?? address };
}

function parseNameOrIpv4(bare: string, text: string): HostName {
  if (bare.includes('*')) throw invalid(text, 'is a wildcard', 'Name each host: the receiver has few.');
  const canonical = /^[^\s/?#@%\\[\]]+$/.test(bare) ? canonicalHost(bare) : undefined;
  if (canonical === undefined) throw invalid(text, 'is no host name and no address', 'Write the host alone: no scheme, no port, no path.');
  if (/^[\d.]+$/.test(canonical)) return parseIpv4(canonical, bare, text);
  const name = canonical.endsWith('.') ? canonical.slice(0, -1) : canonical;
  if (name.length > MAX_DNS_NAME_CHARACTERS || !name.split('.').every((label) => DNS_LABEL.test(label)))
    throw invalid(text, 'is no host name', 'Labels of at most 63 letters, digits and hyphens, separated by dots.');
  return { kind: 'dns', value: name };
}

/** `127.1`, `0x7f000001` and `010.0.0.1` are addresses to a URL parser, and something else or nothing to Go: refused. */
function parseIpv4(canonical: string, bare: string, text: string): HostName {
  if (canonical !== bare) throw invalid(text, 'is an odd form of an IPv4 address', `Write ${canonical}, if that is meant.`);
  if (canonical === '0.0.0.0') throw invalid(text, 'means every address', 'Name the address that API servers dial.');
  return { kind: 'ip', value: canonical };
}

/** The WHATWG parser knows punycode, IPv4 and IPv6, and is everywhere; `node:net` would be I/O in a core package. */
export function canonicalHost(host: string): string | undefined {
  return URL.canParse(`https://${host}/`) ? new URL(`https://${host}/`).hostname : undefined;
}

/** `::ffff:10.0.0.7` is 10.0.0.7 on the wire; Go and OpenSSL compare it as IPv4. */
function mappedIpv4(address: string): string | undefined {
  const words = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address);
  if (!words) return undefined;
  const [high, low] = [Number.parseInt(words[1] ?? '', 16), Number.parseInt(words[2] ?? '', 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function invalid(text: string, what: string, hint: string): Failure {
  return new Failure('HOST_INVALID', `"${text}" ${what}.`, { hint });
}
