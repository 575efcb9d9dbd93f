import type { Evidence, Refused, TracedEvent } from './evidence.ts';
import { HOPS, type HopFinding, type HopId } from './hop.ts';
import { judgeWazuh } from './judge-wazuh.ts';
import { broken, since, unseen, type Verdict, type Verdicts } from './verdict.ts';

const RECEIVER_HOPS: readonly HopId[] = ['webhook', 'tls', 'spool', 'pipeline', 'socket'];
const WAZUH_HOPS: readonly HopId[] = ['daemon', 'rule', 'alerts', 'archive'];

/** Goes along the way and names the first hop that is broken: with certainty where the evidence shows it, else the likeliest. */
export function judgeHops(evidence: Evidence): readonly HopFinding[] {
  const verdicts = judge(evidence);
  return HOPS.map(({ id }): HopFinding => {
    const verdict = verdicts[id];
    return verdict === undefined ? { hop: id, state: 'not-reached', seen: '-' } : { hop: id, ...verdict };
  });
}

function judge(evidence: Evidence): Verdicts {
  const { answer, receiver, wazuh } = evidence;
  if (answer.kind === 'unanswered')
    return {
      'api-server': broken(answer.reason, 'Does it run? kubectl get --raw /livez; its log; the address and the firewall before it.'),
    };

  const answered: Verdict = { state: 'ok', latencyMs: answer.answeredAtMs - answer.sentAtMs, seen: `answered ${answer.status}` };
  const toWazuh = judgeWazuh(wazuh, takenAtMs(evidence));
  const hasCome = wazuh.kind === 'seen' && (wazuh.alert !== undefined || wazuh.archived !== undefined);
  if (receiver.kind !== 'seen') {
    if (hasCome) return { 'api-server': answered, ...unseen('it came through', RECEIVER_HOPS), ...toWazuh };
    if (receiver.kind === 'away' && receiver.dial?.kind !== 'let-in')
      return {
        'api-server': answered,
        ...unseen('nobody can tell', ['webhook']),
        tls: broken(receiver.reason, 'Does the receiver run? systemctl status k8s-audit-receiver'),
      };
    return { 'api-server': answered, ...unseen(receiver.reason, [...RECEIVER_HOPS, ...WAZUH_HOPS]) };
  }
  const [event] = furthestFirst(receiver.traced);
  // The counters of an API server say what the trace does not, and only where nothing came.
  if (event === undefined) {
    if (!hasCome) return notArrived(evidence, answered);
    // By another receiver, or by this one before it was restarted.
    return { 'api-server': answered, ...unseen('it came through, and this receiver knows nothing of it', RECEIVER_HOPS), ...toWazuh };
  }

  const webhook: Verdict = {
    state: 'ok',
    latencyMs: Math.max(0, event.arrivedAtMs - answer.answeredAtMs),
    seen: event.source === 'log' ? 'by its log file' : 'posted',
  };
  const dialled = receiver.dial?.kind === 'let-in' ? { latencyMs: receiver.dial.latencyMs } : {};
  const tls: Verdict = { state: 'ok', ...dialled, seen: `as cluster ${event.cluster}, API server ${event.apiServer}` };
  const through = { 'api-server': answered, webhook, tls, ...judgeReceiver(event, receiver) };
  return through.socket?.state === 'ok' ? { ...through, ...toWazuh } : through;
}

