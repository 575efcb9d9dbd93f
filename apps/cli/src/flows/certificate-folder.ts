import { join } from 'node:path';

/**
 * Where `certs create` puts what it makes. The authority stands apart: the receiver's user can read `receiver`, and nobody but the owner `ca`.
 *
 *   DIR/ca/                 ca.crt, ca.key                                    0700, key 0600
 *                           next.crt, next.key: its successor, while `certs rotate --authority` changes from one to the other
 *   DIR/receiver/           server.crt, server.key, ca.crt                    0750, key 0600
 *   DIR/clusters/NAME/      audit-ca.cert, audit-client.cert, audit-client.key 0700, key 0600: goes to that cluster's control-plane nodes
 *
 * A cluster's certificates end in `.cert`: minikube installs every `.crt` and `.pem` that it copies to a node as an authority of the node.
 */
export function certificateFolder(folder: string): {
  readonly authority: { readonly folder: string; readonly certificate: string; readonly key: string };
  readonly next: { readonly certificate: string; readonly key: string };
  readonly receiver: { readonly folder: string; readonly certificate: string; readonly key: string; readonly authority: string };
  readonly cluster: (name: string) => {
    readonly folder: string;
    readonly certificate: string;
    readonly key: string;
    readonly authority: string;
  };
} {
  const at = (...parts: readonly string[]): string => join(folder, ...parts);
  return {
    authority: { folder: at('ca'), certificate: at('ca', 'ca.crt'), key: at('ca', 'ca.key') },
    next: { certificate: at('ca', 'next.crt'), key: at('ca', 'next.key') },
    receiver: {
      folder: at('receiver'),
      certificate: at('receiver', 'server.crt'),
      key: at('receiver', 'server.key'),
      authority: at('receiver', 'ca.crt'),
    },
    cluster: (name) => ({
      folder: at('clusters', name),
      certificate: at('clusters', name, 'audit-client.cert'),
      key: at('clusters', name, 'audit-client.key'),
      authority: at('clusters', name, 'audit-ca.cert'),
    }),
  };
}
