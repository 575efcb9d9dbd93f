import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { readHostText } from '@k8s-audit/host-files';
import { Option } from 'commander';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { type ReplayProgress, replay } from '../flows/replay.ts';

interface ReplayFlags {
  readonly server: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly rate?: string;
  readonly speed?: string;
  readonly output: OutputFormat;
}

const EXAMPLES = `
Examples:
  k8s-audit replay audit.log --server https://wazuh.example:8080/prod-eu --ca ca.crt --cert prod-eu.crt --key prod-eu.key
  k8s-audit replay audit.log --speed 10x --server https://127.0.0.1:8080/demo --ca ca.crt --cert demo.crt --key demo.key
  k8s-audit replay audit.log.gz --rate 20 --server https://127.0.0.1:8080/demo --ca ca.crt --cert demo.crt --key demo.key

FILE holds EventLists or audit events, one a line, plain or gzip: an API server's --audit-log-path file does.
Exit codes: 0 all taken, 1 some lists refused or the receiver not reached, 2 wrong usage.`;

/** `k8s-audit replay FILE`: posts a recording to a receiver, as an API server would. */
export const registerReplay: RegisterCommand = (parent, io) => {
  parent
    .command('replay')
    .description('post recorded audit events to a receiver, as an API server would')
    .argument('<file>', 'EventLists or events, one a line; .gz is unpacked')
    .requiredOption('--server <url>', 'https://HOST:PORT/CLUSTER[/APISERVER]')
    .requiredOption('--ca <file>', 'the authority of the receiver’s certificate, PEM')
    .requiredOption('--cert <file>', 'client certificate of the cluster, PEM')
    .requiredOption('--key <file>', 'its key, PEM')
    .addOption(new Option('--rate <lists>', 'lists a second; without it as fast as they are taken').conflicts('speed'))
    .option('--speed <times>', 'as the events happened, so many times as fast: 1x, 10x, 0.5x')
    .addOption(outputOption())
    .addHelpText('after', EXAMPLES)
    .action((file: string, flags: ReplayFlags) => runReplay(resolve(io.cwd, file), flags, io));
};

async function runReplay(file: string, flags: ReplayFlags, io: CommandIo): Promise<void> {
  const totalBytes = sizeOf(file);
  const target = {
    url: serverUrl(flags.server),
    authority: await readHostText(resolve(io.cwd, flags.ca)),
    certificate: await readHostText(resolve(io.cwd, flags.cert)),
    key: await readHostText(resolve(io.cwd, flags.key)),
  };
  const rate = flags.rate === undefined ? {} : { listsPerSecond: positive('--rate', flags.rate) };
  const speed = flags.speed === undefined ? {} : { speed: positive('--speed', flags.speed.replace(/x$/, '')) };
  const onProgress = io.isTerminal ? progressLine(io, totalBytes) : undefined;
  const done = await replay(file, target, {
    ...rate,
    ...speed,
    signal: io.stopSignal,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  if (onProgress !== undefined) io.stderr.write('\r\x1b[K');
  printResult(io, flags.output, done, renderDone);
  io.setExitCode(Object.keys(done.refused).length === 0 ? 0 : 1);
}

function renderDone({ lists, events, refused }: ReplayProgress): string {
  const reasons = Object.entries(refused).map(([answer, count]) => `  ${count} lists refused: ${answer}`);
  return [`${events} events in ${lists} lists posted`, ...reasons].join('\n');
}

/** Ten times a second is enough for a person. */
function progressLine(io: CommandIo, totalBytes: number): (progress: ReplayProgress) => void {
  let shownAt = 0;
  return ({ events, readBytes }) => {
    if (io.now() - shownAt < 100) return;
    shownAt = io.now();
    io.stderr.write(`\r${events} events, ${Math.floor((100 * readBytes) / Math.max(totalBytes, 1))} %\x1b[K`);
  };
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch (cause) {
    throw new Failure('FILE_UNREADABLE', `cannot read ${file}: ${(cause as Error).message}`, { hint: 'check the path', cause });
  }
}

function serverUrl(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:')
    throw new Failure('USAGE', `--server takes an https URL, not ${text}`, { hint: 'https://HOST:PORT/CLUSTER' });
  return url;
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value))
    throw new Failure('USAGE', `${flag} takes a number above 0, not ${text}`, { hint: 'k8s-audit replay --help' });
  return value;
}
