import { randomBytes } from 'node:crypto';
import type { RequestOptions } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { TRACED_AUDIT_ID_PREFIX } from '@k8s-audit/audit-events';
import { type ApiUser, sendTraced, type TracedAnswer, type TracedRequest } from '@k8s-audit/cluster';
import { Failure } from '@k8s-audit/failure';
import type { DrillGround } from './drill.ts';

export interface GroundTools {
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export interface OpenGround extends DrillGround {
  /** Takes the namespace away, with everything in it. @throws Failure DRILL_REFUSED, with the command that does it by hand */
  remove(): Promise<void>;
}

/** What finds them all: `kubectl get namespaces -l app.kubernetes.io/managed-by=k8s-audit-drill`. */
export const DRILL_LABELS = { 'app.kubernetes.io/managed-by': 'k8s-audit-drill' };
const USER_AGENT = 'k8s-audit/drill';
/** An image that is on no node has to be pulled first; then the deed is done to a pod that does not run yet. */
const POD_WITHIN_MS = 30_000;
const POLL_MS = 250;

/** Makes the namespace. @throws Failure DRILL_REFUSED */
export async function openGround(user: ApiUser, tools: GroundTools): Promise<OpenGround> {
  const namespace = `k8s-audit-drill-${randomBytes(4).toString('hex')}`;
  const send = (request: Omit<TracedRequest, 'userAgent' | 'auditId'>, auditId: string, tls: RequestOptions): Promise<TracedAnswer> =>
    sendTraced(user.server, { ...request, auditId, userAgent: USER_AGENT }, tls, tools.now);
  const prepare: DrillGround['prepare'] = async (request) => {
    const what = `${request.method} ${request.path}`;
    if (tools.signal.aborted) throw refused(`${what} was not sent any more: stopped`, 'start it again');
    const answer = await send(request, untracedId(), user.tls);
    if (answer.kind === 'unanswered') throw refused(`${what}: ${answer.reason}`, 'see whether the API server runs: k8s-audit canary');
    if (answer.status < 300) return JSON.parse(answer.body || '{}');
    throw refused(`${what} answers ${answer.status}: ${messageOf(answer.body)}`, 'the kubeconfig’s user must be able to do this');
  };
  const path = `/api/v1/namespaces/${namespace}`;
  const takeAway = (): Promise<TracedAnswer> => send({ method: 'DELETE', path }, untracedId(), user.tls);
  try {
    await prepare({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespace, labels: DRILL_LABELS } } });
  } catch (error) {
    // No answer does not mean that it was not made.
    await takeAway();
    throw error;
  }
  tools.say(`namespace ${namespace}`);
  return {
    namespace,
    prepare,
    async deed({ token, ...request }) {
      if (tools.signal.aborted) throw refused('the deed was not done: stopped', 'start it again');
      return await send(
        request,
        `${TRACED_AUDIT_ID_PREFIX}${randomBytes(8).toString('hex')}`,
        token === undefined ? user.tls : withToken(user.tls, token),
      );
    },
    async awaitPod(name) {
      const untilMs = tools.now() + POD_WITHIN_MS;
      while (tools.now() < untilMs && !tools.signal.aborted) {
        if (isSettled(await prepare({ method: 'GET', path: `${path}/pods/${name}` }))) return;
        await sleep(POLL_MS);
      }
    },
    async remove() {
      // Also when we were told to stop: what was made is taken away.
      const answer = await takeAway();
      if (answer.kind === 'answered' && (answer.status < 300 || answer.status === 404 || answer.status === 409))
        return tools.say(`namespace ${namespace} is taken away`);
      const why = answer.kind === 'answered' ? `the API server answers ${answer.status}` : answer.reason;
      throw refused(`the namespace ${namespace} is still there: ${why}`, `kubectl delete namespace ${namespace}`);
    },
  };
}

/** What surrounds the deed is no part of the test. */
function untracedId(): string {
  return `k8s-audit-drill-${randomBytes(8).toString('hex')}`;
}

/** It runs; or the scheduler has found no node for it, and nothing but a new node will change that. */
function isSettled(pod: unknown): boolean {
  const { phase, conditions = [] } =
    (pod as { status?: { phase?: string; conditions?: readonly { type: string; reason?: string }[] } }).status ?? {};
  return phase === 'Running' || conditions.some(({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable');
}

/** Nothing of the kubeconfig's own credentials goes along. */
function withToken({ ca, rejectUnauthorized }: RequestOptions, token: string): RequestOptions {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    headers: { Authorization: `Bearer ${token}` },
  };
}

function messageOf(body: string): string {
  try {
    return (JSON.parse(body) as { message?: string }).message ?? '';
  } catch {
    return body.slice(0, 200);
  }
}

function refused(message: string, hint: string): Failure {
  return new Failure('DRILL_REFUSED', message, { hint });
}
