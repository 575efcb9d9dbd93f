import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { boundaryRules } from './rules.ts';
import { readWorkspacePackages, type WorkspacePackage } from './workspace-packages.ts';

/**
 * Every import below `root` that crosses a boundary, one sentence each; empty when all hold.
 * dependency-cruiser's JSON is read and not its exit code, which is the number of violations modulo 256.
 */
export async function findViolations(root: string): Promise<readonly string[]> {
  const packages = readWorkspacePackages(root);
  const folders = [...new Set(packages.map((each) => each.folder.split('/')[0] as string))];
  const tsConfig = join(root, 'tsconfig.json');
  const { output } = await cruise(
    folders,
    { ...cruiseOptions(root), ruleSet: boundaryRules(packages) },
    {},
    { tsConfig: extractTSConfig(tsConfig) },
  );
  const result = JSON.parse(output as string) as ICruiseResult;
  return [
    ...result.summary.violations.map((each) => `${each.rule.name}: ${each.from} -> ${each.to}`),
    ...undeclaredWorkspaceImports(result, packages),
    ...impureCore(root, result, packages),
  ];
}

function cruiseOptions(baseDir: string): Record<string, unknown> {
  return {
    baseDir,
    validate: true,
    outputType: 'json',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(apps|libs|tools)/[^/]+/(dist|coverage)/' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    tsConfig: { fileName: join(baseDir, 'tsconfig.json') },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.json'],
    },
  };
}

// dependency-cruiser calls an undeclared workspace import "undetermined" and lets it pass.
function undeclaredWorkspaceImports(result: ICruiseResult, packages: readonly WorkspacePackage[]): string[] {
  const owner = (file: string): WorkspacePackage | undefined => packages.find((each) => file.startsWith(`${each.folder}/`));
  return result.modules.flatMap((module) =>
    module.dependencies.flatMap((edge) => {
      const [from, to] = [owner(module.source), owner(edge.resolved)];
      if (from === undefined || to === undefined || from === to || from.dependencies.includes(to.name)) return [];
      return [`undeclared: ${module.source} imports ${to.name}, which ${from.folder}/package.json does not name`];
    }),
  );
}

/** What no import shows: a clock, randomness or the network reached through a global. */
const IMPURE = /\b(Date\.now\(|Math\.random\(|new Date\(\)|globalThis\.(fetch|process|crypto|performance)|process\.getBuiltinModule)/;

function impureCore(root: string, result: ICruiseResult, packages: readonly WorkspacePackage[]): string[] {
  const pure = packages.filter((each) => each.tier === 'core' || each.tier === 'vocabulary').map((each) => `${each.folder}/src/`);
  return result.modules
    .map((module) => module.source)
    .filter((file) => pure.some((folder) => file.startsWith(folder)) && !/[.]test[.]ts$|\/src\/testing\//.test(file))
    .flatMap((file) =>
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .flatMap((line, index) => {
          const found = IMPURE.exec(line.replace(/^\s*(\*|\/\/).*/, ''));
          return found === null ? [] : [`core-is-pure: ${file}:${index + 1} uses ${found[1]}: take it as an argument`];
        }),
    );
}
