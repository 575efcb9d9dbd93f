import { readFileSync } from 'node:fs';
import { type RequestOptions, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '@k8s-audit/failure';
import type { FilePair } from './credentials.ts';
import type { StartedProcess } from './started-process.ts';

export interface Identity {
  readonly authorityFile: string;
  readonly credentials: FilePair;
}

export type Answer =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string }
  | { readonly kind: 'unreachable'; readonly reason: string };

/** Something that may become ready, or end before. */
export type StartingPart = Pick<StartedProcess, 'name' | 'isRunning' | 'ended' | 'tail' | 'logFile'>;

const REQUEST_TIMEOUT_MS = 10_000;
const POLL_MS = 200;
/** A start takes 3 to 5 s on an idle machine; beside a full test run it has taken ten times as long. */
const READY_WITHIN_MS = 180_000;

/** One GET over a connection of its own. */
export function get(url: string, identity: Identity, options: RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve) => {
    const unreachable = (error: Error): void => resolve({ kind: 'unreachable', reason: error.message });
    const outgoing = request(
      url,
      {
        agent: false,
        timeout: REQUEST_TIMEOUT_MS,
        ca: readFileSync(identity.authorityFile),
        cert: readFileSync(identity.credentials.certificateFile),
        key: readFileSync(identity.credentials.keyFile),
        ...options,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', unreachable);
        response.on('end', () => resolve({ kind: 'answer', status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${REQUEST_TIMEOUT_MS} ms`)));
    outgoing.on('error', unreachable);
    outgoing.end();
  });
}

/**
 * Asks until `url` answers 200, as long as `part` lives.
 *
 * @throws {Failure} TESTBED_NOT_READY with the end of the part's log
 */
export async function waitUntilReady(part: StartingPart, url: string, identity: Identity): Promise<void> {
  const deadlineMs = Date.now() + READY_WITHIN_MS;
  // A self-signed serving certificate of the controllers is theirs alone and lives in no file that we could trust: the probe carries no secret.
  const probeOptions = { rejectUnauthorized: false };
  let last = 'never asked';
  while (Date.now() < deadlineMs) {
    if (!part.isRunning()) throw notReady(part, `${part.name} ended while it started (${JSON.stringify(await part.ended)})`);
    const answer = await get(url, identity, probeOptions);
    if (answer.kind === 'answer' && answer.status === 200) return;
    last = answer.kind === 'answer' ? `${answer.status} ${answer.body.slice(0, 500)}` : answer.reason;
    await sleep(POLL_MS);
  }
  throw notReady(part, `${part.name} was not ready within ${READY_WITHIN_MS / 1000} s; ${url} last said: ${last}`);
}

function notReady(part: StartingPart, what: string): Failure {
  return new Failure('TESTBED_NOT_READY', `${what}\n${part.tail()}`, { hint: `read ${part.logFile}` });
}
