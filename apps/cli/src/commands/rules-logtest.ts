import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { createLogtestSessions } from '@k8s-audit/embedded-wazuh';
import { Failure } from '@k8s-audit/failure';
import { MAX_CONTROL_FRAME_BYTES } from '@k8s-audit/wazuh-message';
import { askDaemon } from '@k8s-audit/wazuh-queue';
import { Option } from 'commander';
import type { CommandIo, RegisterCommand } from '../command-io.ts';
import { type AskLogtest, type LogtestAnswer, parseUnit, runLogtest } from '../flows/logtest-dialogue.ts';
import type { WireOptions } from '../flows/rule-event.ts';
import { loadRulesUnderTest } from '../flows/rules-under-test.ts';
import { addRuleOptions, type RuleFlags, rulesOf } from '../rule-options.ts';
import { warnOfProblems } from '../rule-problem-line.ts';

interface LogtestFlags extends RuleFlags {
  readonly location: string;
  readonly wire: WireOptions['wire'];
  readonly verbose?: true;
  readonly quiet?: true;
  readonly unit?: string;
  readonly socket?: string;
}

const HELP = `
A prompt in the manner of wazuh-logtest: type one log per line, see its three phases. All lines are one session, so rules that count earlier
events fire here too. An audit event of the API server becomes the product's wire event first (--wire raw: nothing is changed); every other
line is taken as it is. Ctrl-D ends it. With --socket a running Wazuh server, or the embedded back end, is asked instead of these rules.

Examples:
  k8s-audit rules logtest
  k8s-audit rules logtest --rules local_rules.xml -v < audit.log
  echo 'a log line' | k8s-audit rules logtest --pack none --rules my_rules.xml -l stdin -q -U 100100:5:json
  sudo k8s-audit rules logtest --socket /var/ossec/queue/sockets/logtest

Exit codes: 0 done; with -U the last event gave RULE:LEVEL:DECODER, 1 it did not, or the rules are refused, 2 wrong usage.`;

/** `k8s-audit rules logtest`: an interactive prompt. */
export const registerRulesLogtest: RegisterCommand = (parent, io) => {
  const command = parent.command('logtest').description('try log lines at a prompt, in the manner of wazuh-logtest');
  addRuleOptions(command)
    .option('-l, --location <text>', 'where log lines come from; wazuh-logtest says stdin', 'k8s')
    .addOption(new Option('--wire <format>', 'what an audit event becomes').choices(['v1', 'guide', 'raw']).default('v1'))
    .option('-v, --verbose', 'show which rules were tried')
    .option('-q, --quiet', 'print nothing but errors')
    .option('-U, --unit <rule:level:decoder>', 'unit test: the last event must give these')
    .option('--socket <path>', 'ask logtest on this socket instead, such as /var/ossec/queue/sockets/logtest')
    .addHelpText('after', HELP)
    .action((flags: LogtestFlags) => runCommand(flags, io));
};

async function runCommand(flags: LogtestFlags, io: CommandIo): Promise<void> {
  const unit = flags.unit === undefined ? undefined : parseUnit(flags.unit);
  const ask = flags.socket === undefined ? await askRules(flags, io) : askSocket(resolve(io.cwd, flags.socket));
  const say = (text: string): void => {
    if (flags.quiet !== true) io.stdout.write(text);
  };
  say('Starting k8s-audit logtest\nType one log per line\n\n');
  const lines = createInterface({ input: io.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  io.stopSignal.addEventListener('abort', () => lines.close(), { once: true });
  const isAsExpected = await runLogtest({
    lines,
    ask,
    wire: { wire: flags.wire, cluster: 'test', location: flags.location },
    isVerbose: flags.verbose === true,
    ...(unit === undefined ? {} : { unit }),
    say,
    complain: (text) => io.stderr.write(text),
  });
  io.setExitCode(isAsExpected ? 0 : 1);
}

/** The same sessions as behind the embedded back end's socket. */
async function askRules(flags: RuleFlags, io: CommandIo): Promise<AskLogtest> {
  const rules = await loadRulesUnderTest(rulesOf(flags), (path) => resolve(io.cwd, path));
  warnOfProblems(io.stderr, rules.problems);
  const sessions = createLogtestSessions({
    openEngine: async () => ({ engine: rules.openEngine({ asLogtest: true }), messages: [] }),
    alertLevel: 3,
    nowMs: io.now,
    newToken: () => randomBytes(4).toString('hex'),
  });
  return async (command, parameters) => {
    const request = JSON.stringify({ version: 1, origin: { name: 'k8s-audit', module: 'k8s-audit' }, command, parameters });
    const isTooLarge = Buffer.byteLength(request) > MAX_CONTROL_FRAME_BYTES;
    const answer = isTooLarge ? sessions.answerTooLarge() : Buffer.from(await sessions.answer(request)).toString('utf8');
    return JSON.parse(answer) as LogtestAnswer;
  };
}

function askSocket(path: string): AskLogtest {
  return async (command, parameters) => {
    const answer = await askDaemon(path, command, { parameters, timeoutMs: SOCKET_TIMEOUT_MS });
    if (answer.kind === 'answer') return answer;
    throw new Failure('LOGTEST_UNREACHABLE', `${path} does not answer: ${answer.reason}.`, {
      hint: 'Is it running, and may this user open the socket? On a Wazuh server: sudo, or the group wazuh.',
    });
  };
}

/** A session loads all rules from disk: up to 1.5 s with the stock ruleset. */
const SOCKET_TIMEOUT_MS = 30_000;
