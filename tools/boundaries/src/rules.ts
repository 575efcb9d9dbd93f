import type { IConfiguration } from 'dependency-cruiser';
import type { Tier, WorkspacePackage } from './workspace-packages.ts';

/** Node's modules that touch the world. Core takes time, randomness, files and sockets as arguments. */
const IO_MODULES = [
  'fs',
  'fs/promises',
  'net',
  'tls',
  'dgram',
  'dns',
  'http',
  'https',
  'http2',
  'child_process',
  'worker_threads',
  'os',
  'sqlite',
  'cluster',
  'process',
];

/** One-way imports: app -> adapter -> core -> vocabulary. The tier of a package is its tag in package.json. */
export function boundaryRules(packages: readonly WorkspacePackage[]): IConfiguration {
  const inTier = (...tiers: readonly Tier[]): string => {
    const folders = packages.filter((each) => tiers.includes(each.tier)).map((each) => each.folder);
    return folders.length === 0 ? '^$' : `^(${folders.join('|')})/`;
  };
  const testFile = '[.]test[.]ts$|/src/testing/';
  return {
    forbidden: [
      { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
      {
        name: 'vocabulary-imports-vocabulary-only',
        severity: 'error',
        from: { path: inTier('vocabulary') },
        to: { path: '^(libs|apps|tools)/', pathNot: inTier('vocabulary') },
      },
      {
        name: 'core-imports-core-or-vocabulary',
        severity: 'error',
        from: { path: inTier('core'), pathNot: testFile },
        to: { path: '^(libs|apps|tools)/', pathNot: inTier('core', 'vocabulary') },
      },
      {
        name: 'core-does-no-io',
        severity: 'error',
        from: { path: inTier('core', 'vocabulary'), pathNot: testFile },
        to: { dependencyTypes: ['core'], path: `^(node:)?(${IO_MODULES.join('|')})$` },
      },
      {
        name: 'adapter-never-imports-adapter',
        severity: 'error',
        from: { path: '^libs/([^/]+)/', pathNot: testFile },
        to: { path: inTier('adapter'), pathNot: '^libs/$1/' },
      },
      { name: 'app-never-imports-app', severity: 'error', from: { path: '^apps/([^/]+)/' }, to: { path: '^apps/', pathNot: '^apps/$1/' } },
      { name: 'library-imports-no-app-or-tool', severity: 'error', from: { path: '^libs/' }, to: { path: '^(apps|tools)/' } },
      {
        name: 'through-the-front-door',
        comment: 'Import another package by its name, not by a path into it.',
        severity: 'error',
        from: { path: '^(libs|apps|tools)/([^/]+)/' },
        to: { path: '^libs/', pathNot: ['^$1/$2/', '^libs/[^/]+/src/(index|testing/index)[.]ts$'] },
      },
      { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
      {
        name: 'declared-in-package-json',
        severity: 'error',
        from: { path: '^(libs|apps)/[^/]+/src/', pathNot: testFile },
        to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
      },
    ],
  };
}
