import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Tier = 'vocabulary' | 'core' | 'adapter' | 'app' | 'tool';

export interface WorkspacePackage {
  /** Relative to the root: `libs/spool`. */
  readonly folder: string;
  readonly name: string;
  readonly description: string;
  readonly tier: Tier;
  /** Names of the workspace packages and npm packages that its package.json declares. */
  readonly dependencies: readonly string[];
}

/** Every package of the workspace, from its package.json; the tag `tier:…` says where it stands. */
export function readWorkspacePackages(root: string): readonly WorkspacePackage[] {
  return ['libs', 'apps', 'tools'].flatMap((parent) =>
    existsSync(join(root, parent))
      ? readdirSync(join(root, parent))
          .filter((name) => existsSync(join(root, parent, name, 'package.json')))
          .sort()
          .map((name) => readPackage(root, `${parent}/${name}`))
      : [],
  );
}

function readPackage(root: string, folder: string): WorkspacePackage {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const tag = (manifest.nx?.tags ?? []).find((each: string) => each.startsWith('tier:'));
  if (tag === undefined) throw new Error(`${folder}/package.json has no tag "tier:…": add it under nx.tags`);
  return {
    folder,
    name: manifest.name,
    description: manifest.description ?? '',
    tier: tag.slice('tier:'.length),
    dependencies: Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }),
  };
}
