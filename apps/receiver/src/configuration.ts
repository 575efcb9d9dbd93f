import { parseSensitiveResource, trustedProxies } from '@k8s-audit/event-pipeline';
import { Failure } from '@k8s-audit/failure';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { withAgentDefaults } from './agent-defaults.ts';
import { type SourcesSettings, sourcesSchema } from './sources/sources-configuration.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const MAX_ALIASES = 10;

const bytes = z
  .union([z.number().int().positive(), z.string().regex(/^\d+(\.\d+)?\s*(KiB|MiB|GiB)$/, 'a number of bytes, or one with KiB, MiB or GiB')])
  .transform(toBytes);
const port = z.number().int().min(0).max(65_535);

/**
 * What a person writes in the receiver's configuration file. Every key has a default but the certificates, the spool
 * folder and the socket's path where it is not Wazuh's own; an unknown key is an error, because a misspelt one is.
 */
export const configurationSchema: z.ZodType<Configuration> = z.strictObject({
  listen: z
    .strictObject({
      address: z.string().default('::').describe('address to bind; `::` takes IPv4 and IPv6'),
      port: port.default(8080).describe('port to bind; 0 takes a free one'),
    })
    .prefault({}),
  tls: z
    .strictObject({
      certificate: z.string().min(1).describe('the receiver’s certificate, PEM'),
      key: z.string().min(1).describe('its key, PEM'),
      clientAuthority: z.string().min(1).describe('the authority that signs the clusters’ client certificates, PEM'),
    })
    .optional(),
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
  wazuh: z
    .strictObject({
      transport: z
        .enum(['manager', 'agent', 'file', 'embedded'])
        .default('manager')
        .describe('the way into Wazuh: the socket of a manager or of an agent, a file for a `<localfile>`, the built-in back end'),
      socket: z
        .string()
        .min(1)
        .default('/var/ossec/queue/sockets/queue')
        .describe('`manager`, `agent`: the datagram socket of wazuh-analysisd, or of wazuh-agentd'),
      file: z
        .strictObject({
          path: z.string().min(1).optional().describe('`file`: one event a line is appended here (required then)'),
          maxBytes: bytes.default(256 * MIB).describe('`file`: before it would grow beyond, it is renamed to PATH.1'),
          keptFiles: z.number().int().min(0).max(1000).default(3).describe('`file`: how many renamed files are kept'),
          sync: z.boolean().default(true).describe('`file`: each batch is on the disk before the spool lets go of it'),
        })
        .prefault({}),
      embedded: z
        .strictObject({
          home: z
            .string()
            .min(1)
            .optional()
            .describe('`embedded`: a folder laid out as /var/ossec, with the rules in etc/rules (required then)'),
        })
        .prefault({}),
      pacing: z
        .strictObject({
          ceilingPerSecond: z
            .number()
            .positive()
            .optional()
            .describe('events a second where Wazuh tells nothing of its queues; 1,000 for a manager, 500 for an agent, none for a file'),
          clientBufferEvents: z
            .number()
            .int()
            .positive()
            .default(5000)
            .describe('`agent`: the `<client_buffer><queue_size>` of its ossec.conf, which an agent does not tell'),
        })
        .prefault({}),
      wire: z.enum(['v1', 'guide']).default('v1').describe('`guide` sends single-item EventLists, as the hand-made script did'),
      namedLocation: z
        .boolean()
        .default(true)
        .describe('show the cluster as the agent’s name; off, and on other ways than a manager: location `k8s`'),
    })
    .refine(({ transport, file }) => transport !== 'file' || file.path !== undefined, {
      path: ['file', 'path'],
      error: 'the transport `file` needs it',
    })
    .refine(({ transport, embedded }) => transport !== 'embedded' || embedded.home !== undefined, {
      path: ['embedded', 'home'],
      error: 'the transport `embedded` needs it',
    })
    .prefault({}),
  trustedProxies: z
    .array(z.string().refine((entry) => trustedProxies([entry]) !== undefined, 'an address or a CIDR'))
    .default([])
    .describe('addresses or CIDRs whose X-Forwarded-For is believed'),
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
  limits: z
    .strictObject({
      bodyBytes: bytes.default(256 * MIB).describe('a larger request body is answered with 413'),
      itemBytes: bytes.default(8 * MIB).describe('a larger event is quarantined'),
      inFlightBytes: bytes.default(512 * MIB).describe('request bodies held in memory together; above it 503'),
      connections: z.number().int().positive().default(4096).describe('open connections in all'),
    })
    .prefault({}),
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
});

/** What the code sets its values from: every default filled in, every size in bytes. */
export interface Configuration {
  readonly listen: { readonly address: string; readonly port: number };
  /** Absent only without the webhook. */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly clientAuthority: string } | undefined;
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
  readonly limits: { readonly bodyBytes: number; readonly itemBytes: number; readonly inFlightBytes: number; readonly connections: number };
  readonly lateAfterSeconds: number;
  readonly admin: { readonly address: string; readonly port: number };
  readonly log: { readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'; readonly format: 'auto' | 'json' | 'pretty' };
}

export interface WazuhSettings {
  readonly transport: 'manager' | 'agent' | 'file' | 'embedded';
  readonly socket: string;
  readonly file: { readonly path?: string | undefined; readonly maxBytes: number; readonly keptFiles: number; readonly sync: boolean };
  readonly embedded: { readonly home?: string | undefined };
  readonly pacing: { readonly ceilingPerSecond?: number | undefined; readonly clientBufferEvents: number };
  readonly wire: 'v1' | 'guide';
  readonly namedLocation: boolean;
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
  const lines = [
    ...(parsed.error?.issues ?? []).map((issue) => `${issue.path.join('.') || '(top level)'}: ${issue.message}`),
    ...missingTls(raw),
  ];
  if (parsed.success && lines.length === 0) return parsed.data;
  throw new Failure('CONFIGURATION_INVALID', `the configuration has ${lines.length} error(s)\n  ${lines.join('\n  ')}`, {
    hint: 'docs/reference/receiver-configuration.md lists every key',
  });
}

/** Not in the schema: what goes together is looked at there only when each key is right by itself, and certificates are what a first attempt lacks. */
function missingTls(raw: unknown): readonly string[] {
  const { tls, sources } = (raw ?? {}) as { readonly tls?: unknown; readonly sources?: { readonly webhook?: unknown } | null };
  return tls === undefined && sources?.webhook !== false ? ['tls: certificate, key and clientAuthority are needed for the webhook'] : [];
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
export function configurationPaths(schema: z.ZodType = configurationSchema, prefix = ''): readonly string[] {
  const inner = unwrap(schema);
  if (!(inner instanceof z.ZodObject)) return [prefix];
  return Object.entries(inner.shape).flatMap(([key, value]) =>
    configurationPaths(value as z.ZodType, prefix === '' ? key : `${prefix}.${key}`),
  );
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault || schema instanceof z.ZodOptional)
    return unwrap(schema.unwrap() as z.ZodType);
  return schema;
}

function toBytes(value: number | string): number {
  if (typeof value === 'number') return value;
  const unit = { KiB: KIB, MiB: MIB, GiB: GIB }[value.slice(-3)] as number;
  return Math.floor(Number.parseFloat(value) * unit);
}

function setPath(root: unknown, path: readonly string[], value: unknown): void {
  let node = root as Record<string, unknown>;
  for (const key of path.slice(0, -1)) {
    if (typeof node[key] !== 'object' || node[key] === null) node[key] = {};
    node = node[key] as Record<string, unknown>;
  }
  node[path.at(-1) as string] = value;
}
