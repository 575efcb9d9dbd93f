import type { KeyUsage, SubjectAttribute } from './certificate-content.ts';

/** The guide's `openssl req -x509 -subj`, and the first half of its csr.conf. */
export function guideAuthoritySubject(): readonly SubjectAttribute[] {
  return [
    { type: 'C', value: 'US' },
    { type: 'ST', value: 'California' },
    { type: 'L', value: 'San Jose' },
    { type: 'O', value: 'Wazuh' },
  ];
}

/** csr.conf, [req_distinguished_name]. */
export function guideServerSubject(address: string): readonly SubjectAttribute[] {
  return [
    ...guideAuthoritySubject(),
    { type: 'OU', value: 'Research and development' },
    { type: 'emailAddress', value: 'info@wazuh.com' },
    { type: 'CN', value: address },
  ];
}

/** csr.conf, [v3_req]. */
export const GUIDE_KEY_USAGES: readonly KeyUsage[] = ['digitalSignature', 'nonRepudiation', 'keyEncipherment', 'dataEncipherment'];
