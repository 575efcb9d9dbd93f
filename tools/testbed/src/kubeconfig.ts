import type { FilePair } from './credentials.ts';

export interface KubeconfigOptions {
  readonly server: string;
  readonly authorityFile: string;
  readonly user: string;
  readonly credentials: FilePair;
}

/** A kubeconfig that names its certificates as files. Paths are written as JSON strings, which are YAML strings too. */
export function renderKubeconfig({ server, authorityFile, user, credentials }: KubeconfigOptions): string {
  return `apiVersion: v1
kind: Config
clusters:
  - name: testbed
    cluster:
      server: ${server}
      certificate-authority: ${JSON.stringify(authorityFile)}
users:
  - name: ${user}
    user:
      client-certificate: ${JSON.stringify(credentials.certificateFile)}
      client-key: ${JSON.stringify(credentials.keyFile)}
contexts:
  - name: ${user}@testbed
    context: {cluster: testbed, user: ${user}}
current-context: ${user}@testbed
`;
}
