import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { applyMutant, type Mutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';
import { copyWorkspace } from './workspace-copy.ts';

// A defect that makes a test wait for ever is noticed too, by this.
const MAX_RUN_MS = 120_000;

const [only] = process.argv.slice(2);
const copy = copyWorkspace(resolve(import.meta.dirname, '../../..'));
let noticed = 0;
let missed = 0;
try {
  for (const mutant of MUTANTS.filter(({ name }) => only === undefined || name.includes(only))) {
    const verdict = plant(mutant, copy.folder);
    if (verdict.startsWith('noticed')) noticed++;
    else missed++;
    console.log(`${verdict.padEnd(24)} ${mutant.name}  (${mutant.file})`);
  }
} finally {
  copy.remove();
}
console.log(`\n${noticed} passed, ${missed} failed`);
process.exitCode = missed === 0 && noticed > 0 ? 0 : 1;

function plant(mutant: Mutant, folder: string): string {
  const file = join(folder, mutant.file);
  const original = readFileSync(file, 'utf8');
  writeFileSync(file, applyMutant(original, mutant));
  try {
    const vitest = join(folder, 'node_modules/vitest/vitest.mjs');
    const run = spawnSync(process.execPath, [vitest, 'run', '--configLoader', 'native', ...mutant.tests], {
      cwd: folder,
      encoding: 'utf8',
      timeout: MAX_RUN_MS,
    });
    if (run.error !== undefined) return 'noticed (time-out)';
    const [, passed, failed] = /(\d+) passed, (\d+) failed/.exec(run.stdout) ?? [];
    if (passed === undefined || Number(passed) + Number(failed) === 0) return `NO TEST RAN\n${run.stdout}${run.stderr}`;
    return Number(failed) > 0 ? `noticed (${failed} red)` : 'MISSED';
  } finally {
    writeFileSync(file, original);
  }
}
