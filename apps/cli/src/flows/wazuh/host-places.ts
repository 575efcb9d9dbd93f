import { join } from 'node:path';

/** The user that the receiver runs as; it is in Wazuh's group, because only that may write to its queue. */
export const RECEIVER_USER = 'k8s-audit';
export const WAZUH_GROUP = 'wazuh';
/** The guide's port: API servers that are set up already keep theirs. */
export const RECEIVER_PORT = 8080;
export const SERVICE_UNIT = 'k8s-audit-receiver.service';
export const SOCKET_UNIT = 'k8s-audit-receiver.socket';
/** Health, metrics and books, for root and the group wazuh. */
export const ADMIN_SOCKET = '/run/k8s-audit/admin.sock';

/** Where an installation puts its things. What Wazuh reads lies in Wazuh's folders, everything else where the system keeps it. */
export function hostPlaces(
  root: string,
  home: string,
): {
  readonly configuration: string;
  readonly state: string;
  readonly changes: string;
  readonly certificates: string;
  readonly service: string;
  readonly socket: string;
  readonly rules: string;
  readonly diskRetention: string;
  readonly filebeat: string;
  readonly savedObjects: string;
  readonly indexTemplate: string;
  readonly indexRetention: string;
} {
  const at = (path: string): string => join(root, path);
  return {
    configuration: at('etc/k8s-audit/receiver.yaml'),
    state: at('var/lib/k8s-audit'),
    // Not below the state: that belongs to the receiver's user, and root must not read back what another could have written.
    changes: at('var/lib/k8s-audit-install'),
    certificates: join(home, 'integrations/kubernetes-webhook'),
    service: at(`etc/systemd/system/${SERVICE_UNIT}`),
    socket: at(`etc/systemd/system/${SOCKET_UNIT}`),
    rules: join(home, 'etc/rules'),
    diskRetention: at('etc/tmpfiles.d/wazuh-archives.conf'),
    filebeat: at('etc/filebeat/filebeat.yml'),
    savedObjects: at('etc/k8s-audit/archive.ndjson'),
    indexTemplate: at('etc/k8s-audit/index-template.json'),
    indexRetention: at('etc/k8s-audit/index-retention.json'),
  };
}

/** As the machine itself will see the path. */
export function belowRoot(root: string, path: string): string {
  return root === '/' ? path : path.slice(root.replace(/\/$/, '').length);
}
