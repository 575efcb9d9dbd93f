import { z } from 'zod';
import { bytes, MIB } from './configuration-values.ts';

export interface WazuhSettings {
  readonly transport: 'manager' | 'agent' | 'file' | 'embedded';
  readonly socket: string;
  readonly file: { readonly path?: string | undefined; readonly maxBytes: number; readonly keptFiles: number; readonly sync: boolean };
  readonly embedded: { readonly home?: string | undefined };
  readonly pacing: { readonly ceilingPerSecond?: number | undefined; readonly clientBufferEvents: number };
  readonly wire: 'v1' | 'guide';
  readonly namedLocation: boolean;
}

/** The way into Wazuh, and what is sent on it. */
export const wazuhSchema: z.ZodType<WazuhSettings> = z
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
  .prefault({});
