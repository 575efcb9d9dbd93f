import { X509Certificate } from 'node:crypto';
import type { Configuration } from './configuration.ts';
import type { LiveConfiguration } from './live-configuration.ts';
import type { Ending } from './trust.ts';

/** What `/config` shows: what is in effect, and nothing that opens a door. Keys, tokens and their hashes are not in it. */
export interface SettingsInEffect {
  readonly configuration: Configuration;
  readonly certificate?: { readonly subject: string; readonly fingerprint: string; readonly notAfter: string };
  /** The ids of the tokens, and whose they are. */
  readonly tokens?: readonly { readonly id: string; readonly cluster: string; readonly endsAt?: string }[];
  readonly ends: readonly Ending[];
  /** Why what is on disk is not in effect. */
  readonly stale?: { readonly detail: string; readonly sinceMs: number };
}

export function settingsInEffect({
  configuration,
  trust,
  failure,
}: Pick<LiveConfiguration, 'configuration' | 'trust' | 'failure'>): SettingsInEffect {
  return {
    configuration,
    ...(trust.tls === undefined ? {} : { certificate: described(trust.tls.certificate) }),
    ...(trust.tokens === undefined
      ? {}
      : { tokens: trust.tokens.entries.map(({ id, cluster, endsAt }) => ({ id, cluster, ...(endsAt === undefined ? {} : { endsAt }) })) }),
    ends: trust.ends,
    ...(failure === undefined ? {} : { stale: failure }),
  };
}

function described(pem: string): NonNullable<SettingsInEffect['certificate']> {
  const { subject, fingerprint256, validToDate } = new X509Certificate(pem);
  return { subject: subject.replaceAll('\n', ', '), fingerprint: fingerprint256, notAfter: validToDate.toISOString() };
}
