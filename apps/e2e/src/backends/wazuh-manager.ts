import { execFile } from 'node:child_process';
import { accessSync, constants, copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Failure } from '@k8s-audit/failure';
import type { AlertBackend, RuleFiles } from '../alert-backend.ts';
import { followHome, PLACES } from '../wazuh-home.ts';

/** wazuh-control stops and starts a dozen daemons, and loads more than four thousand rules. */
const RESTART_WITHIN_MS = 180_000;
const SOCKET_WITHIN_MS = 30_000;
const POLL_MS = 250;
/** local_rules.xml belongs to the user: theirs comes back byte for byte, as every file that stood there before. */
const SAVED_SUFFIX = '.before-k8s-audit-e2e';

/** A real Wazuh 4 manager on this machine. Its rules are changed for the run and put back afterwards; both times it is restarted. */
export function createManagerBackend(home: string): AlertBackend {
  const at = (place: string): string => join(home, place);
  return {
    name: `wazuh (${home})`,
    check: async () => check(home),
    async start(_folder, rules) {
      const follow = followHome(home);
      const putBack = installRules(at(PLACES.rules), rules);
      try {
        await restart(at(PLACES.control), follow.socketPath);
      } catch (error) {
        putBack();
        throw error;
      }
      return {
        ...follow,
        restart: () => restart(at(PLACES.control), follow.socketPath),
        async stop() {
          putBack();
          try {
            await restart(at(PLACES.control), follow.socketPath);
            return [];
          } catch (error) {
            return [`the manager did not come back with its own rules: ${(error as Error).message}`];
          }
        },
      };
    },
  };
}

/** @throws {Failure} WAZUH_UNUSABLE */
function check(home: string): void {
  const refuse = (what: string, hint: string): never => {
    throw new Failure('WAZUH_UNUSABLE', `${home}: ${what}`, { hint });
  };
  if (!existsSync(join(home, PLACES.control)))
    refuse(`there is no ${PLACES.control}`, '--wazuh takes the folder of a Wazuh manager, such as /var/ossec, or `embedded`');
  try {
    accessSync(join(home, PLACES.control), constants.X_OK);
    accessSync(join(home, PLACES.rules), constants.W_OK);
  } catch {
    refuse(`${PLACES.rules} cannot be written or ${PLACES.control} cannot be run`, 'run the tests as root');
  }
  if (!/<logall_json>\s*yes\s*<\/logall_json>/.test(readFileSync(join(home, PLACES.configuration), 'utf8')))
    refuse(
      'it keeps no archive, and without one nobody can say that no event was lost',
      'set <logall_json>yes</logall_json> in etc/ossec.conf',
    );
}

/** Writes the rule files; returns what undoes it. A file of the same name is set aside under a name that Wazuh does not load. */
function installRules(folder: string, rules: RuleFiles): () => void {
  const undo: (() => void)[] = [];
  const putBack = (): void => {
    for (const step of undo.splice(0).reverse()) step();
  };
  try {
    for (const [name, text] of rules) {
      const path = join(folder, name);
      const saved = `${path}${SAVED_SUFFIX}`;
      if (existsSync(saved))
        throw new Failure('WAZUH_UNUSABLE', `${saved} is left over from a run that was killed`, {
          hint: `look at it and move it back to ${path}`,
        });
      if (existsSync(path)) {
        const before = readFileSync(path);
        copyFileSync(path, saved);
        undo.push(() => {
          // Written into the same file, so that owner and mode stay.
          writeFileSync(path, before);
          rmSync(saved);
        });
      } else undo.push(() => rmSync(path, { force: true }));
      writeFileSync(path, text, { mode: 0o644 });
    }
  } catch (error) {
    putBack();
    throw error;
  }
  return putBack;
}

/** @throws {Failure} WAZUH_UNUSABLE with what wazuh-control said: a rule that does not load stops the manager */
async function restart(control: string, socketPath: string): Promise<void> {
  try {
    await promisify(execFile)(control, ['restart'], { timeout: RESTART_WITHIN_MS });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Failure('WAZUH_UNUSABLE', `${control} restart failed: ${stderr || stdout || (error as Error).message}`, {
      hint: 'read logs/ossec.log',
    });
  }
  const deadlineMs = Date.now() + SOCKET_WITHIN_MS;
  while (!existsSync(socketPath)) {
    if (Date.now() > deadlineMs)
      throw new Failure('WAZUH_UNUSABLE', `${socketPath} did not appear after the restart`, { hint: 'read logs/ossec.log' });
    await sleep(POLL_MS);
  }
}
