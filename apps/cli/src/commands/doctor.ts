import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CheckResult, type Finding, renderResults, runChecks, summarise } from '@k8s-audit/checks';
import { Failure } from '@k8s-audit/failure';
import { readHostFile, requireFolder } from '@k8s-audit/host-files';
import { createIndexer } from '@k8s-audit/wazuh-server';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { type CanaryResult, runCanary } from '../flows/canary/run-canary.ts';
import { canaryChecks } from '../flows/doctor/canary-checks.ts';
import { ALL_CHECKS, doctorChecks } from '../flows/doctor/doctor-checks.ts';
import { accessOf, addIndexerAccess, type IndexerFlags, serverUrl } from '../flows/wazuh/archive/indexer-options.ts';
import { DEFAULT_TIMEOUT_SECONDS } from '../witness-options.ts';
import { canaryOptions, canaryTools } from './canary.ts';

interface DoctorFlags extends Omit<IndexerFlags, 'dashboard'> {
  readonly root: string;
  readonly home: string;
  readonly config?: string;
  readonly manifest?: string;
  readonly kubeconfig?: string;
  readonly pre?: true;
  readonly canary?: true;
  readonly apiServer: readonly string[];
  readonly wait?: string;
  readonly fix?: true;
  readonly strict?: true;
  readonly ignore: readonly string[];
  readonly output: OutputFormat;
}

const PAGE = 'docs/reference/doctor.md';
const ANSWER_WITHIN_MS = 30_000;
const ASK_AGAIN_AFTER_MS = 2_000;

const HELP = `
Examples:
  k8s-audit doctor --pre            before an installation: can this machine do it?
  k8s-audit doctor                  after it: is everything well?
  k8s-audit doctor --indexer https://10.0.0.9:9200 --indexer-password-file pw --indexer-ca ca.pem
  k8s-audit doctor --canary --kubeconfig admin.conf   and follows a request from each API server to Wazuh’s files
  k8s-audit doctor --wait 120       asks again until nothing fails, two minutes at most
  k8s-audit doctor --ignore cis-1.2.16 cis-1.2.17 cis-1.2.18 cis-1.2.19
  k8s-audit doctor -o json | jq '.results[] | select(.finding.kind == "failure")'

It asks what this machine can answer: on a Wazuh server the receiver, Wazuh and its rules, on a control-plane node the API server's manifest.
A part that is not here is named as not looked at; a place that an option names, and a Wazuh for --pre, must be here.
Each entry of ${PAGE} says what a check means and what to do.
Exit codes: 0 nothing fails (--strict: and nothing warns), 1 something does, 2 wrong usage.`;

/** `k8s-audit doctor`: what is wrong, why, and what to do next. */
export const registerDoctor: RegisterCommand = (parent, io) => {
  const command = parent
    .command('doctor')
    .description('ask every part of the way whether it is well, and say what to do where it is not')
    .option('--root <folder>', 'a folder that holds a machine’s file system', '/')
    .option('--home <folder>', 'Wazuh’s folder on it', '/var/ossec')
    .option('--config <file>', 'the receiver’s configuration', undefined)
    .option('--manifest <file>', 'an API server’s static pod manifest')
    .option('--kubeconfig <file>', 'read the API server’s own counters with it (default: kubeadm’s admin.conf, where it is)')
    .option('--indexer <url>', 'ask this Wazuh indexer for template, mapping, retention and the age of the archive')
    .option('--pre', 'only what can be asked before an installation')
    .option('--canary', 'besides, send a harmless request to each API server and follow its event ("k8s-audit canary")')
    .option('--api-server <url...>', 'with --canary: only to these', [])
    .option('--wait <seconds>', 'ask again until nothing fails')
    .option('--fix', 'mend what can be mended safely')
    .option('--strict', 'fail on warnings too')
    .option('--ignore <id...>', 'checks that are not asked', [])
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((flags: DoctorFlags) => runDoctor(flags, command.getOptionValueSource('home') === 'cli', io));
  addIndexerAccess(command);
};

