import { isClusterName } from '@k8s-audit/wazuh-message';
import { z } from 'zod';

const cluster = z.string().refine(isClusterName, 'a cluster’s name: up to 63 lower-case letters, digits, dots, underscores, hyphens');
/** As in the path of a webhook's URL, where names are of the same letters. */
const apiServer = z.string().refine(isClusterName, 'a name of the same letters as a cluster’s').optional();

export interface LogSettings {
  readonly path: string;
  readonly cluster: string;
  readonly apiServer?: string | undefined;
  readonly start: 'beginning' | 'end';
}

export interface StdinSettings {
  readonly cluster: string;
  readonly apiServer?: string | undefined;
}

/** The ways in. */
export interface SourcesSettings {
  readonly webhook: boolean;
  readonly logs: readonly LogSettings[];
  readonly stdin?: StdinSettings | undefined;
}

export const sourcesSchema: z.ZodType<SourcesSettings> = z
  .strictObject({
    webhook: z.boolean().default(true).describe('take events that API servers post; off: no port and no certificates are needed'),
    logs: z
      .array(
        z.strictObject({
          path: z.string().min(1),
          cluster,
          apiServer,
          start: z.enum(['beginning', 'end']).default('beginning'),
        }),
      )
      .default([])
      .describe(
        'audit log files to follow, each `{ path, cluster, apiServer, start }`; `start` is `beginning` or `end` and counts the first time only',
      ),
    stdin: z
      .strictObject({
        cluster: cluster.describe('read events or EventLists of this cluster from standard input, one a line'),
        apiServer: apiServer.describe('the API server that they are of; without it `-`'),
      })
      .optional(),
  })
  .refine(({ webhook, logs, stdin }) => webhook || logs.length > 0 || stdin !== undefined, 'no way in is left: name a log, or stdin')
  .refine(({ logs }) => new Set(logs.map(({ path }) => path)).size === logs.length, { path: ['logs'], error: 'a path stands there twice' })
  .prefault({});
