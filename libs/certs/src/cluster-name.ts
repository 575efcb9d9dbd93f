import { Failure } from '@k8s-audit/failure';
import { isClusterName } from '@k8s-audit/wazuh-message';

/** @throws Failure CLUSTER_NAME_INVALID */
export function parseClusterName(text: string): string {
  if (isClusterName(text)) return text;
  throw new Failure('CLUSTER_NAME_INVALID', `"${text}" is no cluster name.`, {
    hint: 'Up to 63 lower-case letters, digits, dots, underscores and hyphens; the first a letter or a digit.',
  });
}
