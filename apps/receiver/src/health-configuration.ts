import { isClusterName } from '@k8s-audit/wazuh-message';
import { z } from 'zod';
import { path } from './configuration-values.ts';

export interface HealthSettings {
  readonly receiver?: string | undefined;
  readonly everySeconds: number;
  readonly scrapeSeconds: number;
  readonly silentMinutes: number;
  readonly repeatHours: number;
  readonly forgetDays: number;
  readonly certificateDays: number;
  readonly apiServers: readonly ScrapedApiServer[];
}

/** An API server whose own counters are read: only they tell what it dropped before it reached us. */
export interface ScrapedApiServer {
  readonly url: string;
  readonly cluster: string;
  readonly apiServer?: string | undefined;
  readonly authority: string;
  readonly token?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}

const word = z.string().refine(isClusterName, 'up to 63 lower-case letters, digits, dots, underscores and dashes');

export const healthSchema: z.ZodType<HealthSettings> = z
  .strictObject({
    receiver: z.string().min(1).max(63).optional().describe('the receiver’s name in its health events; the host’s name without it'),
    everySeconds: z.number().min(0.1).max(3600).default(10).describe('how often health is looked at'),
    scrapeSeconds: z.number().min(0.1).max(3600).default(60).describe('how often the /metrics of `health.apiServers` is read'),
    silentMinutes: z
      .number()
      .positive()
      .default(60)
      .describe('a cluster, or an API server of one that is heard, is reported silent after this'),
    repeatHours: z.number().positive().default(24).describe('a problem that lasts is reported again after this'),
    forgetDays: z.number().positive().default(7).describe('a cluster that was silent for this long is no longer waited for'),
    certificateDays: z.number().positive().default(30).describe('certificates and tokens are reported this long before they end'),
    apiServers: z
      .array(
        z.strictObject({
          url: z.url({ protocol: /^https$/, error: 'https://HOST:PORT' }).refine((url) => !/@/.test(url), 'without a user in it'),
          cluster: word,
          apiServer: word.optional(),
          authority: path,
          token: path.optional(),
          certificate: path.optional(),
          key: path.optional(),
        }),
      )
      .default([])
      .describe(
        'API servers whose /metrics is read, for events that they dropped: `url`, `cluster`, `apiServer`, `authority`, and `token` (a file) or `certificate` and `key`',
      ),
  })
  .prefault({});
