/**
 * The subject that a certificate request asks for, `CN=mallory,O=system:masters`. The request itself is redacted, and with it
 * would go the one thing that makes it an attack. Read here, from the base64 of a PEM as `spec.request` holds it; undefined
 * for anything else. Values are RFC 4514 with commas and the like in hex, so that no value can pose as another part.
 */
export function csrSubject(request: string): string | undefined {
  if (!request.startsWith(PEM_START) || request.length > MAX_REQUEST_CHARACTERS) return undefined;
  const pem = /-----BEGIN CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END/.exec(Buffer.from(request, 'base64').toString('latin1'));
  if (pem === null) return undefined;
  // CertificationRequest > CertificationRequestInfo > version, subject (RFC 2986)
  const info = childrenOf(childrenOf(rootOf(Buffer.from(pem[1] as string, 'base64')))[0]);
  const parts = childrenOf(info[1]).flatMap((set) => childrenOf(set));
  const written = parts.map(partOf).filter((part) => part !== undefined);
  return info[1] === undefined ? undefined : written.join(',');
}

/** `-----BEGIN CERTIFICATE REQUEST` in base64, to the last whole group. */
const PEM_START = Buffer.from('-----BEGIN CERTIFICATE REQUEST').toString('base64').slice(0, 40);
/** A request with an RSA key of 16,384 bits is a tenth of it. */
const MAX_REQUEST_CHARACTERS = 65_536;

/** One element of DER: what stands in it, and its tag. */
interface Element {
  readonly tag: number;
  readonly content: Buffer;
}

function partOf(attribute: Element): string | undefined {
  const [type, value] = childrenOf(attribute);
  if (type === undefined || value === undefined) return undefined;
  const name = NAMES.get(type.content.toString('hex')) ?? `OID.${type.content.toString('hex')}`;
  const text = value.tag === BMP_STRING ? Buffer.from(value.content).swap16().toString('utf16le') : value.content.toString('utf8');
  return `${name}=${text.replace(/[\\,+="<>;#\0]/g, (special) => `\\${special.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`)}`;
}

/** 2.5.4.x (RFC 4519). Kubernetes reads the first two: user and groups. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['550403', 'CN'],
  ['55040a', 'O'],
  ['55040b', 'OU'],
  ['550406', 'C'],
  ['550407', 'L'],
  ['550408', 'ST'],
]);
const BMP_STRING = 0x1e;
const CONSTRUCTED = 0x20;

function rootOf(der: Buffer): Element | undefined {
  return elementsOf(der)[0];
}

function childrenOf(element: Element | undefined): readonly Element[] {
  return element === undefined || (element.tag & CONSTRUCTED) === 0 ? [] : elementsOf(element.content);
}

/** Stops at the first length that does not fit: a subject in a broken request is no subject. */
function elementsOf(der: Buffer): readonly Element[] {
  const elements: Element[] = [];
  let at = 0;
  while (at + 2 <= der.length) {
    const tag = der[at] as number;
    const first = der[at + 1] as number;
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    if (lengthBytes > 4 || at + 2 + lengthBytes > der.length) break;
    const length = lengthBytes === 0 ? first & 0x7f : der.readUIntBE(at + 2, lengthBytes);
    const start = at + 2 + lengthBytes;
    if (start + length > der.length || first === 0x80) break;
    elements.push({ tag, content: der.subarray(start, start + length) });
    at = start + length;
  }
  return elements;
}
