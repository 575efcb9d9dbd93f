import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority, issueClusterCertificate, issueServerCertificate, type KeyAndCertificate } from '@k8s-audit/certs';
import type { ClientCredentials } from './audit-client.ts';

/** Certificates of a whole run: made once, read by every row. */
export interface RunCertificates {
  readonly folder: string;
  readonly authority: KeyAndCertificate;
  readonly server: KeyAndCertificate;
  /** Of cluster `oracle`, and of another one of the same authority. */
  readonly client: ClientCredentials;
  readonly otherClient: ClientCredentials;
}

export const CLUSTER = 'oracle';
export const OTHER_CLUSTER = 'other';

export async function createCertificates(folder: string): Promise<RunCertificates> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const issue = { nowMs: Date.now() };
  const authority = await createAuthority(issue);
  const server = await issueServerCertificate(authority, ['127.0.0.1'], issue);
  writeFileSync(join(folder, 'ca.crt'), authority.certificatePem);
  writeFileSync(join(folder, 'server.crt'), server.certificatePem);
  writeFileSync(join(folder, 'server.key'), server.privateKeyPem, { mode: 0o600 });
  const clientOf = async (cluster: string): Promise<ClientCredentials> =>
    credentialsOf(authority, await issueClusterCertificate(authority, cluster, issue));
  return { folder, authority, server, client: await clientOf(CLUSTER), otherClient: await clientOf(OTHER_CLUSTER) };
}

export function credentialsOf(authority: KeyAndCertificate, client: KeyAndCertificate): ClientCredentials {
  return { authority: authority.certificatePem, certificate: client.certificatePem, key: client.privateKeyPem };
}
