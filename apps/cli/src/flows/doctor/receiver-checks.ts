import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import type { Check, CheckText, Finding } from '@k8s-audit/checks';
import { Failure } from '@k8s-audit/failure';
import { askAdmin } from '../receiver-admin.ts';
import type { ReceiverSight } from '../receiver-sight.ts';

const WITHIN_MS = 5_000;
const SETTLE_MS = 500;
/** Of an API server's webhook, by our flags. */
const BATCH_EVENTS = 400;

export const RECEIVER_CHECKS: readonly CheckText[] = [
  {
    id: 'receiver-port',
    category: 'receiver',
    statement: 'the receiver answers over TLS, and only to whom it knows',
    why: 'A handshake with the cluster’s own certificate must work, as an API server’s would; one without any must not.',
  },
  { id: 'receiver-ready', category: 'receiver', statement: 'the receiver can take events', why: 'Its own /readyz: spool, disk, delivery.' },
  {
    id: 'receiver-delivery',
    category: 'receiver',
    statement: 'what came in goes on to Wazuh',
    why: 'Events that wait while nothing is delivered: Wazuh is away or slower than what comes. What was no event is in the quarantine.',
    needs: ['receiver-ready'],
  },
  {
    id: 'receiver-pace',
    category: 'receiver',
    statement: 'events go out as fast as they come in',
    why: 'Its own books are read twice: what came in meanwhile against what went out, and when the spool will be full at that pace. A spool that fills for an hour more than it empties refuses API servers in the end.',
    needs: ['receiver-ready'],
  },
];

/** @param settleMs how long the books are watched */
export function receiverChecks(look: () => Promise<ReceiverSight>, settleMs: number = SETTLE_MS): readonly Check[] {
  const answers: Readonly<Record<string, (sight: ReceiverSight) => Promise<Finding>>> = {
    'receiver-port': port,
    'receiver-ready': ready,
    'receiver-delivery': ({ admin }) => delivery(admin, settleMs),
    'receiver-pace': ({ admin }) => pace(admin, settleMs),
  };
  return RECEIVER_CHECKS.map((text) => ({
    ...text,
    run: async () => (answers[text.id] as (sight: ReceiverSight) => Promise<Finding>)(await look()),
  }));
}

async function port(sight: ReceiverSight): Promise<Finding> {
  const { client } = sight;
  if (client === undefined)
    throw new Failure('FILE_MISSING', 'There is no cluster’s certificate to dial with.', {
      hint: 'k8s-audit wazuh install --cluster NAME',
    });
  const ca = await readFile(client.authorityFile);
  const known = await shakeHands(sight, { ca, cert: await readFile(client.certificateFile), key: await readFile(client.keyFile) });
  if (known !== undefined)
    return {
      kind: 'failure',
      seen: `${sight.host}:${sight.port}: ${known}`,
      next: 'systemctl status k8s-audit-receiver; is the port open in the firewall?',
    };
  const stranger = await shakeHands(sight, { ca });
  if (stranger === undefined)
    return {
      kind: 'failure',
      seen: 'it lets in a client without a certificate',
      next: 'take `migration` out of receiver.yaml when the migration is over',
    };
  return { kind: 'ok', seen: `${sight.host}:${sight.port}` };
}

/** undefined: the handshake held, and a request was not turned away at once. With TLS 1.3 a refusal comes after the client's own end of it. */
function shakeHands(
  { host, port: number }: ReceiverSight,
  tls: { readonly ca: Buffer; readonly cert?: Buffer; readonly key?: Buffer },
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: number, ...tls, ALPNProtocols: ['http/1.1'], timeout: WITHIN_MS });
    const finish = (outcome: string | undefined): void => {
      socket.destroy();
      resolve(outcome);
    };
    socket.on('secureConnect', () => socket.write('GET /k8s-audit-doctor HTTP/1.1\r\nhost: doctor\r\nconnection: close\r\n\r\n'));
    socket.on('data', () => finish(undefined));
    socket.on('timeout', () => finish(`no answer within ${WITHIN_MS / 1000} s`));
    socket.on('error', (error) => finish(error.message));
    socket.on('close', () => finish('it closes the connection'));
  });
}

async function ready({ admin }: ReceiverSight): Promise<Finding> {
  const { status, text } = await askAdmin(admin, '/readyz');
  return status === 200
    ? { kind: 'ok' }
    : { kind: 'failure', seen: text.trim().split('\n').join('; '), next: 'journalctl -u k8s-audit-receiver' };
}

interface Books {
  readonly total: { readonly received: number; readonly delivered: number; readonly quarantined: number; readonly spooled: number };
  readonly spool: { readonly undeliveredBytes: number; readonly maxBytes: number };
}

async function readBooks(admin: ReceiverSight['admin']): Promise<Books> {
  return JSON.parse((await askAdmin(admin, '/books')).text) as Books;
}

async function delivery(admin: ReceiverSight['admin'], settleMs: number): Promise<Finding> {
  const { total: first } = await readBooks(admin);
  if (first.spooled > 0) await sleep(settleMs);
  const { received, delivered, quarantined, spooled } = (await readBooks(admin)).total;
  const seen = `${received} received, ${delivered} delivered, ${spooled} waiting, ${quarantined} quarantined`;
  if (spooled > 0 && delivered === first.delivered)
    return {
      kind: 'failure',
      seen: `${seen}; nothing moves`,
      next: 'is Wazuh running? systemctl status wazuh-manager; journalctl -u k8s-audit-receiver',
    };
  return quarantined > 0
    ? { kind: 'warning', seen, next: 'read the notes of the quarantine: k8s-audit spool --help' }
    : { kind: 'ok', seen };
}

/** Below this the spool is full before somebody who is told now can do anything about it. */
const SOON_SECONDS = 3_600;

async function pace(admin: ReceiverSight['admin'], settleMs: number): Promise<Finding> {
  const [first, startedMs] = [await readBooks(admin), performance.now()];
  await sleep(settleMs);
  const [second, seconds] = [await readBooks(admin), (performance.now() - startedMs) / 1_000];
  const came = second.total.received - first.total.received;
  const waitsMore = second.total.spooled - first.total.spooled;
  const rate = (events: number): string => `${(events / seconds).toFixed(1)} a second`;
  const seen = `${rate(came)} come, ${rate(came - waitsMore)} go, ${second.total.spooled} wait`;
  // What was not taken yet when a second ended is no trend: a batch is.
  if (waitsMore <= BATCH_EVENTS) return { kind: 'ok', seen };
  const bytesASecond = (second.spool.undeliveredBytes - first.spool.undeliveredBytes) / seconds;
  const left = (second.spool.maxBytes - second.spool.undeliveredBytes) / Math.max(1, bytesASecond);
  return {
    kind: left < SOON_SECONDS ? 'failure' : 'warning',
    seen: `${seen}; at this pace the spool is full in ${(left / 3_600).toFixed(1)} hours`,
    next: 'is Wazuh slow (wazuh-drops, wazuh-daemon)? Record less: k8s-audit policy simulate; or raise spool.maxBytes',
  };
}
