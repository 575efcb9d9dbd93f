import { resolve } from 'node:path';
import { Failure } from '@k8s-audit/failure';

import type { CommandIo, RegisterCommand } from '../command-io.ts';
import { alertRow, renderPlainRow, renderTableHead, renderTableRow } from '../flows/alert-row.ts';
import { start } from '../flows/start.ts';
import type { Running } from '../flows/start-files.ts';
import type { TrafficSource } from '../flows/start-traffic.ts';
import { recordingFile } from '../recording.ts';

interface StartFlags {
  readonly state: string;
  readonly address: string;
  readonly port: string;
  readonly once?: boolean;
  readonly testbed?: boolean;
  readonly speed: string;
}

const EXAMPLES = `
Examples:
  npm start                          recorded traffic of a real API server becomes alerts, live
  npm start -- --once                the same, then stop; one line an alert where stdout is no terminal
  npm start -- --testbed             a real control plane instead of the recording
  npm start -- --state DIR --port 0  a second one beside the first

Exit codes: 0 stopped in order, 1 something did not come up, 2 wrong usage.`;

/** `k8s-audit start`: see the whole way work, with no cluster and no Wazuh. */
export const registerStart: RegisterCommand = (parent, io) => {
  parent
    .command('start')
    .description('run receiver and embedded back end, post recorded audit traffic, show the alerts')
    .option('--state <folder>', 'folder for certificates, spool and alerts; made anew at each start', '.k8s-audit/start')
    .option('--address <address>', 'address that the receiver listens on', '127.0.0.1')
    .option('--port <port>', 'port that the receiver listens on; 0 takes a free one', '8080')
    .option('--once', 'stop when the recorded alerts have been shown')
    .option('--testbed', 'run a real control plane instead of the recording')
    .option('--speed <lists>', 'recorded requests a second; 0 is as fast as the receiver takes them', '0')
    .addHelpText('after', EXAMPLES)
    .action((flags: StartFlags) => runStart(flags, io));
};

async function runStart(flags: StartFlags, io: CommandIo): Promise<void> {
  if (flags.once && flags.testbed)
    throw new Failure('USAGE', '--once ends with the recording, and --testbed has none', { hint: 'leave one of them out' });
  const say = (text: string): void => void io.stderr.write(`${text}\n`);
  const show = io.isTerminal ? renderTableRow : renderPlainRow;
  const { alerts } = await start({
    stateFolder: resolve(io.cwd, flags.state),
    address: flags.address,
    port: wholeNumber('--port', flags.port, 65_535),
    traffic: trafficSource(flags),
    once: flags.once ?? false,
    nowMs: io.now(),
    stopSignal: io.stopSignal,
    onStep: (step) => say(`· ${step}`),
    onAlert: (alert) => io.stdout.write(`${show(alertRow(alert))}\n`),
    onRunning: (running) => {
      if (!flags.once) say(whatNext(running));
      if (io.isTerminal) io.stdout.write(`${renderTableHead()}\n`);
    },
  });
  say(`${alerts} alerts. They stay in ${flags.state}/wazuh/logs/alerts/alerts.json until the next start.`);
}

function trafficSource(flags: StartFlags): TrafficSource {
  if (flags.testbed) return { kind: 'testbed' };
  const listsPerSecond = wholeNumber('--speed', flags.speed, 1_000_000);
  return { kind: 'recording', file: recordingFile(), ...(listsPerSecond === 0 ? {} : { listsPerSecond }) };
}

function whatNext({ receiverUrl, adminUrl, files }: Running): string {
  return `
The receiver takes audit events at ${receiverUrl} (mutual TLS) and shows its books at ${adminUrl}/books
Next:  post your own events    k8s-audit replay FILE --server ${receiverUrl}/demo --ca ${files.authority} --cert ${files.clientCertificate} --key ${files.clientKey}
       connect a cluster       k8s-audit certs create, webhook render, policy render (docs/guides/connect-a-cluster.md)
       stop                    Ctrl-C
(From the source tree, write "npm run k8s-audit --" for k8s-audit.)
`;
}

function wholeNumber(flag: string, text: string, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > max)
    throw new Failure('USAGE', `${flag} takes a whole number from 0 to ${max}, not ${text}`, { hint: 'k8s-audit start --help' });
  return value;
}
