import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { renderPage } from './page.ts';
import { PAGES } from './pages.ts';

const root = resolve(import.meta.dirname, '../../..');
const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });

let stale = 0;
for (const page of PAGES) {
  const file = join(root, page.file);
  const current = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  const wanted = await renderPage(page, current);
  if (wanted === current) continue;
  stale++;
  if (values.write) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, wanted);
  }
  console.log(`${values.write ? 'wrote' : 'stale:'} ${page.file}`);
}
if (stale === 0) console.log(`All ${PAGES.length} generated pages are current.`);
if (stale > 0 && !values.write) {
  console.log('Run "npm run docs" and read the diff.');
  process.exitCode = 1;
}
