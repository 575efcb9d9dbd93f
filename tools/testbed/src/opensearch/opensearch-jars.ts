import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import type { BinaryOptions } from '../binary.ts';
import { withLock } from '../build-lock.ts';
import { cacheFolder } from '../cache-folder.ts';
import { runCommand } from '../command-run.ts';

/** Where the node's program and the list of its jars lie. */
export const OPENSEARCH_SOURCE: string = join(import.meta.dirname, '../../opensearch');

/**
 * The folder with OpenSearch's jars (53 MB), fetched once per machine into `$XDG_CACHE_HOME/k8s-audit/testbed/opensearch-KEY/`; the key is
 * of what pom.xml asks for.
 *
 * @throws {Failure} TESTBED_NO_OPENSEARCH
 */
export async function ensureOpenSearchJars({ env = process.env, onProgress = () => {}, signal }: BinaryOptions = {}): Promise<string> {
  const pom = join(OPENSEARCH_SOURCE, 'pom.xml');
  const key = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 16);
  const folder = join(cacheFolder(env), `opensearch-${key}`);
  if (existsSync(folder)) return folder;
  const onWait = (owner?: number): void => onProgress(`another one fetches it (process ${owner ?? 'unknown'}); waiting`);
  await withLock(
    `${folder}.lock`,
    async () => {
      if (existsSync(folder)) return; // fetched by the one we waited for
      onProgress('fetching OpenSearch 2.19.1 from Maven Central (once per machine, 53 MB)');
      const partial = `${folder}.partial`;
      rmSync(partial, { recursive: true, force: true });
      mkdirSync(dirname(partial), { recursive: true });
      const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${partial}`];
      const run = await runCommand('mvn', ['--batch-mode', '--quiet', '--strict-checksums', '--file', pom, ...goal], {
        cwd: OPENSEARCH_SOURCE,
        env,
        ...(signal ? { signal } : {}),
      });
      if (run.kind === 'absent') throw missing('there is no mvn', 'apt-get install maven');
      if (run.code !== 0) throw missing(`mvn ended with ${run.code}\n${run.lastLines}`, 'Its jars come from Maven Central; try again.');
      renameSync(partial, folder);
    },
    { onWait, ...(signal ? { signal } : {}) },
  );
  return folder;
}

export function missing(what: string, hint: string): Failure {
  return new Failure('TESTBED_NO_OPENSEARCH', `OpenSearch cannot be had: ${what}`, { hint });
}
