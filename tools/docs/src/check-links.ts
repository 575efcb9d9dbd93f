import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Every relative link of every hand-written and generated page leads to something that is there. */
const root = resolve(import.meta.dirname, '../../..');
const pages = globSync(['*.md', 'docs/**/*.md', '{apps,libs,tools,fixtures}/**/README.md'], {
  cwd: root,
  exclude: (name) => name.includes('node_modules'),
});
const broken = pages.flatMap((page) =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)\s#]+)(#[^)\s]*)?\)/g)]
    .map((match) => match[1] as string)
    .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(resolve(root, dirname(page), target)))
    .map((target) => `${page}: ${target} is not there`),
);
console.log(broken.length === 0 ? `Links of ${pages.length} pages hold.` : broken.join('\n'));
process.exitCode = broken.length === 0 ? 0 : 1;
