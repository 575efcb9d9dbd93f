import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { Failure } from '@k8s-audit/failure';

/** What must be true of a receiver before API servers are left to it. */
export interface ReceiverReadiness {
  /** Where API servers dial it; without an address, on any. */
  readonly listen: { readonly address?: string; readonly port: number };
  /** SHA-256 of the certificate that it must show, as Node writes it: `AB:CD:…`. */
  readonly fingerprint: string;
  /** Where it says whether it is ready. */
  readonly adminSocket: string;
}

/**
 * kube-apiserver tries a batch at 0, 10, 28, 51 and 85 s and then drops it (measured, 1.36). Half a minute to start and some seconds to
 * go back leave it two more attempts.
 */
export const START_WITHIN_MS = 30_000;
const POLL_MS = 200;
const ANSWER_WITHIN_MS = 5_000;

/**
 * Waits until a receiver answers on its port with that certificate and says that it takes events.
 *
 * @throws Failure RECEIVER_NOT_READY with what was last seen
 */
export async function awaitReceiver(readiness: ReceiverReadiness, withinMs: number): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    const why = (await whyNotServing(readiness)) ?? (await whyNotReady(readiness.adminSocket));
    if (why === undefined) return;
    if (performance.now() >= deadlineMs)
      throw new Failure('RECEIVER_NOT_READY', `The receiver is not ready after ${withinMs / 1000} s: ${why}.`, {
        hint: 'Everything is as it was before. Its log says more: journalctl -u k8s-audit-receiver',
      });
    await sleep(POLL_MS);
  }
}

function whyNotServing({ listen: { address, port }, fingerprint }: ReceiverReadiness): Promise<string | undefined> {
  const host = address === undefined || address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  return new Promise((resolve) => {
    // Who it is, is told by the fingerprint.
    const socket = connect({ host, port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'], timeout: ANSWER_WITHIN_MS });
    const finish = (why: string | undefined): void => {
      socket.destroy();
      resolve(why);
    };
    socket.on('secureConnect', () => {
      const shown = socket.getPeerX509Certificate()?.fingerprint256;
      finish(shown === fingerprint ? undefined : `port ${port} shows another certificate (${shown})`);
    });
    socket.on('timeout', () => finish(`port ${port} does not answer`));
    socket.on('error', ({ message }) => finish(`port ${port}: ${message}`));
  });
}

function whyNotReady(socketPath: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/readyz', timeout: ANSWER_WITHIN_MS }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () =>
        resolve(answer.statusCode === 200 ? undefined : Buffer.concat(parts).toString().trim().replaceAll('\n', '; ')),
      );
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', ({ message }) => resolve(`${socketPath}: ${message}`));
    asked.end();
  });
}
