import { Failure } from '@k8s-audit/failure';

/** Safe in a URL path, a file name, a certificate and a Wazuh location (which `)`, `:` and `->` break). */
const CLUSTER_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

export function isClusterName(text: string): boolean {
  return CLUSTER_NAME.test(text);
}

/** @throws Failure CLUSTER_NAME_INVALID */
export function parseClusterName(text: string): string {
  if (isClusterName(text)) return text;
  throw new Failure('CLUSTER_NAME_INVALID', `"${text}" is no cluster name.`, {
    hint: 'Up to 63 lower-case letters, digits, dots, underscores and hyphens; the first a letter or a digit.',
  });
}
