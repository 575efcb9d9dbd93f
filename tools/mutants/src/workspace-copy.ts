import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface WorkspaceCopy {
  readonly folder: string;
  readonly remove: () => void;
}

/**
 * A copy of the sources in which a defect may be planted while others work in the original. Installed packages are
 * linked, not copied, but for our own: those must lead into the copy.
 */
export function copyWorkspace(root: string): WorkspaceCopy {
  const folder = mkdtempSync(join(tmpdir(), 'k8s-audit-mutants-'));
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
  for (const file of files) {
    if (file.startsWith('fixtures/') || !existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  symlinkSync(join(root, 'fixtures'), join(folder, 'fixtures'));
  linkInstalled(root, folder);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function linkInstalled(root: string, folder: string): void {
  const installed = join(root, 'node_modules');
  mkdirSync(join(folder, 'node_modules/@k8s-audit'), { recursive: true });
  for (const name of readdirSync(installed))
    if (name !== '@k8s-audit') symlinkSync(join(installed, name), join(folder, 'node_modules', name));
  for (const parent of ['libs', 'apps', 'tools'])
    for (const name of readdirSync(join(folder, parent)))
      if (existsSync(join(folder, parent, name, 'package.json')))
        symlinkSync(join(folder, parent, name), join(folder, 'node_modules/@k8s-audit', name));
}
