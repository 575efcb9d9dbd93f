import { resolve } from 'node:path';
import { inspectSpool, type SpoolInspection } from '@k8s-audit/spool';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { renderTable } from '../text-table.ts';

const HELP = `
Examples:
  k8s-audit spool verify /var/lib/k8s-audit/spool
  k8s-audit spool verify /backup/spool -o json

Checks every record by its checksum, and that none is missing between the cursor and the last that was acknowledged. Nothing is
changed; a receiver may run meanwhile. A torn write at the end of the last file is no damage: it was never acknowledged.
Exit codes: 0 whole, 1 damaged or missing, or it could not be read, 2 wrong usage.`;

/** `k8s-audit spool verify FOLDER`: is everything there that was acknowledged? */
export const registerSpoolVerify: RegisterCommand = (parent, io) => {
  parent
    .command('verify')
    .description('check every record of a spool, and that none is missing')
    .argument('<folder>', 'the receiver’s spool.folder')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((folder: string, flags: { readonly output: OutputFormat }) => runVerify(folder, flags.output, io));
};

async function runVerify(folder: string, output: OutputFormat, io: CommandIo): Promise<void> {
  const inspection = await inspectSpool(resolve(io.cwd, folder));
  const problems = problemsOf(inspection);
  printResult(io, output, { isWhole: problems.length === 0, problems, ...inspection }, () => renderVerified(inspection, problems));
  io.setExitCode(problems.length === 0 ? 0 : 1);
}

function problemsOf({ files, missing }: SpoolInspection): readonly string[] {
  const lastSegment = files.findLast(({ kind, frames }) => kind === 'segment' && frames > 0)?.name;
  return [
    ...(files.length === 0 ? ['the folder holds no file of a spool'] : []),
    ...files.flatMap((file) => [
      ...(file.isHeaderDamaged ? [`${file.name}: its header is damaged`] : []),
      ...file.unreadable
        // What a kill tore off the newest files was never acknowledged.
        .filter(({ isAtEnd }) => !isAtEnd || (file.kind === 'segment' && file.name !== lastSegment && file.frames > 0))
        .map(({ offset, bytes }) => `${file.name}: ${bytes} bytes at ${offset} are no records`),
    ]),
    ...missing.map(({ from, to }) => `records ${from} to ${to} were acknowledged and are not there`),
  ];
}

function renderVerified({ files, undelivered, damaged }: SpoolInspection, problems: readonly string[]): string {
  const rows = files.map(({ name, frames, positions, bytes }) => [
    name,
    String(frames),
    positions === undefined ? '-' : `${positions.first}–${positions.last}`,
    String(bytes),
  ]);
  return [
    ...(rows.length === 0 ? [] : [renderTable(['FILE', 'RECORDS', 'POSITIONS', 'BYTES'], rows)]),
    ...damaged.map(({ name, bytes }) => `kept aside: damaged/${name}, ${bytes} bytes`),
    ...problems.map((problem) => `damage: ${problem}`),
    problems.length === 0
      ? `Whole: ${undelivered.records} events wait, none is missing.`
      : `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}.`,
  ].join('\n');
}
