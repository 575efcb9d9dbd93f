import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StartedProcess } from '@k8s-audit/testbed';
import { createWazuhTree, type WazuhTree } from '@k8s-audit/wazuh-server/testing';
import { parse, stringify } from 'yaml';
import { clusterCertificate, embeddedRun } from '../product.ts';
import type { Product } from '../product-process.ts';

/** A Wazuh server as packages lay it, with the embedded back end in the place of its daemon, and the receiver that is installed on it. */
export interface ArchiveGround {
  readonly tree: WazuhTree;
  /** Runs `k8s-audit wazuh COMMAND` on that machine. */
  wazuh(command: string, ...args: readonly string[]): Promise<string>;
  /** Starts the receiver as it was installed, on free ports, and posts a recording to it. @returns how many events that were */
  post(recording: string): Promise<number>;
  /** What the doctor finds there; that it complains about something is no failure. */
  doctor(
    ...args: readonly string[]
  ): Promise<readonly { readonly check: { readonly id: string }; readonly finding: { readonly kind: string } }[]>;
  archiveLines(): readonly string[];
  stop(): Promise<void>;
}

const CLUSTER = 'prod-eu';
const STOP_GRACE_MS = 60_000;

export async function createArchiveGround(product: Product, folder: string): Promise<ArchiveGround> {
  const tree = createWazuhTree();
  const started: StartedProcess[] = [];
  const start = async (name: string, line: readonly string[]): Promise<Readonly<Record<string, unknown>>> => {
    const { ready, process } = await product.start(name, line, join(folder, `${name}.log`));
    started.push(process);
    return ready;
  };
  await start('embedded', embeddedRun(tree.home));
  const lines = (): readonly string[] => readFileSync(join(tree.home, 'logs/archives/archives.json'), 'utf8').split('\n').slice(0, -1);
  return {
    tree,
    wazuh: (command, ...args) => product.run(['wazuh', command, '--root', tree.root, ...args]),
    async post(recording) {
      const installed = readFileSync(join(tree.root, 'etc/k8s-audit/receiver.yaml'), 'utf8').replaceAll(': /var/', `: ${tree.root}/var/`);
      const free = { listen: { address: '127.0.0.1', port: 0 }, admin: { address: '127.0.0.1', port: 0 } };
      const configuration = join(folder, 'receiver.yaml');
      writeFileSync(configuration, stringify({ ...(parse(installed) as object), ...free }));
      const { url } = await start('receiver', ['receiver', 'run', '--config', configuration]);
      const { authority, certificate, key } = clusterCertificate(join(tree.home, 'integrations/kubernetes-webhook'), CLUSTER);
      const files = ['--ca', authority, '--cert', certificate, '--key', key];
      const said = await product.run(['replay', recording, '--server', `${url}/${CLUSTER}`, ...files, '--output', 'json']);
      return (JSON.parse(said) as { readonly events: number }).events;
    },
    async doctor(...args) {
      const { stdout } = await product.attempt(['doctor', '--root', tree.root, '--output', 'json', ...args]);
      return (JSON.parse(stdout) as { readonly results: Awaited<ReturnType<ArchiveGround['doctor']>> }).results;
    },
    archiveLines: lines,
    async stop() {
      for (const process of started.toReversed()) await process.stop(STOP_GRACE_MS);
      tree.remove();
    },
  };
}
