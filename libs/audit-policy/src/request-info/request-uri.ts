import { decodeUtf8 } from '../go-text/utf8.ts';

/** A request line's target as Go's HTTP server takes it apart (net/url ParseRequestURI). */
export type RequestUri =
  | {
      readonly kind: 'uri';
      /** Decoded: `%2F` is a slash like any other. */
      readonly path: string;
      /** As written, without the question mark. */
      readonly query: string;
      /** The whole as Go writes it back. */
      readonly text: string;
    }
  /** The API server answers 400 before it audits anything. */
  | { readonly kind: 'broken'; readonly reason: string };

/** Takes `/path?query` and `https://host/path?query`. */
export function parseRequestUri(uri: string): RequestUri {
  if ([...uri].some((character) => character < ' ' || character === '\x7f')) return broken('it holds a control character');
  if (uri === '') return broken('it is empty');
  if (uri === '*') return { kind: 'uri', path: '*', query: '', text: '*' };
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/.exec(uri)?.[0] ?? '';
  const [beforeQuery = '', query = ''] = cut(uri.slice(scheme.length), '?');
  const authority = scheme === '' ? '' : (/^\/\/[^/]*/.exec(beforeQuery)?.[0] ?? '');
  const [, user = '', address] = AUTHORITY.exec(authority) ?? ['', '%'];
  if (decodePercent(user) === undefined || (address !== undefined && !isIpv6(address))) return broken('its host is none');
  const rawPath = beforeQuery.slice(authority.length);
  const question = uri.includes('?') ? '?' : '';
  const start = scheme.toLowerCase() + authority;
  if (!rawPath.startsWith('/') && authority === '') {
    // `mailto:x`: a URL without a path.
    return scheme === ''
      ? broken('its path does not start with a slash')
      : { kind: 'uri', path: '', query, text: start + beforeQuery + question + query };
  }
  const path = decodePercent(rawPath);
  if (path === undefined) return broken('a % is not followed by two hexadecimal digits');
  return { kind: 'uri', path, query, text: `${start}${VALID_PATH.test(rawPath) ? rawPath : escapePath(path)}${question}${query}` };
}

/** Two slashes, perhaps a user, a host, perhaps a port. */
const AUTHORITY =
  /^(?:|\/\/(?:([A-Za-z0-9\-._:~!$&'()*+,;=%@]*)@)?(?:\[([^\]]*)\]|(?:[^:%#[\]\\^`{|} ]|%[89a-fA-F][0-9a-fA-F])*)(?::\d*)?)$/;

/** An address as net/netip reads it: eight groups, one run of them left out, IPv4 at the end, perhaps a zone (`%25eth0`). */
function isIpv6(text: string): boolean {
  const [address = '', zone] = text.split('%25', 2);
  if (zone === '' || !/^[0-9a-fA-F:.]+$/.test(address)) return false;
  const halves = address.split('::');
  if (halves.length > 2) return false;
  const parts = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = parts.at(-1) ?? '';
  const hasIpv4 = last.includes('.');
  if (hasIpv4 && !/^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/.test(last)) return false;
  const groups = hasIpv4 ? parts.slice(0, -1) : parts;
  const count = groups.length + (hasIpv4 ? 2 : 0);
  return groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)) && (halves.length === 2 ? count < 8 : count === 8);
}

/** `undefined`: a percent sign that escapes nothing. */
export function decodePercent(text: string): string | undefined {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return undefined;
  if (!text.includes('%')) return text;
  const bytes: number[] = [];
  for (const [part] of text.matchAll(/%[0-9a-fA-F]{2}|[^%]+/g))
    if (part.startsWith('%')) bytes.push(Number.parseInt(part.slice(1), 16));
    else for (const byte of Buffer.from(part)) bytes.push(byte);
  return decodeUtf8(Uint8Array.from(bytes));
}

export function cut(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}

/** A path that may stay as it is written (net/url validEncoded). */
const VALID_PATH = /^(?:[A-Za-z0-9\-._~$&+,/:;=@!'()*[\]]|%[0-9a-fA-F]{2})*$/;

function escapePath(path: string): string {
  return [...Buffer.from(path)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9\-._~$&+,/:;=@]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

function broken(reason: string): RequestUri {
  return { kind: 'broken', reason };
}
