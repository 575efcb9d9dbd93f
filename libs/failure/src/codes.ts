/**
 * Every failure code and what it means. One line a code, sorted; docs/reference/failures.md is generated from here,
 * and a test holds that each code is thrown somewhere and each thrown code stands here.
 */
export const CODES = {
  CERT_AUTHORITY_UNUSABLE: 'The certificate authority cannot sign: it has ended, is none, or its key is another’s.',
  CLUSTER_NAME_INVALID: 'A cluster’s name holds other letters than a URL path, a certificate and a Wazuh location can carry.',
  HOST_INVALID: 'A host is no name and no address that a client could dial.',
  USAGE: 'The command line is not what the command takes.',
} as const satisfies Record<string, string>;

export type FailureCode = keyof typeof CODES;
