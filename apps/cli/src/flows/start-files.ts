import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority, issueClusterCertificate, issueServerCertificate, type KeyAndCertificate } from '@k8s-audit/certs';
import { writeFileAtomically } from '@k8s-audit/host-files';
import { stringify } from 'yaml';

/** The cluster that the demonstration's traffic comes from. */
export const DEMO_CLUSTER = 'demo';

export interface StartFiles {
  readonly folder: string;
  readonly receiverConfiguration: string;
  /** A folder laid out as /var/ossec. */
  readonly wazuhHome: string;
  readonly authority: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
  /** PEM texts of the same, for our own requests. */
  readonly client: KeyAndCertificate & { readonly authorityPem: string };
}

/** What is up, for those who post to it or tell about it. */
export interface Running {
  readonly receiverUrl: string;
  readonly adminUrl: string;
  readonly files: StartFiles;
}

export interface StartFileOptions {
  readonly stateFolder: string;
  readonly address: string;
  readonly port: number;
  /** Rule files by name. */
  readonly rules: ReadonlyMap<string, string>;
  readonly nowMs: number;
}

/** Fresh certificates, rules and a receiver configuration. What an earlier run left behind is removed: alerts, spool, keys. */
export async function createStartFiles(options: StartFileOptions): Promise<StartFiles> {
  const at = (...path: string[]): string => join(options.stateFolder, ...path);
  const wazuhHome = at('wazuh');
  const folders = [at('authority'), at('receiver'), at('cluster'), wazuhHome];
  for (const folder of [...folders, at('spool')]) rmSync(folder, { recursive: true, force: true });
  for (const folder of [...folders, at('wazuh', 'etc', 'rules')]) mkdirSync(folder, { recursive: true, mode: 0o700 });

  const issue = { nowMs: options.nowMs };
  const authority = await createAuthority(issue);
  const server = await issueServerCertificate(authority, ['localhost', '127.0.0.1', '::1', ...concreteHost(options.address)], issue);
  const client = await issueClusterCertificate(authority, DEMO_CLUSTER, issue);
  const configuration = {
    listen: { address: options.address, port: options.port },
    tls: { certificate: at('receiver/server.crt'), key: at('receiver/server.key'), clientAuthority: at('receiver/ca.crt') },
    spool: { folder: at('spool') },
    wazuh: { socket: join(wazuhHome, 'queue/sockets/queue') },
    admin: { address: '127.0.0.1', port: 0 },
    log: { format: 'json' },
  };
  const texts: readonly (readonly [path: string, text: string, mode: number])[] = [
    [at('authority/ca.key'), authority.privateKeyPem, 0o600],
    [at('receiver/ca.crt'), authority.certificatePem, 0o644],
    [at('receiver/server.crt'), server.certificatePem, 0o644],
    [at('receiver/server.key'), server.privateKeyPem, 0o600],
    [at('cluster/ca.crt'), authority.certificatePem, 0o644],
    [at('cluster/client.crt'), client.certificatePem, 0o644],
    [at('cluster/client.key'), client.privateKeyPem, 0o600],
    [at('receiver.yaml'), stringify(configuration), 0o644],
    ...[...options.rules].map(([name, text]) => [join(wazuhHome, 'etc/rules', name), text, 0o640] as const),
  ];
  for (const [path, text, mode] of texts) await writeFileAtomically(path, text, { mode, existing: 'replace' });
  return {
    folder: options.stateFolder,
    receiverConfiguration: at('receiver.yaml'),
    wazuhHome,
    authority: at('cluster/ca.crt'),
    clientCertificate: at('cluster/client.crt'),
    clientKey: at('cluster/client.key'),
    client: { ...client, authorityPem: authority.certificatePem },
  };
}

/** `::` and `0.0.0.0` are no addresses that anybody dials. */
function concreteHost(address: string): readonly string[] {
  return ['::', '0.0.0.0', 'localhost', '127.0.0.1', '::1'].includes(address) ? [] : [address];
}
