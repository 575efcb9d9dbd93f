import { readHostText } from '@k8s-audit/host-files';
import { askOwnBooks } from '../cluster/own-books.ts';
import { type AdminAddress, askAdmin } from '../receiver-admin.ts';
import type { ReceiverSight } from '../receiver-sight.ts';
import type { Dial, ReceiverEvidence, Refused, TracedEvent } from './evidence.ts';

/** The receiver's part: asked by its admin listener, and dialled once as an API server would. */
export interface ReceiverWitness {
  traced(auditId: string): Promise<readonly TracedEvent[]>;
  /** What is known at the end of the event. */
  evidence(auditId: string): Promise<ReceiverEvidence>;
}

interface Books {
  readonly total: { readonly spooled: number };
  readonly refusals: readonly Refused[];
}

/** Begins to watch: who was refused until now is not counted. @param sight undefined: no receiver of this machine is known */
export async function watchReceiver(sight: Partial<ReceiverSight> | undefined, now: () => number): Promise<ReceiverWitness> {
  const admin = sight?.admin;
  if (admin === undefined)
    return unseenReceiver('no receiver of this machine is known: name its configuration with --config, or its admin listener with --admin');
  // Our own dial comes before the count of the refused, so that it is not taken for an API server's.
  const dial = await dialLike(sight ?? {}, now);
  const dialled = dial === undefined ? {} : { dial };
  const before = await booksOf(admin).catch(() => undefined);
  const traced = async (auditId: string): Promise<readonly TracedEvent[]> =>
    (JSON.parse((await askAdmin(admin, `/trace/${auditId}`)).text) as { readonly events: readonly TracedEvent[] }).events;
  return {
    traced: (auditId) => traced(auditId).catch(() => []),
    async evidence(auditId) {
      try {
        const books = await booksOf(admin);
        const alive = await askAdmin(admin, '/livez');
        return {
          kind: 'seen',
          traced: await traced(auditId),
          refused: refusedSince(before?.refusals ?? [], books.refusals),
          waiting: books.total.spooled,
          ...(alive.status === 200 ? {} : { stopped: alive.text.trim() }),
          ...dialled,
        };
      } catch (error) {
        return { kind: 'away', reason: `the receiver does not answer: ${(error as Error).message}`, ...dialled };
      }
    },
  };
}

function unseenReceiver(reason: string): ReceiverWitness {
  return { traced: async () => [], evidence: async () => ({ kind: 'unseen', reason }) };
}

async function booksOf(admin: AdminAddress): Promise<Books> {
  return JSON.parse((await askAdmin(admin, '/books')).text) as Books;
}

function refusedSince(before: readonly Refused[], after: readonly Refused[]): readonly Refused[] {
  return after
    .map(({ status, code, count }) => {
      const earlier = before.find((each) => each.status === status && each.code === code);
      // A receiver that was restarted counts from nought again.
      return { status, code, count: count >= (earlier?.count ?? 0) ? count - (earlier?.count ?? 0) : count };
    })
    .filter(({ count }) => count > 0);
}

/** Only with a certificate: a stranger's dial would be a refused client, which the receiver reports. */
async function dialLike({ host, port, client }: Partial<ReceiverSight>, now: () => number): Promise<Dial | undefined> {
  if (client === undefined || host === undefined || port === undefined) return undefined;
  const [authorityPem, certificatePem, keyPem] = await Promise.all([
    readHostText(client.authorityFile),
    readHostText(client.certificateFile),
    readHostText(client.keyFile),
  ]);
  const startedAtMs = now();
  const answer = await askOwnBooks({ host, port, authorityPem, certificatePem, keyPem }, client.cluster);
  return answer.kind === 'books' ? { kind: 'let-in', latencyMs: now() - startedAtMs } : { kind: 'refused', reason: answer.reason };
}
