import { isClusterName } from '@k8s-audit/wazuh-message';
import { z } from 'zod';
import { addressOrRange, path, port } from './configuration-values.ts';

export interface ListenSettings {
  readonly address: string;
  readonly port: number;
  readonly plainHttp: boolean;
}

export interface TlsSettings {
  readonly certificate: string;
  readonly key: string;
  readonly clientAuthority: string;
  readonly crl?: string | undefined;
  readonly revoked?: string | undefined;
}

export interface MigrationSettings {
  readonly addresses: readonly string[];
  readonly cluster: string;
  readonly until: string;
}

export interface TrustSettings {
  readonly listen: ListenSettings;
  readonly tls?: TlsSettings | undefined;
  readonly tokens?: string | undefined;
  readonly migration?: MigrationSettings | undefined;
}

const clusterName = z.string().refine(isClusterName, 'up to 63 lower-case letters, digits, dots, underscores and dashes');

/** Where events come in, and whose word is taken for which cluster they are of. */
export const trustShape: { readonly [Key in keyof TrustSettings]-?: z.ZodType<TrustSettings[Key]> } = {
  listen: z
    .strictObject({
      address: z.string().default('::').describe('address to bind; `::` takes IPv4 and IPv6'),
      port: port.default(8080).describe('port to bind; 0 takes a free one'),
      plainHttp: z
        .boolean()
        .default(false)
        .describe('no TLS, on a loopback address only: for a proxy on this machine; clients then need tokens or a migration'),
    })
    .prefault({}),
  tls: z
    .strictObject({
      certificate: path.describe('the receiver’s certificate, PEM'),
      key: path.describe('its key, PEM'),
      clientAuthority: path.describe('the authority that signs the clusters’ client certificates, PEM'),
      crl: path.optional().describe('revocation lists of that authority, PEM; once given, each authority needs one that is in force'),
      revoked: path.optional().describe('serial numbers or fingerprints of revoked certificates, one a line: `k8s-audit certs revoke`'),
    })
    .optional(),
  tokens: path.optional().describe('file of bearer tokens, for API servers that cannot have a certificate: `k8s-audit tokens create`'),
  migration: z
    .strictObject({
      addresses: z.array(addressOrRange).min(1).describe('addresses or CIDRs of API servers that may post without certificate and token'),
      cluster: clusterName.describe('the cluster that their events are of'),
      until: z.iso.date().describe('the last day of it, UTC; every day of it is reported to Wazuh'),
    })
    .optional(),
};

export const TLS_NEEDED = 'needed: certificate, key and clientAuthority (k8s-audit certs create makes them)';

/** What the schema of one key cannot say: which of them go together. Each problem with the path that it is about. */
export function trustProblems({
  listen,
  tls,
  tokens,
  migration,
  sources,
}: TrustSettings & { readonly sources: { readonly webhook: boolean } }): readonly {
  readonly path: readonly string[];
  readonly message: string;
}[] {
  // Without the webhook there is no port.
  if (!sources.webhook) return [];
  if (!listen.plainHttp) return tls === undefined ? [{ path: ['tls'], message: TLS_NEEDED }] : [];
  return [
    ...(isLoopback(listen.address)
      ? []
      : [
          {
            path: ['listen', 'plainHttp'],
            message: `only on a loopback address (127.0.0.1, ::1), not on ${listen.address}: anybody on the way could read and forge events`,
          },
        ]),
    ...(tls === undefined ? [] : [{ path: ['tls'], message: 'not used with listen.plainHttp; leave one of them out' }]),
    ...(tokens === undefined && migration === undefined
      ? [
          {
            path: ['listen', 'plainHttp'],
            message: 'nobody could post: without TLS there is no client certificate; give tokens or migration',
          },
        ]
      : []),
  ];
}

function isLoopback(address: string): boolean {
  return address === '::1' || address === 'localhost' || /^127\.\d+\.\d+\.\d+$/.test(address) || address.startsWith('/');
}
