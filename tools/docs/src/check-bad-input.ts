import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Every cell of the bad-input page names a test by its title: the title must stand in the file behind the link. */
const page = 'docs/reference/bad-input.md';
const root = resolve(import.meta.dirname, '../../..');
const cells = [...readFileSync(join(root, page), 'utf8').matchAll(/\[([^\]]+)\]\(([^)]+\.test\.ts)\)/g)];
const missing = cells
  .filter(([, title, file]) => !readFileSync(resolve(root, dirname(page), file as string), 'utf8').includes(title as string))
  .map(([, title, file]) => `${file}: no test is called "${title}"`);
console.log(missing.length === 0 ? `All ${cells.length} named tests are there.` : missing.join('\n'));
process.exitCode = missing.length === 0 && cells.length > 0 ? 0 : 1;
