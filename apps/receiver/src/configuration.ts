import { parseSensitiveResource } from '@k8s-audit/event-pipeline';
import { Failure } from '@k8s-audit/failure';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { withAgentDefaults } from './agent-defaults.ts';
import { addressOrRange, bytes, GIB, MIB, port } from './configuration-values.ts';
import { type HealthSettings, healthSchema } from './health-configuration.ts';
import { type Limits, limitProblems, limitsSchema } from './limits-configuration.ts';
import { type SourcesSettings, sourcesSchema } from './sources/sources-configuration.ts';
import {
  type ListenSettings,
  type MigrationSettings,
  TLS_NEEDED,
  type TlsSettings,
  trustProblems,
  trustShape,
} from './trust-configuration.ts';
import { type WazuhSettings, wazuhSchema } from './wazuh-configuration.ts';

export type { WazuhSettings } from './wazuh-configuration.ts';

const MAX_ALIASES = 10;

/**
 * What a person writes in the receiver's configuration file. Every key has a default but the certificates, the spool
 * folder and the socket's path where it is not Wazuh's own; an unknown key is an error, because a misspelt one is.
 */
export const configurationSchema: z.ZodType<Configuration> = z
  .strictObject({
    ...trustShape,
    sources: sourcesSchema,
    spool: z.strictObject({
      folder: z.string().min(1).describe('folder of the durable queue, owned by the receiver’s user, mode 0700'),
      maxBytes: bytes.default(10 * GIB).describe('size of the queue on disk; when undelivered events fill it, more are refused with 503'),
      segmentBytes: bytes.default(64 * MIB).describe('size of one segment file'),
      warnAtShare: z
        .number()
        .gt(0)
        .max(1)
        .default(0.8)
        .describe('share of the queue’s room that is undelivered from which a warning is logged'),
      keepDeliveredSeconds: z.number().min(0).default(0).describe('how long delivered events stay on disk, space permitting'),
    }),
    wazuh: wazuhSchema,
    trustedProxies: z.array(addressOrRange).default([]).describe('addresses or CIDRs whose X-Forwarded-For is believed'),
    redaction: z
      .strictObject({
        resources: z
          .array(z.string().refine((entry) => parseSensitiveResource(entry) !== undefined, 'RESOURCE[/SUBRESOURCE][.GROUP][:PATH,PATH]'))
          .default([])
          .describe(
            'further resources whose bodies hold credentials, `RESOURCE[/SUBRESOURCE][.GROUP][:PATH,PATH]`; without paths all but the metadata',
          ),
      })
      .prefault({}),
    limits: limitsSchema,
    health: healthSchema,
    lateAfterSeconds: z.number().positive().default(300).describe('an event older than this on delivery is marked late'),
    admin: z
      .strictObject({
        address: z.string().default('127.0.0.1').describe('address of the admin listener; a path makes it a unix socket'),
        port: port.default(9808).describe('port of the admin listener; 0 takes a free one'),
      })
      .prefault({}),
    log: z
      .strictObject({
        level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info').describe('least level that is written'),
        format: z.enum(['auto', 'json', 'pretty']).default('auto').describe('`auto`: pretty on a terminal, else JSON lines'),
      })
      .prefault({}),
  })
  .superRefine((configuration, context) => {
    for (const { path, message } of [...trustProblems(configuration), ...limitProblems(configuration.limits)])
      context.addIssue({ code: 'custom', path: [...path], message });
  });

