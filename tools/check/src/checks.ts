export interface StaticCheck {
  readonly name: string;
  readonly command: readonly string[];
  /** The command, or the act, that mends a failure. */
  readonly mend: string;
}

/** What `npm run check` runs, fastest first. */
export const CHECKS: readonly StaticCheck[] = [
  { name: 'format and lint', command: ['npx', 'biome', 'check', '.'], mend: 'npm run format, then what it could not mend by hand' },
  {
    name: 'boundaries',
    command: [process.execPath, 'tools/boundaries/src/main.ts'],
    mend: 'import downwards only: docs/decisions/0012-one-way-imports.md',
  },
  { name: 'generated pages', command: [process.execPath, 'tools/docs/src/main.ts'], mend: 'npm run docs, and read the diff' },
  { name: 'links of the docs', command: [process.execPath, 'tools/docs/src/check-links.ts'], mend: 'correct the link' },
  { name: 'bad-input page', command: [process.execPath, 'tools/docs/src/check-bad-input.ts'], mend: 'name the test that holds the cell' },
  { name: 'types', command: ['npx', 'tsc', '--noEmit', '-p', 'tsconfig.json'], mend: 'correct the types' },
];
