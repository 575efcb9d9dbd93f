import { join } from 'node:path';
import type { AskDaemon } from './ask-daemon.ts';
import { PLACES } from './installation.ts';

/** What Wazuh would make of one event. */
export type LogtestVerdict =
  | {
      readonly kind: 'verdict';
      readonly rule?: { readonly id: string; readonly level: number };
      readonly isAlert: boolean;
      readonly messages: readonly string[];
    }
  /** It answers, and cannot load the rules that are on disk. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string };

/** A session loads all rules from disk: up to 1.5 s with the stock ruleset (measured). */
const WITHIN_MS = 30_000;

/**
 * Asks wazuh-analysisd's logtest. A new session reads the rule files from disk, so that edited ones are seen before they are in force.
 *
 * @param location as the daemon would see it, such as `k8s`
 */
export async function askLogtest(home: string, event: string, location: string, ask: AskDaemon): Promise<LogtestVerdict> {
  const socket = join(home, PLACES.logtest);
  const answer = await ask(socket, 'log_processing', { parameters: { location, log_format: 'syslog', event }, timeoutMs: WITHIN_MS });
  if (answer.kind === 'unavailable') return answer;
  const data = (answer.data ?? {}) as {
    token?: unknown;
    messages?: unknown;
    alert?: unknown;
    codemsg?: unknown;
    output?: { rule?: { id?: unknown; level?: unknown } };
  };
  if (typeof data.token === 'string') await ask(socket, 'remove_session', { parameters: { token: data.token } });
  const messages = Array.isArray(data.messages) ? data.messages.map(String) : [];
  // -1: it could not load its rules (messages say which).
  if (answer.error !== 0 || data.codemsg === -1)
    return { kind: 'refused', reason: [answer.message, ...messages].filter(Boolean).join('; ') };
  const rule = data.output?.rule;
  return {
    kind: 'verdict',
    ...(rule?.id === undefined ? {} : { rule: { id: String(rule.id), level: Number(rule.level) } }),
    isAlert: data.alert === true,
    messages,
  };
}
