import { canonicalHost } from './host-name.ts';

/** A name in a certificate; `other` is what Node names differently (email, directory names, ...), kept as it stands. */
export interface CertificateName {
  readonly kind: 'dns' | 'ip' | 'uri' | 'other';
  readonly value: string;
}

const KINDS: Readonly<Record<string, CertificateName['kind']>> = { DNS: 'dns', 'IP Address': 'ip', URI: 'uri' };

/** One entry: a type, then a value without comma and quote, or a JSON string (Node quotes every value that could be taken for another entry). */
const ENTRY = /([^:,"]+):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y;

/**
 * Splits `X509Certificate.subjectAltName` (Node's text form, safe since CVE-2021-44532: a value that holds a comma, a quote or a
 * control character is written as a JSON string). Text that does not follow the form yields one `other` entry: it is never half read.
 */
export function alternativeNamesOf(text: string | undefined): readonly CertificateName[] {
  if (text === undefined || text === '') return [];
  const names: CertificateName[] = [];
  ENTRY.lastIndex = 0;
  while (ENTRY.lastIndex < text.length) {
    const entry = ENTRY.exec(text);
    if (!entry) return [{ kind: 'other', value: text }];
    names.push(nameOf(KINDS[entry[1] ?? ''] ?? 'other', unquote(entry[2] ?? '')));
  }
  return names;
}

/** Node prints `FD00:0:0:0:0:0:0:7`; people write fd00::7. */
function nameOf(kind: CertificateName['kind'], value: string): CertificateName {
  const address = kind === 'ip' && value.includes(':') ? canonicalHost(`[${value}]`)?.slice(1, -1) : undefined;
  return { kind, value: address ?? value };
}

function unquote(value: string): string {
  return value.startsWith('"') ? String(JSON.parse(value)) : value;
}
