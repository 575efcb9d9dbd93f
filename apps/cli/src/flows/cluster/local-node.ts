import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Flag, readStaticPod } from '@k8s-audit/apiserver-config';
import { readHostText } from '@k8s-audit/host-files';
import type { ConnectData } from './connect-plan.ts';
import { type Checksums, parseChecksum, setupChecksum } from './setup-checksum.ts';

/** What the files of this node say about its own API server. */
export interface LocalNode {
  readonly apiServer: string;
  /** `10.0.0.4:6443`. */
  readonly address: string;
  readonly flags: readonly Flag[];
  /** What the API server was started with. Undefined: the distribution has no place to write that down. */
  readonly loaded?: Checksums;
  /** What lies on the disk now. */
  readonly onDisk: Checksums;
}

/** Reads what a connect has left here, as it is now. @throws what host-files throws */
export async function readLocalNode(data: ConnectData): Promise<LocalNode> {
  const folder = dirname(data.policyFile);
  const textOf = async (name: string): Promise<string | undefined> =>
    existsSync(join(folder, name)) ? await readHostText(join(folder, name)) : undefined;
  const [policy, webhook, authority] = [await textOf('policy.yaml'), await textOf('webhook.yaml'), await textOf('audit-ca.cert')];
  const pod =
    data.distribution === 'static-pod' && existsSync(data.configFile) ? readStaticPod(await readHostText(data.configFile)) : undefined;
  return {
    apiServer: data.apiServer,
    address: data.apiServerUrl === undefined ? '' : new URL(data.apiServerUrl).host,
    flags: (pod?.flags ?? data.flags).map(({ name, value }) => ({ name, value })),
    ...(pod?.checksum === undefined ? {} : { loaded: parseChecksum(pod.checksum) }),
    onDisk: parseChecksum(
      setupChecksum({ policy: policy ?? '', ...(webhook === undefined ? {} : { webhook: [webhook, authority ?? ''] }) }),
    ),
  };
}
