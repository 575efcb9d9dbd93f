/** `npm run release [-- --out FOLDER]`: a folder that runs by itself, and its archive, for this machine's processor. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { VERSION } from '@k8s-audit/cli/version';
import { bundleRelease } from './bundle.ts';

const root = resolve(import.meta.dirname, '../../..');
const { values } = parseArgs({ options: { out: { type: 'string' } } });
const folder = resolve(values.out ?? join(root, 'dist', `k8s-audit-${VERSION}-linux-${process.arch}`));
mkdirSync(dirname(folder), { recursive: true });
await bundleRelease(root, folder);
const archive = `${folder}.tar.gz`;
// The same bytes from the same tree: names sorted, no owner, no time.
execFileSync(
  'tar',
  ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0', '-I', 'gzip -n', '-cf', archive, basename(folder)],
  {
    cwd: dirname(folder),
  },
);
const sum = createHash('sha256').update(readFileSync(archive)).digest('hex');
writeFileSync(`${archive}.sha256`, `${sum}  ${basename(archive)}\n`);
console.log(`${folder}\n${archive}\n${sum}`);
