import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StartedProcess } from '@k8s-audit/testbed';
import type { AlertBackend } from '../alert-backend.ts';
import { embeddedRun } from '../product.ts';
import type { Product } from '../product-process.ts';
import { followHome, PLACES } from '../wazuh-home.ts';

/** It has to evaluate what still lies in its queue before it goes. */
const STOP_GRACE_MS = 60_000;

/** The product's own rule engine behind the same socket protocol, in a folder laid out as /var/ossec. */
export function createEmbeddedBackend(product: Product): AlertBackend {
  return {
    name: 'embedded',
    check: async () => {},
    async start(folder, rules) {
      const home = join(folder, 'wazuh');
      mkdirSync(join(home, PLACES.rules), { recursive: true, mode: 0o700 });
      for (const [name, text] of rules) writeFileSync(join(home, PLACES.rules, name), text);
      const follow = followHome(home);
      const complaints: string[] = [];
      let starts = 0;
      const begin = async (): Promise<StartedProcess> => {
        const logFile = join(folder, 'logs', `embedded-${++starts}.log`);
        return (await product.start('embedded', embeddedRun(home), logFile)).process;
      };
      const end = async (process: StartedProcess): Promise<void> => {
        const { code, killed } = await process.stop(STOP_GRACE_MS);
        if (killed) complaints.push('the embedded back end had to be killed');
        else if (code !== 0) complaints.push(`the embedded back end ended with ${code}: ${process.tail(5)}`);
      };
      let process = await begin();
      return {
        ...follow,
        async restart() {
          await end(process);
          process = await begin();
        },
        async stop() {
          await end(process);
          return complaints;
        },
      };
    },
  };
}
