import { resolve } from 'node:path';
import { readWorkspacePackages, type Tier, type WorkspacePackage } from '@k8s-audit/boundaries';

const TIERS: readonly Tier[] = ['app', 'adapter', 'core', 'vocabulary', 'tool'];
const SCOPE = '@k8s-audit/';

/** The packages by tier, and a picture of who imports whom (tools left out: they may import anything). */
export function renderMap(): string {
  const packages = readWorkspacePackages(resolve(import.meta.dirname, '../../../..'));
  return [...TIERS.map((tier) => renderTier(tier, packages)), renderGraph(packages)].join('\n\n');
}

function renderTier(tier: Tier, packages: readonly WorkspacePackage[]): string {
  const rows = packages
    .filter((each) => each.tier === tier)
    .map((each) => `| [\`${each.folder}\`](../${each.folder}) | ${each.description} | ${ownImports(each).join(', ') || '-'} |`);
  return [`### ${tier}`, '', '| folder | what it is | imports |', '|---|---|---|', ...rows].join('\n');
}

function renderGraph(packages: readonly WorkspacePackage[]): string {
  const edges = packages
    .filter(({ tier }) => tier !== 'tool')
    .flatMap((from) => ownImports(from).map((to) => `  ${shortName(from.name)} --> ${to}`));
  return ['```mermaid', 'flowchart TD', ...edges, '```'].join('\n');
}

/** Everything imports `failure`; an arrow from each would hide the rest. */
function ownImports({ dependencies }: WorkspacePackage): string[] {
  return dependencies
    .filter((name) => name.startsWith(SCOPE))
    .map(shortName)
    .filter((name) => name !== 'failure');
}

function shortName(name: string): string {
  return name.slice(SCOPE.length);
}
