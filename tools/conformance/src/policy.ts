import { resolve } from 'node:path';
import { CHECKS } from './policy/checks.ts';
import { readRows } from './policy/rows.ts';

/**
 * npm run conformance:policy -- DIR
 *
 * Holds libs/audit-policy to what the Go packages of kube-apiserver v0.36.3 did: runs whichever of the recorded files
 * a folder holds. The last line says how many rows agree; the exit code is 0 only when all do.
 */
function main(): number {
  const [folder = resolve(import.meta.dirname, '../../../fixtures/policy')] = process.argv.slice(2);
  let agree = 0;
  let differ = 0;
  for (const { file, check } of CHECKS) {
    const rows = readRows(resolve(folder, file));
    if (rows === undefined) continue;
    const found = check(rows, folder).filter((difference) => difference !== undefined);
    for (const { id, sentence } of found.slice(0, MAX_EXPLAINED)) console.log(`${file} ${id}: ${sentence}`);
    if (found.length > MAX_EXPLAINED) console.log(`${file}: ${found.length - MAX_EXPLAINED} more`);
    console.log(`${file.padEnd(22)} agree ${rows.length - found.length}, differ ${found.length}`);
    agree += rows.length - found.length;
    differ += found.length;
  }
  if (agree + differ === 0) console.log(`${folder} holds none of ${CHECKS.map(({ file }) => file).join(', ')}`);
  console.log(`agree ${agree}, differ ${differ}`);
  return differ === 0 && agree > 0 ? 0 : 1;
}

/** Of each file; one slip often shows in many rows. */
const MAX_EXPLAINED = 10;

process.exitCode = main();
