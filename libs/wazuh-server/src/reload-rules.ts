import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AskDaemon } from './ask-daemon.ts';
import { PLACES, type WazuhInstallation } from './installation.ts';
import { canReloadRules } from './version.ts';

export type RulesReload =
  /** Hot: no event was lost. `messages` are the daemon's warnings. */
  | { readonly kind: 'reloaded'; readonly messages: readonly string[] }
  | { readonly kind: 'restarted' }
  /** The rules before stay in force. */
  | { readonly kind: 'refused'; readonly messages: readonly string[] }
  /** Before 4.13, and a restart was not allowed. */
  | { readonly kind: 'restart-needed' }
  | { readonly kind: 'unavailable'; readonly reason: string };

/** wazuh-control stops and starts a dozen daemons and loads over four thousand rules. */
const RESTART_WITHIN_MS = 180_000;
/** A reload takes 0.3 s with the stock ruleset (measured); a loaded machine longer. */
const RELOAD_WITHIN_MS = 60_000;

/** Lets the manager read its rules anew: hot where it can (4.13 and later), by a restart where that is allowed. */
export async function reloadRules(
  installation: WazuhInstallation,
  { ask, mayRestart }: { readonly ask: AskDaemon; readonly mayRestart: boolean },
): Promise<RulesReload> {
  if (!canReloadRules(installation.version)) return mayRestart ? restart(installation) : { kind: 'restart-needed' };
  const answer = await ask(join(installation.home, PLACES.analysis), 'reload-ruleset', { timeoutMs: RELOAD_WITHIN_MS });
  if (answer.kind === 'unavailable') return answer;
  const messages = Array.isArray(answer.data) ? answer.data.map(String) : [];
  return answer.error === 0
    ? { kind: 'reloaded', messages }
    : { kind: 'refused', messages: messages.length > 0 ? messages : [answer.message] };
}

async function restart({ home }: WazuhInstallation): Promise<RulesReload> {
  try {
    await promisify(execFile)(join(home, PLACES.control), ['restart'], { timeout: RESTART_WITHIN_MS });
    return { kind: 'restarted' };
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return { kind: 'unavailable', reason: (stderr || stdout || (error as Error).message).trim() };
  }
}
