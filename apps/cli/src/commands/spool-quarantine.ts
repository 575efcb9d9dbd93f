import { resolve } from 'node:path';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { type QuarantineNote, type QuarantineNotes, readQuarantineNotes } from '../flows/quarantine-notes.ts';
import { renderTable } from '../text-table.ts';

interface Flags {
  readonly cluster?: string;
  readonly output: OutputFormat;
}

const HELP = `
Examples:
  k8s-audit spool quarantine /var/lib/k8s-audit/spool
  k8s-audit spool quarantine /var/lib/k8s-audit/spool --cluster prod-eu -o json > notes.json

Items of audit lists that were no event, or that could not be shaped for Wazuh. A note holds time, origin, reason, size and the SHA-256
of the bytes as they came, and none of their content.
Exit codes: 0 done (also when there is no note), 1 they could not be read, 2 wrong usage.`;

/** `k8s-audit spool quarantine FOLDER`: what was refused, and why. */
export const registerSpoolQuarantine: RegisterCommand = (parent, io) => {
  parent
    .command('quarantine')
    .description('export the notes on items that were refused')
    .argument('<folder>', 'the receiver’s spool.folder')
    .option('--cluster <name>', 'only of this cluster')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((folder: string, flags: Flags) => runQuarantine(folder, flags, io));
};

async function runQuarantine(folder: string, { cluster, output }: Flags, io: CommandIo): Promise<void> {
  const { notes, unreadableLines } = await readQuarantineNotes(resolve(io.cwd, folder));
  const chosen = notes.filter(({ origin }) => cluster === undefined || origin.cluster === cluster);
  printResult(io, output, { notes: chosen, unreadableLines }, renderNotes);
}

function renderNotes({ notes, unreadableLines }: QuarantineNotes): string {
  return [
    ...(notes.length === 0
      ? ['Nothing was refused.']
      : [renderTable(['AT', 'CLUSTER', 'API SERVER', 'WHERE', 'REASON', 'BYTES', 'SHA-256'], notes.map(cells))]),
    ...(unreadableLines > 0 ? [`${unreadableLines} lines are no notes: a process was killed while it wrote.`] : []),
  ].join('\n');
}

function cells({ at, origin, place, index, reason, byteLength, sha256 }: QuarantineNote): readonly string[] {
  const where = index === undefined ? place : `${place}, item ${index}`;
  return [at, origin.cluster, origin.apiServer, where, reason, String(byteLength), sha256];
}
