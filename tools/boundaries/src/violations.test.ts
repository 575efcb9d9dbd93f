import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { findViolations } from './violations.ts';

const TIERS = { failure: 'vocabulary', shape: 'core', trim: 'core', disk: 'adapter', socket: 'adapter' } as const;
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

it('finds nothing where every import points downwards', async () => {
  expect(await findViolations(plantedWorkspace({}))).toEqual([]);
});

it.each([
  [
    'core-imports-core-or-vocabulary',
    { 'libs/shape/src/bad.ts': "import { disk } from '@k8s-audit/disk';\nexport const bad: unknown = disk;" },
  ],
  ['core-imports-core-or-vocabulary', { 'libs/shape/src/bad.ts': "import type { Disk } from '@k8s-audit/disk';\nexport type Bad = Disk;" }],
  [
    'vocabulary-imports-vocabulary-only',
    { 'libs/failure/src/bad.ts': "import { shape } from '@k8s-audit/shape';\nexport const bad: unknown = shape;" },
  ],
  ['core-does-no-io', { 'libs/shape/src/bad.ts': "import { readFileSync } from 'node:fs';\nexport const bad: unknown = readFileSync;" }],
  ['core-does-no-io', { 'libs/shape/src/bad.ts': "export const bad: Promise<unknown> = import('node:fs/promises');" }],
  [
    'adapter-never-imports-adapter',
    { 'libs/disk/src/bad.ts': "import { socket } from '@k8s-audit/socket';\nexport const bad: unknown = socket;" },
  ],
  ['app-never-imports-app', { 'apps/one/src/bad.ts': "import { two } from '../../two/src/index.ts';\nexport const bad: unknown = two;" }],
  [
    'library-imports-no-app-or-tool',
    { 'libs/disk/src/bad.ts': "import { two } from '../../../apps/two/src/index.ts';\nexport const bad: unknown = two;" },
  ],
  [
    'through-the-front-door',
    { 'libs/disk/src/bad.ts': "import { inner } from '../../failure/src/inner.ts';\nexport const bad: unknown = inner;" },
  ],
  ['resolvable', { 'libs/shape/src/bad.ts': "import { nothing } from 'no-such-package';\nexport const bad: unknown = nothing;" }],
  ['undeclared', { 'libs/shape/src/bad.ts': "import { trim } from '@k8s-audit/trim';\nexport const bad: unknown = trim;" }],
  ['core-is-pure', { 'libs/shape/src/bad.ts': 'export const bad: number = Date.now();' }],
  [
    'no-cycles',
    {
      'libs/shape/src/a.ts': "import { b } from './b.ts';\nexport const a: () => unknown = () => b;",
      'libs/shape/src/b.ts': "import { a } from './a.ts';\nexport const b: () => unknown = () => a;",
    },
  ],
])('catches a planted violation of %s', async (rule, files) => {
  const found = await findViolations(plantedWorkspace(files));

  expect(found.join('\n')).toContain(`${rule}: `);
});

function plantedWorkspace(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'boundaries-'));
  folders.push(root);
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  write('package.json', '{"type":"module","workspaces":["libs/*","apps/*"]}');
  write('tsconfig.json', JSON.stringify({ extends: resolve(import.meta.dirname, '../../../tsconfig.base.json') }));
  for (const [name, tier] of Object.entries({ ...TIERS, one: 'app', two: 'app' })) {
    const folder = tier === 'app' ? `apps/${name}` : `libs/${name}`;
    // Adapters and `shape` declare each other, so that only the rule under test can object; `shape` does not declare `trim`.
    const declared = tier === 'core' || tier === 'vocabulary' ? ['disk', 'shape'] : ['socket'];
    const dependencies = Object.fromEntries(declared.filter((each) => each !== name).map((each) => [`@k8s-audit/${each}`, '0.0.0']));
    write(
      `${folder}/package.json`,
      JSON.stringify({
        name: `@k8s-audit/${name}`,
        type: 'module',
        exports: './src/index.ts',
        dependencies,
        nx: { tags: [`tier:${tier}`] },
      }),
    );
    write(`${folder}/src/index.ts`, `export type ${name[0]?.toUpperCase()}${name.slice(1)} = string;\nexport const ${name} = '${name}';\n`);
    mkdirSync(join(root, 'node_modules/@k8s-audit'), { recursive: true });
    symlinkSync(join(root, folder), join(root, 'node_modules/@k8s-audit', name));
  }
  write('libs/failure/src/inner.ts', "export const inner = 'inner';\n");
  for (const [file, text] of Object.entries(files)) write(file, `${text}\n`);
  return root;
}
