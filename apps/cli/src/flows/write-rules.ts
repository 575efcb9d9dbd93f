import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { makeFolder, writeFileAtomically } from '@k8s-audit/host-files';

/**
 * Writes rule files into a folder: new ones readable by all (they hold no secret, and wazuh-analysisd is another user), replaced ones as they were.
 *
 * @returns the paths
 * @throws Failure FILE_EXISTS naming every file in the way, before anything is written; what host-files throws
 */
export async function writeRules(folder: string, files: ReadonlyMap<string, string>, replace: boolean): Promise<readonly string[]> {
  const paths = [...files.keys()].map((name) => join(folder, name));
  const existing = paths.filter((path) => existsSync(path));
  if (existing.length > 0 && !replace)
    throw new Failure('FILE_EXISTS', `Already there: ${existing.join(', ')}.`, {
      hint: 'Replace them with --force; your own rules belong into local_rules.xml.',
    });
  await makeFolder(folder, { mode: 0o755, existing: 'keep' });
  for (const [name, text] of files) await writeFileAtomically(join(folder, name), text, { existing: replace ? 'replace' : 'refuse' });
  return paths;
}
