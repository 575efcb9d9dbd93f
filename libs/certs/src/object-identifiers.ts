import type { Purpose, SubjectAttribute } from './certificate-content.ts';

/** RFC 4519 and PKCS#9. */
export const DISTINGUISHED_NAME_OIDS: Readonly<Record<SubjectAttribute['type'], string>> = {
  C: '2.5.4.6',
  ST: '2.5.4.8',
  L: '2.5.4.7',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  CN: '2.5.4.3',
  emailAddress: '1.2.840.113549.1.9.1',
};

/** RFC 5280 4.2.1.12. */
export const PURPOSE_OIDS: Readonly<Record<Purpose, string>> = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
};
