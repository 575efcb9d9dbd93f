/**
 * A canary to each API server, from top to bottom: who there is, what is sent, begin to watch, send, follow, judge.
 */
import { randomBytes } from 'node:crypto';
import { TRACED_AUDIT_ID_PREFIX } from '@k8s-audit/audit-events';
import type { Policy } from '@k8s-audit/audit-policy';
import {
  type AuditCounters,
  askAuditCounters,
  type CanaryRequest,
  NOBODY,
  readApiUser,
  type SeenApiServer,
  seeApiServers,
  sendTraced,
  type TracedAnswer,
} from '@k8s-audit/cluster';
import { Failure } from '@k8s-audit/failure';
import { canaryFor } from '../cluster/canary.ts';
import { brokenHop, type HopFinding, isProved } from '../hops/hop.ts';
import { judgeHops } from '../hops/judge-hops.ts';
import { type FollowTools, openWitnesses, type WitnessPlaces } from '../hops/witnesses.ts';

export interface CanaryOptions {
  /** Text of a kubeconfig: every API server behind the service `kubernetes`, with its counters. */
  readonly kubeconfig?: string;
  /** Besides, or instead: `https://10.0.0.4:6443`. */
  readonly apiServers: readonly string[];
  /** What the API servers record, where it is known: a request is chosen that leaves an event. */
  readonly policy?: Policy;
  readonly places: WitnessPlaces;
}

export interface CanaryTools extends FollowTools {
  readonly say: (line: string) => void;
}

export interface CanaryResult {
  readonly apiServer: string;
  readonly auditId: string;
  readonly request: string;
  readonly outcome: 'proved' | 'broken' | 'unproved';
  readonly hops: readonly HopFinding[];
}

/** Refused where Kubernetes is set up as usual, a dry run where it is not, and of a pod that does not exist. */
const USUAL: CanaryRequest = { verb: 'DELETE', path: '/api/v1/namespaces/default/pods/k8s-audit-canary?dryRun=All' };

/** @throws Failure USAGE where the policy records nothing that a canary could do */
export async function runCanary(options: CanaryOptions, tools: CanaryTools): Promise<readonly CanaryResult[]> {
  const canary = canaryRequest(options.policy);
  const targets = await findTargets(options);
  const witnesses = await openWitnesses(options.places, tools.now);
  try {
    const followed = await Promise.all(
      targets.map(async (target) => {
        const answer = await send(target.url, canary, tools);
        return { target, evidence: await witnesses.follow(answer, tools) };
      }),
    );
    const after = targets.some(({ counters }) => counters !== undefined) ? await findTargets(options) : [];
    return followed.map(({ target, evidence }) => {
      const counted = after.find(({ url }) => url === target.url)?.counters;
      const hops = judgeHops({
        ...evidence,
        ...(target.counters && counted ? { counters: { before: target.counters, after: counted } } : {}),
      });
      const outcome = brokenHop(hops) !== undefined ? 'broken' : isProved(hops) ? 'proved' : 'unproved';
      return { apiServer: target.url, auditId: evidence.answer.auditId, request: `${canary.verb} ${canary.path}`, outcome, hops };
    });
  } finally {
    await witnesses.close();
  }
}

async function send(url: string, { verb, path }: CanaryRequest, { now, say }: CanaryTools): Promise<TracedAnswer> {
  const auditId = `${TRACED_AUDIT_ID_PREFIX}${randomBytes(8).toString('hex')}`;
  const body = verb === 'POST' ? { body: {} } : {};
  say(`${verb} ${path} to ${url}, without credentials`);
  const answer = await sendTraced(url, { auditId, method: verb, path, userAgent: 'k8s-audit/canary', ...body }, NOBODY, now);
  say(answer.kind === 'answered' ? `it answers ${answer.status}; following ${answer.auditId}` : `it does not answer: ${answer.reason}`);
  return answer;
}

export function canaryRequest(policy: Policy | undefined): CanaryRequest {
  const canary = policy === undefined ? USUAL : canaryFor(policy);
  if (canary !== undefined) return canary;
  throw new Failure('USAGE', 'This policy records nothing that somebody without credentials could do.', {
    hint: 'k8s-audit policy explain POLICY --request "GET /api" --user system:anonymous tells why; k8s-audit drill run leaves events of a user.',
  });
}

export interface CanaryTarget {
  readonly url: string;
  /** What it has counted of its audit events until now; undefined: nobody could ask. */
  readonly counters?: AuditCounters;
}

/** Where the cluster cannot be asked for its API servers, the one that the kubeconfig names: what is wrong with it is then its finding. */
export async function findTargets({
  kubeconfig,
  apiServers,
}: Pick<CanaryOptions, 'kubeconfig' | 'apiServers'>): Promise<readonly CanaryTarget[]> {
  if (kubeconfig === undefined) return apiServers.map((url) => ({ url }));
  if (apiServers.length > 0)
    return await Promise.all(apiServers.map(async (url) => ({ url, ...known(await askAuditCounters(kubeconfig, new URL(url).host)) })));
  const seen = await seeApiServers(kubeconfig).catch((error: unknown) => {
    if (error instanceof Failure && error.code === 'CLUSTER_UNREACHABLE') return undefined;
    throw error;
  });
  if (seen === undefined) return [{ url: (await readApiUser(kubeconfig)).server }];
  return seen.map(({ address, counters }) => ({ url: `https://${address}`, ...known(counters) }));
}

function known(counters: SeenApiServer['counters']): Pick<CanaryTarget, 'counters'> {
  return counters.kind === 'counters' ? { counters } : {};
}
