/**
 * `npm run units`: what systemd's own tool says of the units. A machine without it fails: `apt-get install systemd` brings it, and needs no
 * systemd that runs. Their exposure is a promise of docs/guides/run-the-receiver.md.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename } from 'node:path';

/** Of ten, in tenths: 1.2. The unit of the first hand-made guide has 9.6. */
const MAX_EXPOSURE_TENTHS = 12;

const units = globSync('{apps,libs}/*/deploy/*.{service,socket}').toSorted();
const failures = [
  ...(units.some((unit) => unit.endsWith('.service')) ? [] : ['there is no service unit to look at']),
  ...units.filter((unit) => unit.endsWith('.service')).flatMap(exposureFailure),
  ...unitFailures(),
];
for (const failure of failures) process.stdout.write(`FAILED  ${failure}\n`);
process.stdout.write(`\n${units.length - Math.min(units.length, failures.length)} passed, ${failures.length} failed\n`);
process.exitCode = failures.length === 0 ? 0 : 1;

function exposureFailure(unit: string): readonly string[] {
  const { status, output } = analyze('security', '--offline=true', `--threshold=${MAX_EXPOSURE_TENTHS}`, '--no-pager', unit);
  const verdict = /Overall exposure level[^\n]*/.exec(output)?.[0];
  if (verdict !== undefined) process.stdout.write(`${verdict}\n`);
  return status === 0 && verdict !== undefined ? [] : [`${basename(unit)}: ${verdict ?? output}`];
}

/** Misspelt directives and values, which systemd would only warn of in its log. That the program is in /opt is for later. */
function unitFailures(): readonly string[] {
  const { output } = analyze('verify', '--man=no', ...units);
  return output.split('\n').filter((line) => units.some((unit) => line.includes(basename(unit))) && !/is not executable/.test(line));
}

function analyze(...args: readonly string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr, error } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  return { status, output: error === undefined ? `${stdout}${stderr}` : `systemd-analyze: ${error.message} (apt-get install systemd)` };
}
