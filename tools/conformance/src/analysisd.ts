import { resolve } from 'node:path';
import { explainFailure, Failure } from '@k8s-audit/failure';
import { CHECKS } from './analysisd/checks.ts';
import { openVectors, unreadable } from './analysisd/vectors.ts';

/**
 * npm run conformance:analysisd -- DIR...
 *
 * Holds libs/wazuh-rules and libs/rule-engine to what wazuh-analysisd 4.14.7 did: runs whichever of the recorded files a folder
 * holds. The last line says how many rows agree; the exit code is 0 only when all do, 2 when a folder cannot be read.
 */
function main(): number {
  const given = process.argv.slice(2);
  const folders = given.length > 0 ? given : DEFAULT_FOLDERS.map((name) => resolve(import.meta.dirname, '../../../fixtures', name));
  let agree = 0;
  let differ = 0;
  for (const folder of folders) {
    const vectors = openVectors(folder);
    if (folders.length > 1) console.log(folder);
    for (const { file, check } of CHECKS) {
      const rows = vectors.rows(file);
      if (rows === undefined) continue;
      const differences = check(rows, vectors);
      for (const { id, sentences } of differences.slice(0, MAX_EXPLAINED))
        console.log(`${file} ${JSON.stringify(id)}:\n  ${sentences.join('\n  ')}`);
      if (differences.length > MAX_EXPLAINED) console.log(`${file}: ${differences.length - MAX_EXPLAINED} more`);
      console.log(`${file.padEnd(20)} agree ${rows.length - differences.length}, differ ${differences.length}`);
      agree += rows.length - differences.length;
      differ += differences.length;
    }
  }
  // To agree on nothing is no agreement: an emptied recording must not pass in CI.
  if (agree + differ === 0) throw unreadable(`${folders.join(', ')}: the files hold no row.`);
  console.log(`agree ${agree}, differ ${differ}`);
  return differ === 0 ? 0 : 1;
}

const DEFAULT_FOLDERS = ['analysisd', 'analysisd-v1'];
/** Of each file; one slip often shows in many rows. */
const MAX_EXPLAINED = 10;

try {
  process.exitCode = main();
} catch (error) {
  // A folder that is missing or malformed; anything else is a fault of the tool and keeps its stack.
  if (!(error instanceof Failure)) throw error;
  console.error(explainFailure(error));
  process.exitCode = 2;
}
