import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readHostText } from '@k8s-audit/host-files';
import { parse } from 'yaml';
import { certificateFolder } from './certificate-folder.ts';
import { inspectCertificates } from './inspect-certificates.ts';
import type { AdminAddress } from './receiver-admin.ts';

/** A receiver of this machine, as its configuration file tells where it listens. */
export interface ReceiverSight {
  readonly host: string;
  readonly port: number;
  readonly admin: AdminAddress;
  /** The first cluster that has a certificate here: whoever dials does it as that one. */
  readonly client?: {
    readonly cluster: string;
    readonly authorityFile: string;
    readonly certificateFile: string;
    readonly keyFile: string;
  };
}

interface WrittenConfiguration {
  readonly listen?: { readonly port?: number };
  readonly tls?: { readonly clientAuthority?: string };
  readonly admin?: { readonly address?: string; readonly port?: number };
}

/**
 * @param root '/' or a folder that holds the receiver's file system: its admin socket lies below it
 * @param certificates the folder that `certs create` made; it may be missing
 */
export async function receiverSight(root: string, configuration: string, certificates: string, nowMs: number): Promise<ReceiverSight> {
  const { listen, tls, admin } = parse(await readHostText(configuration)) as WrittenConfiguration;
  const { certificates: known } = existsSync(certificates) ? await inspectCertificates([certificates], [], nowMs) : { certificates: [] };
  const cluster = known.find(({ role }) => role === 'cluster')?.cluster;
  const at = { host: '127.0.0.1', port: listen?.port ?? 8080 };
  const address: AdminAddress = admin?.address?.startsWith('/')
    ? { socketPath: join(root, admin.address) }
    : { host: admin?.address ?? '127.0.0.1', port: admin?.port ?? 9808 };
  if (cluster === undefined) return { ...at, admin: address };
  const { certificate, key, authority } = certificateFolder(certificates).cluster(cluster);
  const authorityFile = existsSync(authority) ? authority : (tls?.clientAuthority ?? authority);
  return { ...at, admin: address, client: { cluster, authorityFile, certificateFile: certificate, keyFile: key } };
}
