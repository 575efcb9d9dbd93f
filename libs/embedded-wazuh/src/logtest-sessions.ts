/**
 * Wazuh's logtest: each session has its own rules, read from the disk when it begins, and its own memory of events, so that
 * frequency rules can be tried and edited files are seen without a restart.
 */
import type { Engine, RuleTrial, Verdict } from '@k8s-audit/rule-engine';
import { escapeLocation } from '@k8s-audit/wazuh-message';
import { type LogtestRequest, parseLogtestRequest, TOO_LARGE } from './logtest-request.ts';

export interface LogtestOptions {
  /** Rules as they are on the disk now; `messages` is what Wazuh logs while it loads them. `engine` undefined: it would not start. */
  readonly openEngine: () => Promise<{ readonly engine: Engine | undefined; readonly messages: readonly string[] }>;
  readonly alertLevel: number;
  readonly nowMs: () => number;
  /** Eight hexadecimal digits, another each time. */
  readonly newToken: () => string;
}

export interface LogtestSessions {
  answer(request: string): Promise<Uint8Array>;
  answerTooLarge(): string;
}

/** wazuh v4.14.7 src/config/logtest-config.h: LOGTEST_MAX_SESSIONS, LOGTEST_SESSION_TIMEOUT */
const MAX_SESSIONS = 64;
const SESSION_TIMEOUT_MS = 900_000;

interface Session {
  readonly token: string;
  readonly engine: Engine;
  usedAtMs: number;
}

/** How it went: with an error, well, or with warnings. */
const CODE = { error: -1, success: 0, warning: 1 } as const;

export function createLogtestSessions(options: LogtestOptions): LogtestSessions {
  const sessions = new Map<string, Session>();

  const forgetIdle = (): void => {
    for (const each of sessions.values()) if (options.nowMs() - each.usedAtMs >= SESSION_TIMEOUT_MS) sessions.delete(each.token);
    const oldest = [...sessions.values()].sort((a, b) => a.usedAtMs - b.usedAtMs);
    for (const each of oldest.slice(0, Math.max(0, sessions.size - MAX_SESSIONS))) sessions.delete(each.token);
  };

  const openSession = async (messages: string[]): Promise<Session | undefined> => {
    const { engine, messages: loading } = await options.openEngine();
    messages.push(...loading);
    if (engine === undefined) {
      messages.push('ERROR: (7311): Failure to initializing session');
      return undefined;
    }
    const session = { token: options.newToken(), engine, usedAtMs: options.nowMs() };
    sessions.set(session.token, session);
    forgetIdle();
    messages.push(`INFO: (7202): Session initialized with token '${session.token}'`);
    return session;
  };

  const processLog = async (request: Extract<LogtestRequest, { kind: 'log-processing' }>): Promise<Uint8Array> => {
    forgetIdle();
    const messages = request.warnings.map((warning) => `WARNING: ${warning}`);
    const known = request.token === undefined ? undefined : sessions.get(request.token);
    if (request.token !== undefined && known === undefined) messages.push(`WARNING: (7003): '${request.token}' token expires`);
    const session = known ?? (await openSession(messages));
    if (session === undefined)
      return respond([
        ['messages', messages],
        ['codemsg', CODE.error],
      ]);

    session.usedAtMs = options.nowMs();
    // The protocol has the location as it is meant; the queue has it escaped.
    const message = Buffer.from(`1:${escapeLocation(request.location)}:${request.event}`);
    // Before the event is processed: afterwards frequency rules would count it twice.
    const explanation = request.explains ? session.engine.explain(message, session.usedAtMs) : undefined;
    const verdict = session.engine.process(message, session.usedAtMs);
    const debug = explanation?.kind === 'explained' ? ([['rules_debug', traceOf(explanation.trials)]] as const) : [];
    if (verdict.kind !== 'decided') {
      messages.push(...explainFailure(verdict));
      return respond([['messages', messages], ['token', session.token], ...debug, ['codemsg', CODE.error]]);
    }
    // Its options no_log and log_alert do not count here: logtest.c, w_logtest_process_log.
    const isAlert = verdict.rule !== undefined && !verdict.isIgnored && verdict.rule.level > 0 && verdict.rule.level >= options.alertLevel;
    return respond([
      ['messages', messages],
      ['token', session.token],
      ['output', verdict.logtestJson()],
      ...debug,
      ['alert', isAlert],
      ['codemsg', messages.some((text) => text.startsWith('WARNING')) ? CODE.warning : CODE.success],
    ]);
  };

  const removeSession = (token: string): Uint8Array =>
    sessions.delete(token)
      ? respond([
          ['messages', [`INFO: (7206): The session '${token}' was closed successfully`]],
          ['codemsg', CODE.success],
        ])
      : respond([
          ['messages', [`ERROR: (7004): No session found for token '${token}'`]],
          ['codemsg', CODE.error],
        ]);

  return {
    answer: async (text) => {
      const request = parseLogtestRequest(text);
      if (request.kind === 'refused') return Buffer.from(refusalOf(request));
      return request.kind === 'remove-session' ? removeSession(request.token) : processLog(request);
    },
    answerTooLarge: () => JSON.stringify(TOO_LARGE),
  };
}

function refusalOf({ message, error }: Refusal): string {
  return JSON.stringify({ message, error, data: {} });
}

type Refusal = Extract<LogtestRequest, { kind: 'refused' }>;

/** Put together as bytes: `output` quotes the log, and a log need not be UTF-8. */
function respond(members: readonly (readonly [key: string, value: unknown])[]): Uint8Array {
  const parts = members.flatMap(([key, value], index) => [
    Buffer.from(`${index === 0 ? '' : ','}"${key}":`),
    value instanceof Uint8Array ? value : Buffer.from(JSON.stringify(value)),
  ]);
  return Buffer.concat([Buffer.from('{"error":0,"data":{'), ...parts, Buffer.from('}}')]);
}

function explainFailure(verdict: Exclude<Verdict, { kind: 'decided' }>): string[] {
  const reason = verdict.kind === 'other-queue' ? `the queue '${verdict.queue}' is not emulated` : verdict.reason;
  return [`ERROR: (7312): Failed to process the event: ${reason}`];
}

/** As wazuh-logtest -v prints it; lines that begin with a star it indents. */
function traceOf(trials: readonly RuleTrial[]): string[] {
  return trials
    .filter((trial) => trial.tried)
    .flatMap((trial) => {
      const line = `Trying rule: ${trial.ruleId} - ${trial.description}`;
      if (trial.outcome.kind === 'failed' || trial.outcome.kind === 'undecided') return [line];
      const below = trial.children.some((child) => child.tried) ? ['*Trying child rules', ...traceOf(trial.children)] : [];
      return [line, `*Rule ${trial.ruleId} matched`, ...below];
    });
}
