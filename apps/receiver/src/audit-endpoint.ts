import type { IncomingMessage, ServerResponse } from 'node:http';
import { Failure } from '@k8s-audit/failure';
import { parseAuditPath } from './audit-path.ts';
import type { BytesInFlight } from './bytes-in-flight.ts';
import { identifyClient } from './client-identity.ts';
import type { Connections } from './connections.ts';
import { accept, type Intake } from './flow.ts';
import { lingerOver } from './linger.ts';
import type { Logger } from './log.ts';
import type { Refusals } from './refusals.ts';
import { type BodyLimit, BodyOverLimit, encodingOf, RequestBody } from './request-body.ts';
import type { Origin } from './spool-record.ts';
import type { Trust } from './trust.ts';

/** Three seconds: client-go repeats inside its attempt as long as we say so, which stretches its patience from 81 s to 230 s. */
const RETRY_AFTER_SECONDS = '3';

export interface AuditEndpoint {
  readonly intake: Intake;
  readonly inFlight: BytesInFlight;
  readonly maxBodyBytes: number;
  readonly refusals: Refusals;
  readonly log: Logger;
  /** As of this moment: it changes with its files. */
  readonly trust: () => Trust;
  readonly connections: Connections;
  readonly now: () => number;
  /** How long it took to answer, for the metrics. */
  readonly answered: (status: number, seconds: number) => void;
  /** How much a gzip body was, packed and unpacked, also for the metrics. */
  readonly unpacked: (packedBytes: number, bytes: number) => void;
  /** Each answer is then the last of its connection. */
  readonly isStopping: () => boolean;
}

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** One POST of an API server: who is it, may it, is there room, take it. Never throws: every end is an answer. */
export async function handleAuditPost(request: IncomingMessage, response: ServerResponse, endpoint: AuditEndpoint): Promise<void> {
  const startedAtMs = performance.now();
  response.once('finish', () => endpoint.answered(response.statusCode, (performance.now() - startedAtMs) / 1000));
  const origin = originOf(request, endpoint);
  if ('status' in origin) return refuse(request, response, endpoint, origin);
  const encoding = encodingOf(request);
  if (encoding === 'unknown') return refuse(request, response, endpoint, unknownEncoding(request));
  const announcedBytes = Number(request.headers['content-length'] ?? 0);
  if (announcedBytes > endpoint.maxBodyBytes) return refuse(request, response, endpoint, tooLarge(endpoint));

  const body = new RequestBody(request, encoding, endpoint, origin.cluster);
  try {
    if (!body.hold(announcedBytes)) return refuse(request, response, endpoint, noMemory);
    const accepted = await accept(body, origin, endpoint.intake);
    if (accepted.kind === 'no-event')
      return refuse(request, response, endpoint, { status: 400, code: 'no-event', message: body.fault ?? accepted.reason }, origin);
    // Gzip that breaks is a list that breaks: what stood before is kept.
    const broken = body.fault ?? accepted.broken;
    if (accepted.quarantined > 0 || broken !== undefined)
      endpoint.log.warn({ event: 'odd-batch', cluster: origin.cluster, apiServer: origin.apiServer, ...accepted, broken });
    answer(response, { status: 200, code: 'stored', message: `${accepted.events} on disk` });
  } catch (error) {
    if (request.destroyed && !request.complete) return;
    refuse(request, response, endpoint, error instanceof BodyOverLimit ? overLimit(error.limit, endpoint) : diskRefused(error), origin);
  } finally {
    if (encoding === 'gzip') endpoint.unpacked(body.packedBytes, body.bytes);
    body.release();
  }
}

/** Whose request it is, by certificate or token and path; they must agree. */
export function originOf(request: IncomingMessage, { trust, connections, now }: AuditEndpoint): Origin | Answer {
  const path = parseAuditPath(request.url ?? '/');
  if (path.kind === 'unknown') return { status: 404, code: 'unknown-path', message: 'post to /CLUSTER or /CLUSTER/APISERVER' };
  const identity = identifyClient(request, trust(), now());
  if (identity.kind === 'refused') return identity;
  const { cluster, by } = identity;
  if (path.cluster !== undefined && path.cluster !== cluster)
    return { status: 403, code: 'cluster-mismatch', message: `the path says cluster ${path.cluster}, the ${NAMED_BY[by]} says ${cluster}` };
  if (!connections.identified(request.socket, cluster))
    return { status: 503, code: 'too-many-connections', message: `cluster ${cluster} has too many connections open; try again` };
  return { cluster, apiServer: path.apiServer, source: 'webhook' };
}

const NAMED_BY = { certificate: 'client certificate', token: 'token', migration: 'migration' } as const;

const noMemory: Answer = { status: 503, code: 'memory-budget', message: 'too many request bodies at once; try again' };

function tooLarge({ maxBodyBytes }: AuditEndpoint): Answer {
  return { status: 413, code: 'body-too-large', message: `the body is larger than ${maxBodyBytes} bytes` };
}

function overLimit(limit: BodyLimit, endpoint: AuditEndpoint): Answer {
  return limit === 'too-large' ? tooLarge(endpoint) : noMemory;
}

function unknownEncoding({ headers }: IncomingMessage): Answer {
  const name = String(headers['content-encoding']).slice(0, MAX_SHOWN);
  return { status: 415, code: 'encoded-body', message: `bodies encoded as ${name} are not taken; gzip is, once, or none` };
}

/** Of what a client says, in its answer and in a log line. */
const MAX_SHOWN = 64;

function diskRefused(error: unknown): Answer {
  const code = error instanceof Failure ? error.code.toLowerCase().replaceAll('_', '-') : 'disk-error';
  return { status: 503, code, message: 'the events cannot be stored now; try again' };
}

function refuse(request: IncomingMessage, response: ServerResponse, endpoint: AuditEndpoint, given: Answer, origin?: Origin): void {
  endpoint.refusals.report(given.status, given.code, { detail: given.message, ...origin, remote: request.socket.remoteAddress });
  answer(response, given);
  if (!request.complete) lingerOver(request);
}

function answer(response: ServerResponse, { status, code, message }: Answer): void {
  const text = status === 200 ? '{}\n' : `${JSON.stringify({ code, message })}\n`;
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...(status === 503 ? { 'Retry-After': RETRY_AFTER_SECONDS } : {}),
    // RFC 9110 15.5.16: what would have been taken.
    ...(status === 415 ? { 'Accept-Encoding': 'gzip' } : {}),
  });
  response.end(text);
}
