/**
 * Certificates that are valid and must not count any more, as a list that a person can write: one a line, by serial number
 * (`openssl x509 -serial`) or by SHA-256 fingerprint, both hexadecimal, with or without colons; behind it whatever helps to
 * remember. Where an authority publishes a CRL, the receiver takes that as well.
 *
 *   5f:3a:…:91   prod-us, key copied on 2026-11-20
 */
import { Failure } from '@k8s-audit/failure';

/** What a certificate is recognised by; hexadecimal of any case, with or without colons. */
export interface CertificateMarks {
  readonly serial: string;
  /** SHA-256 of the DER. */
  readonly fingerprint: string;
}

export interface RevokedList {
  readonly count: number;
  has(certificate: CertificateMarks): boolean;
}

/** RFC 5280 4.1.2.2: a serial number has 20 bytes at most. */
const MAX_SERIAL_DIGITS = 40;
const FINGERPRINT_DIGITS = 64;
const ENTRY = /^(?:serial=)?([0-9A-Fa-f]{1,2}(?::[0-9A-Fa-f]{1,2})+|[0-9A-Fa-f]+)(?:\s.*)?$/;

/** @throws {Failure} REVOKED_LIST_INVALID with the line: a revocation that was mistyped must not pass for done */
export function parseRevokedList(text: string): RevokedList {
  const marks = new Set<string>();
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const digits = ENTRY.exec(line)?.[1]?.replaceAll(':', '') ?? '';
    if (digits === '' || (digits.length > MAX_SERIAL_DIGITS && digits.length !== FINGERPRINT_DIGITS))
      throw new Failure('REVOKED_LIST_INVALID', `Line ${index + 1} of the list of revoked certificates begins with no serial number.`, {
        hint: 'Write the serial number or the SHA-256 fingerprint in hexadecimal: k8s-audit certs show FILE -o json has both.',
      });
    marks.add(canonical(digits));
  }
  return { count: marks.size, has: ({ serial, fingerprint }) => marks.has(canonical(serial)) || marks.has(canonical(fingerprint)) };
}

export function renderRevokedLine({ serial }: CertificateMarks, note: string): string {
  return `${serial.toLowerCase()}  ${note}\n`;
}

/** Leading zeros are nothing to a serial number, and a fingerprint keeps its length well enough without them. */
function canonical(hex: string): string {
  return hex.replaceAll(':', '').toLowerCase().replace(/^0+/, '');
}
