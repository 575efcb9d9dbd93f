import { resolve } from 'node:path';
import { inspectSpool, type SpoolInspection } from '@k8s-audit/spool';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';

const HELP = `
Examples:
  k8s-audit spool status /var/lib/k8s-audit/spool
  k8s-audit spool status /var/lib/k8s-audit/spool -o json | jq .undelivered.records

Reads the whole spool and changes nothing; a receiver may run meanwhile. For a running receiver its metrics are cheaper.
Exit codes: 0 it could be read, 1 it could not, 2 wrong usage.`;

/** `k8s-audit spool status FOLDER`: what waits in the queue on disk. */
export const registerSpoolStatus: RegisterCommand = (parent, io) => {
  parent
    .command('status')
    .description('show what waits in a spool: events, bytes, age, files')
    .argument('<folder>', 'the receiver’s spool.folder')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((folder: string, flags: { readonly output: OutputFormat }) => runStatus(folder, flags.output, io));
};

async function runStatus(folder: string, output: OutputFormat, io: CommandIo): Promise<void> {
  printResult(io, output, await inspectSpool(resolve(io.cwd, folder)), (inspection) => renderStatus(inspection, io.now()));
}

function renderStatus({ files, cursor, lastPosition, undelivered, missing, damaged }: SpoolInspection, nowMs: number): string {
  if (files.length === 0) return 'The folder holds no file of a spool.';
  const { records, bytes, oldestAtMs } = undelivered;
  const age = oldestAtMs === undefined ? '' : `, the oldest stored ${duration(nowMs - oldestAtMs)} ago`;
  const lost = missing.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  const segments = files.filter(({ kind }) => kind === 'segment').length;
  const diskBytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return [
    `${records} events wait (${bytes} bytes${age}); delivered up to record ${cursor} of ${lastPosition}.`,
    `${segments} segments, ${files.length - segments} cursor files, ${diskBytes} bytes on disk with what is preallocated.`,
    ...(lost > 0 ? [`${lost} events are missing: k8s-audit spool verify says where.`] : []),
    ...(damaged.length > 0 ? [`${damaged.length} files in the folder damaged: k8s-audit spool verify lists them.`] : []),
  ].join('\n');
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}
