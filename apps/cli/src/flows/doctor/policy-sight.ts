import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ApiServerPod, hostPathOf } from '@k8s-audit/apiserver-config';
import { readHostText } from '@k8s-audit/host-files';
import { findApiServers } from './api-server-process.ts';
import type { PolicySight } from './policy-checks.ts';

const POLICY_FLAG = 'audit-policy-file';

/** Reads the policy where the API server would: below the root of its process where one runs here, else where its manifest mounts it from. */
export async function policySight(
  pod: ApiServerPod,
  { root, startedAtMs }: { readonly root: string; readonly startedAtMs?: number | undefined },
): Promise<PolicySight> {
  const flag = pod.flags.findLast(({ name }) => name === POLICY_FLAG)?.value;
  const [running] = await findApiServers(join(root, 'proc'));
  const runningFlag = running?.flags.findLast(({ name }) => name === POLICY_FLAG)?.value;
  const onHost = flag === undefined ? undefined : hostPathOf(pod, flag);
  const places = [
    ...(running !== undefined && flag !== undefined ? [join(running.root, flag)] : []),
    ...(onHost === undefined ? [] : [join(root, onHost)]),
  ];
  const path = places.find((place) => existsSync(place));
  const started = running?.startedAtMs ?? startedAtMs;
  return {
    flag,
    ...(running === undefined ? {} : { runningFlag: runningFlag ?? 'none' }),
    ...(path === undefined ? {} : { file: { path, text: await readHostText(path), changedAtMs: (await stat(path)).mtimeMs } }),
    ...(pod.checksum === undefined ? {} : { checksumAtStart: pod.checksum }),
    ...(started === undefined ? {} : { startedAtMs: started }),
  };
}