function judgeReceiver(event: TracedEvent, receiver: Extract<Evidence['receiver'], { kind: 'seen' }>): Verdicts {
  const { arrivedAtMs, storedAtMs, shapedAtMs, endedAtMs, outcome } = event;
  // One that came in before the receiver's last start has no time of its own for the disk: it was read from there.
  if (storedAtMs === undefined && shapedAtMs === undefined && endedAtMs === undefined)
    return {
      spool: broken(
        `it came, and is not on disk: ${refusedText(receiver.refused) || 'the disk has not answered'}`,
        'Disk and size: k8s-audit spool status; journalctl -u k8s-audit-receiver',
      ),
    };
  const spool: Verdict = { state: 'ok', ...since(arrivedAtMs, storedAtMs), seen: 'on disk' };
  if (outcome === 'quarantined')
    return {
      spool,
      pipeline: broken(`quarantined: ${event.reason}`, 'See its note: k8s-audit spool quarantine; then report it with the note.'),
    };
  if (shapedAtMs === undefined && receiver.stopped !== undefined)
    return {
      spool,
      pipeline: broken(receiver.stopped, 'Restart it: systemctl restart k8s-audit-receiver; journalctl -u k8s-audit-receiver'),
    };
  if (outcome === 'duplicate')
    return { spool, pipeline: { state: 'ok', seen: 'it came before, by another way' }, socket: { state: 'ok', seen: 'taken before' } };
  const pipeline: Verdict = { state: 'ok', ...since(storedAtMs, shapedAtMs), seen: shapedAtMs === undefined ? 'waits its turn' : 'shaped' };
  if (outcome === undefined)
    return {
      spool,
      pipeline,
      socket: broken(
        `${receiver.waiting} events wait for Wazuh to take them`,
        'Does Wazuh run? systemctl status wazuh-manager; k8s-audit wazuh status',
      ),
    };
  return { spool, pipeline, socket: { state: 'ok', ...since(shapedAtMs, endedAtMs), seen: 'taken' } };
}

function notArrived({ counters, receiver }: Evidence, answered: Verdict): Verdicts {
  const { refused, dial } = receiver as Extract<Evidence['receiver'], { kind: 'seen' }>;
  const made = counters === undefined ? undefined : counters.after.events - counters.before.events;
  if (made === 0)
    return {
      'api-server': broken(
        `${answered.seen}, and has made no audit event since`,
        'It needs --audit-policy-file with a policy that records this request: k8s-audit cluster status, k8s-audit policy explain',
      ),
    };
  if (refused.length > 0 || dial?.kind === 'refused') {
    const isPosting = refused.length > 0;
    return {
      'api-server': answered,
      webhook: isPosting ? { state: 'ok', seen: 'somebody posts' } : { state: 'unseen', seen: 'nothing came' },
      tls: broken(
        isPosting ? `turned away: ${refusedText(refused)}` : `a client is not let in: ${(dial as { reason: string }).reason}`,
        'Certificates, their ends and the name that is dialled: k8s-audit certs status; the receiver’s log says who was refused.',
      ),
    };
  }
  return {
    'api-server': answered,
    webhook: broken(
      `nothing came from it${counters === undefined ? '' : `; it made ${made} events meanwhile${givenUp(counters)}`}`,
      'Its --audit-webhook-config-file, and whether it reaches the receiver’s port: k8s-audit cluster status, k8s-audit cluster connect',
    ),
  };
}

function givenUp({ before, after }: NonNullable<Evidence['counters']>): string {
  const parts = Object.entries(after.errors).map(([plugin, count]) => [plugin, count - (before.errors[plugin] ?? 0)] as const);
  const grown = parts.filter(([, count]) => count > 0);
  return grown.length === 0 ? '' : `, and gave up ${grown.map(([plugin, count]) => `${count} (${plugin})`).join(', ')}`;
}

/** A request has up to three stages, and the one that goes furthest tells most. */
function furthestFirst(events: readonly TracedEvent[]): readonly TracedEvent[] {
  const rank = ({ outcome, endedAtMs, shapedAtMs, storedAtMs }: TracedEvent): number =>
    outcome === 'delivered' ? 4 : endedAtMs !== undefined ? 3 : shapedAtMs !== undefined ? 2 : storedAtMs !== undefined ? 1 : 0;
  return [...events].sort((one, other) => rank(other) - rank(one));
}

function takenAtMs({ receiver }: Evidence): number | undefined {
  return receiver.kind === 'seen' ? furthestFirst(receiver.traced)[0]?.endedAtMs : undefined;
}

function refusedText(refused: readonly Refused[]): string {
  return refused.map(({ status, code, count }) => `${count} × ${status === 0 ? '' : `${status} `}${code}`).join(', ');
}
