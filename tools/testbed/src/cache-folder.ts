import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where built programs are kept, one folder a build. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'k8s-audit', 'testbed');
}
