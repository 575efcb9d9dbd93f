import { Failure } from '@k8s-audit/failure';
import { type LogtestReply, renderPhases, unitOf } from './logtest-phases.ts';
import { ruleEventsOf, type WireOptions } from './rule-event.ts';

/** Asks logtest, here or on a socket, and gives its answer as text. */
export type AskLogtest = (command: 'log_processing' | 'remove_session', parameters: object) => Promise<LogtestAnswer>;

export interface LogtestAnswer {
  readonly error: number;
  readonly message?: string;
  readonly data?: unknown;
}

export interface LogtestDialogue {
  readonly lines: AsyncIterable<string>;
  readonly ask: AskLogtest;
  readonly wire: WireOptions;
  /** Also which rules were tried. */
  readonly isVerbose: boolean;
  /** `-U`: what the last event must give; undefined: no unit test. */
  readonly unit?: readonly [rule: string, level: string, decoder: string];
  readonly say: (text: string) => void;
  /** What stands even when it shall be quiet. */
  readonly complain: (text: string) => void;
}

/**
 * One event a line, its three phases; one session for all of them, so that rules that count have something to count.
 *
 * @returns whether the last event is what the unit test expects; true without one
 */
export async function runLogtest({ lines, ask, wire, isVerbose, unit, say, complain }: LogtestDialogue): Promise<boolean> {
  let token: string | undefined;
  let last: readonly string[] = ['', '', ''];
  for await (const line of lines) {
    if (line.trim() === '') continue;
    for (const event of ruleEventsOf(line, wire)) {
      if (event.kind === 'refused') {
        complain(`** Not sent: ${event.reason}\n`);
        continue;
      }
      const answer = await ask('log_processing', {
        location: event.location,
        log_format: 'syslog',
        event: event.log,
        ...(token === undefined ? {} : { token }),
        ...(isVerbose ? { options: { rules_debug: true } } : {}),
      });
      const reply = replyOf(answer, complain);
      if (reply === undefined) continue;
      if (token !== undefined && token !== reply.token) say(`New session was created with token "${reply.token}"\n`);
      const warnings = (reply.messages ?? []).filter((message) => message.startsWith('WARNING'));
      if (warnings.length > 0) say(`${warnings.map((warning) => `** Wazuh-Logtest: ${warning}\n`).join('')}\n`);
      token = reply.token;
      last = unitOf(reply);
      say(`\n${renderPhases(reply)}`);
      if (unit !== undefined) say(`\n${verdictOf(unit, last)}\n`);
      say('\n');
    }
  }
  if (token !== undefined) await ask('remove_session', { token });
  return unit === undefined || isSame(unit, last);
}

function replyOf({ error, message, data }: LogtestAnswer, complain: (text: string) => void): LogtestReply | undefined {
  const reply = data as (LogtestReply & { readonly codemsg: number }) | undefined;
  if (error !== 0) complain(`** Wazuh-logtest error ${error}: ${message ?? ''}\n`);
  else if (reply === undefined || reply.codemsg < 0)
    complain(`** Wazuh-logtest error ${reply?.codemsg ?? ''}: ${(reply?.messages ?? []).map((each) => `\n\t${each}`).join('')}\n`);
  else return reply;
  return undefined;
}

function verdictOf(expected: readonly string[], result: readonly string[]): string {
  return isSame(expected, result) ? 'Unit test OK' : `Unit test FAIL. Expected ${spell(expected)} , Result ${spell(result)}`;
}

function spell(parts: readonly string[]): string {
  return `[${parts.map((part) => `'${part}'`).join(', ')}]`;
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.every((part, index) => part === right[index]);
}

/** `RULE:LEVEL:DECODER`. @throws {Failure} USAGE */
export function parseUnit(text: string): readonly [string, string, string] {
  const [rule, level, decoder, more] = text.split(':');
  if (rule === undefined || level === undefined || decoder === undefined || more !== undefined)
    throw new Failure('USAGE', `-U takes RULE:LEVEL:DECODER, not ${text}`, {
      hint: '-U 118101:8:json; leave a part empty for what must not be there',
    });
  return [rule, level, decoder];
}