async function runDoctor(flags: DoctorFlags, namesHome: boolean, io: CommandIo): Promise<void> {
  const unknown = flags.ignore.filter((id) => !ALL_CHECKS.some((check) => check.id === id));
  if (unknown.length > 0) throw new Failure('USAGE', `There is no check ${unknown.join(', ')}.`, { hint: `See the list in ${PAGE}.` });
  await requirePlaces(flags, namesHome, io.cwd);
  const needsWazuh = namesHome || flags.pre === true;
  const deadlineMs = io.now() + 1_000 * secondsOf(flags.wait);
  let results = await askAll(flags, needsWazuh, io);
  while (summarise(results).failures > 0 && io.now() < deadlineMs && !io.stopSignal.aborted) {
    await sleep(Math.min(ASK_AGAIN_AFTER_MS, deadlineMs - io.now()));
    results = await askAll(flags, needsWazuh, io);
  }
  const { failures, warnings } = summarise(results);
  printResult(io, flags.output, { success: failures === 0, ...summarise(results), results }, () => renderResults(results, { page: PAGE }));
  io.setExitCode(failures > 0 || (flags.strict === true && warnings > 0) ? 1 : 0);
}

/** What was named must be there. What is only looked for may be missing: its checks are skipped, and say so. */
async function requirePlaces({ root, home, config, manifest, kubeconfig }: DoctorFlags, namesHome: boolean, cwd: string): Promise<void> {
  const at = (path: string): string => resolve(cwd, path);
  await requireFolder(at(root));
  if (namesHome) await requireFolder(join(at(root), home));
  for (const file of [config, manifest, kubeconfig]) if (file !== undefined) await readHostFile(at(file));
}

async function askAll(flags: DoctorFlags, needsWazuh: boolean, io: CommandIo): Promise<readonly CheckResult[]> {
  const at = (path: string): string => resolve(io.cwd, path);
  const access = await accessOf(flags, io);
  const checks = doctorChecks({
    root: at(flags.root),
    home: flags.home,
    ...(flags.config === undefined ? {} : { configuration: at(flags.config) }),
    ...(flags.manifest === undefined ? {} : { manifest: at(flags.manifest) }),
    ...(flags.kubeconfig === undefined ? {} : { kubeconfig: at(flags.kubeconfig) }),
    ...(flags.indexer === undefined ? {} : { indexer: createIndexer({ ...access, url: serverUrl('--indexer', flags.indexer, access) }) }),
    needsWazuh,
    nowMs: io.now(),
    env: io.env,
  });
  const canary = flags.canary === true ? canaryChecks(await sendCanary(flags, io)) : [];
  const asked = flags.pre ? checks.filter(({ isPre }) => isPre === true) : [...checks, ...canary];
  return await runChecks(asked, { fix: flags.fix === true, ignore: flags.ignore, bounded });
}

/** Before the checks: it takes longer than one of them may. */
async function sendCanary({ root, home, config, kubeconfig, apiServer }: DoctorFlags, io: CommandIo): Promise<readonly CanaryResult[]> {
  const timeout = String(DEFAULT_TIMEOUT_SECONDS);
  const where = {
    root,
    home,
    timeout,
    apiServer,
    ...(config === undefined ? {} : { config }),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
  };
  return await runCanary(await canaryOptions(where, io), canaryTools(where, io));
}

function bounded(answer: Promise<Finding>): Promise<Finding> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_WITHIN_MS / 1000} s`)), ANSWER_WITHIN_MS);
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

function secondsOf(text: string | undefined): number {
  if (text === undefined) return 0;
  if (!/^\d{1,5}$/.test(text)) throw new Failure('USAGE', `--wait takes seconds, not ${text}.`, { hint: 'k8s-audit doctor --wait 120' });
  return Number(text);
}