/** What the code sets its values from: every default filled in, every size in bytes. */
export interface Configuration {
  readonly listen: ListenSettings;
  /** Absent only with `listen.plainHttp`, and without the webhook. */
  readonly tls?: TlsSettings | undefined;
  readonly tokens?: string | undefined;
  readonly migration?: MigrationSettings | undefined;
  readonly sources: SourcesSettings;
  readonly spool: {
    readonly folder: string;
    readonly maxBytes: number;
    readonly segmentBytes: number;
    readonly warnAtShare: number;
    readonly keepDeliveredSeconds: number;
  };
  readonly wazuh: WazuhSettings;
  readonly trustedProxies: readonly string[];
  readonly redaction: { readonly resources: readonly string[] };
  readonly limits: Limits;
  readonly health: HealthSettings;
  readonly lateAfterSeconds: number;
  readonly admin: { readonly address: string; readonly port: number };
  readonly log: { readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'; readonly format: 'auto' | 'json' | 'pretty' };
}

/** Whose configuration it is: an agent's leaves out what needs no saying there (agent-defaults.ts). */
export type Role = 'receiver' | 'agent';

/**
 * Reads a configuration: the file's YAML, then environment variables over it, then flags over both.
 *
 * @param overrides paths such as `listen.port` with values as YAML scalars; later entries win
 * @throws {Failure} `CONFIGURATION_SYNTAX` with the line, `CONFIGURATION_INVALID` with every error and its path
 */
export function parseConfiguration(
  text: string,
  overrides: readonly (readonly [path: string, value: string])[] = [],
  role: Role = 'receiver',
): Configuration {
  const given = parseYaml(text);
  for (const [path, value] of overrides) setPath(given, path.split('.'), parseDocument(value).toJS());
  const raw = role === 'agent' ? withAgentDefaults(given) : given;

  const parsed = configurationSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const lines = [
    ...parsed.error.issues.map((issue) => `${issue.path.join('.') || '(top level)'}: ${issue.message}`),
    ...missingTls(raw, parsed.error),
  ];
  throw new Failure('CONFIGURATION_INVALID', `the configuration has ${lines.length} error(s)\n  ${lines.join('\n  ')}`, {
    hint: 'docs/reference/receiver-configuration.md lists every key',
  });
}

/** What goes together is looked at only when each key is right by itself; certificates are what a first attempt lacks, and must be in the list. */
function missingTls(raw: unknown, { issues }: z.ZodError): readonly string[] {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return [];
  const { listen, tls, sources } = raw as {
    readonly listen?: { readonly plainHttp?: unknown } | null;
    readonly tls?: unknown;
    readonly sources?: { readonly webhook?: unknown } | null;
  };
  const isSaid = issues.some(({ path }) => path[0] === 'tls');
  const isNeeded = listen?.plainHttp !== true && sources?.webhook !== false;
  return tls === undefined && isNeeded && !isSaid ? [`tls: ${TLS_NEEDED}`] : [];
}

function parseYaml(text: string): unknown {
  const document = parseDocument(text, { prettyErrors: true });
  try {
    const [syntaxError] = document.errors;
    if (syntaxError !== undefined) throw syntaxError;
    return document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {};
  } catch (cause) {
    // Besides the syntax: more aliases than any honest file has, which `yaml` throws as a ReferenceError.
    throw new Failure('CONFIGURATION_SYNTAX', (cause as Error).message.trimEnd(), { hint: 'mend the YAML at that line', cause });
  }
}

/** `K8S_AUDIT_LISTEN_PORT=9443` -> `listen.port`; names follow the schema's own paths. */
export function environmentOverrides(env: Readonly<Record<string, string | undefined>>): readonly (readonly [string, string])[] {
  return configurationPaths().flatMap((path) => {
    const value = env[environmentName(path)];
    return value === undefined ? [] : [[path, value] as const];
  });
}

/** `listen.port` -> `K8S_AUDIT_LISTEN_PORT`, `spool.maxBytes` -> `K8S_AUDIT_SPOOL_MAX_BYTES`. */
export function environmentName(path: string): string {
  return `K8S_AUDIT_${path
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll('.', '_')
    .toUpperCase()}`;
}

/** Every leaf of the schema, in the order of the reference page. */
export function configurationPaths(): readonly string[] {
  return configurationLeaves().map(({ path }) => path);
}

export function configurationLeaves(
  schema: z.ZodType = configurationSchema,
  path = '',
): readonly { readonly path: string; readonly schema: z.ZodType }[] {
  const inner = unwrap(schema);
  if (!(inner instanceof z.ZodObject)) return [{ path, schema }];
  return Object.entries(inner.shape).flatMap(([key, value]) =>
    configurationLeaves(value as z.ZodType, path === '' ? key : `${path}.${key}`),
  );
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault || schema instanceof z.ZodOptional)
    return unwrap(schema.unwrap() as z.ZodType);
  return schema;
}

function setPath(root: unknown, path: readonly string[], value: unknown): void {
  let node = root as Record<string, unknown>;
  for (const key of path.slice(0, -1)) {
    if (typeof node[key] !== 'object' || node[key] === null) node[key] = {};
    node = node[key] as Record<string, unknown>;
  }
  node[path.at(-1) as string] = value;
}
