/**
 * Drills from top to bottom: begin to watch, make the namespace, do one deed after the other, take the namespace away whatever happens, follow each
 * deed's event to Wazuh's files, judge.
 */
import { type ApiUser, readApiUser, type TracedAnswer } from '@k8s-audit/cluster';
import { Failure } from '@k8s-audit/failure';
import type { Evidence, WrittenEntry } from '../hops/evidence.ts';
import { brokenHop, type HopFinding } from '../hops/hop.ts';
import { judgeHops } from '../hops/judge-hops.ts';
import { type FollowTools, openWitnesses, type WitnessPlaces } from '../hops/witnesses.ts';
import type { Drill } from './drill.ts';
import { type GroundTools, openGround } from './drill-ground.ts';

export interface DrillOptions {
  readonly drills: readonly Drill[];
  /** The text of a file whose user may make namespaces and what is in them. */
  readonly kubeconfig: string;
  readonly places: WitnessPlaces;
}

export interface DrillResult {
  readonly drill: string;
  /** `not-done`: the cluster did not let it be done, and nothing is proved. `unseen`: no Wazuh can be looked at from here. */
  readonly outcome: 'alerted' | 'not-alerted' | 'not-done' | 'unseen';
  /** Why it is not `alerted`. */
  readonly reason?: string;
  readonly auditId?: string;
  readonly status?: number;
  readonly alert?: NonNullable<WrittenEntry['rule']>;
  readonly hops: readonly HopFinding[];
  /** From the answer to the alert in alerts.json. */
  readonly latencyMs?: number;
}

/** @throws Failure CLUSTER_UNREACHABLE, and DRILL_REFUSED where the namespace cannot be made or taken away */
export async function runDrills(options: DrillOptions, tools: FollowTools & GroundTools): Promise<readonly DrillResult[]> {
  const user = await readApiUser(options.kubeconfig);
  const witnesses = await openWitnesses(options.places, tools.now);
  try {
    const deeds = await doAll(options.drills, user, tools);
    return await Promise.all(
      deeds.map(async ({ drill, deed }) => {
        if (typeof deed === 'string') return { drill: drill.detection, outcome: 'not-done', reason: deed, hops: [] } as const;
        return judge(drill, await witnesses.follow(deed, tools));
      }),
    );
  } finally {
    await witnesses.close();
  }
}

/** One after the other. @returns each with its answer, or why it could not be done */
async function doAll(
  drills: readonly Drill[],
  user: ApiUser,
  tools: GroundTools,
): Promise<readonly { readonly drill: Drill; readonly deed: TracedAnswer | string }[]> {
  const ground = await openGround(user, tools);
  const deeds: { readonly drill: Drill; readonly deed: TracedAnswer | string }[] = [];
  try {
    for (const drill of drills) {
      tools.say(`${drill.detection}: ${drill.steps.join('; ')}`);
      deeds.push({ drill, deed: await attempt(() => drill.act(ground)) });
    }
  } finally {
    await ground.remove();
  }
  return deeds;
}

async function attempt(act: () => Promise<TracedAnswer>): Promise<TracedAnswer | string> {
  try {
    const answer = await act();
    return answer.kind === 'answered' ? answer : answer.reason;
  } catch (error) {
    if (error instanceof Failure && error.code === 'DRILL_REFUSED') return error.message;
    throw error;
  }
}

function judge(drill: Drill, evidence: Evidence): DrillResult {
  const { answer, wazuh } = evidence;
  const status = answer.kind === 'answered' ? answer.status : 0;
  const alert = wazuh.kind === 'seen' ? wazuh.alert : undefined;
  const hops = judgeHops(evidence);
  const done = {
    drill: drill.detection,
    auditId: answer.auditId,
    status,
    hops,
    ...(alert?.rule === undefined ? {} : { alert: alert.rule }),
  };
  if (!drill.isDone(status)) return { ...done, outcome: 'not-done', reason: `the API server answers ${status}` };
  const broken = brokenHop(hops);
  if (broken !== undefined && alert === undefined) return { ...done, outcome: 'not-alerted', reason: `${broken.hop}: ${broken.seen}` };
  if (alert === undefined)
    return { ...done, outcome: 'unseen', reason: hops.find(({ state }) => state === 'unseen')?.seen ?? 'nobody can tell' };
  if (!alert.detections.includes(drill.detection))
    return { ...done, outcome: 'not-alerted', reason: `the alert is about ${alert.detections.join(', ') || 'no detection'}` };
  const latencyMs = answer.kind === 'answered' ? alert.seenAtMs - answer.answeredAtMs : undefined;
  return { ...done, outcome: 'alerted', ...(latencyMs === undefined ? {} : { latencyMs: Math.max(0, latencyMs) }) };
}
