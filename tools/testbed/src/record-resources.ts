import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ensureTestbedBinary } from './binary.ts';
import { kubernetesVersion } from './build-inputs.ts';
import { startControlPlane } from './control-plane.ts';

/**
 * node tools/testbed/src/record-resources.ts
 *
 * Asks a real API server, every API version switched on, which resources it has, and writes them as the table that
 * `policy lint` knows names by. Run it when the testbed's Kubernetes changes.
 */
const TABLE = resolve(import.meta.dirname, '../../../libs/audit-policy/src/resources/built-in-resources.ts');

interface ApiResource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly shortNames?: readonly string[];
}

/** One resource over all versions of its group. */
interface Row {
  readonly group: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly subresources: Set<string>;
  readonly shortNames: readonly string[];
}

const binary = await ensureTestbedBinary({ onProgress: (line) => console.error(line) });
const folder = mkdtempSync(join(tmpdir(), 'k8s-audit-resources-'));
const plane = await startControlPlane({
  binary,
  folder,
  apiServers: [{ name: 'kube-apiserver-1', flags: ['--runtime-config=api/all=true', '--feature-gates=AllAlpha=true,AllBeta=true'] }],
});
try {
  const kubeconfig = join(folder, 'admin.kubeconfig');
  writeFileSync(kubeconfig, plane.kubeconfig('admin'), { mode: 0o600 });
  const get = <Answer>(path: string): Answer =>
    JSON.parse(execFileSync(binary, ['kubectl', '--kubeconfig', kubeconfig, 'get', '--raw', path], { encoding: 'utf8' })) as Answer;
  const { groups } = get<{ readonly groups: readonly { readonly name: string; readonly versions: readonly { groupVersion: string }[] }[] }>(
    '/apis',
  );
  const rows = new Map<string, Row>();
  for (const resource of get<{ readonly resources: readonly ApiResource[] }>('/api/v1').resources) add(rows, '', resource);
  for (const { name, versions } of groups)
    for (const { groupVersion } of versions)
      for (const resource of get<{ readonly resources: readonly ApiResource[] }>(`/apis/${groupVersion}`).resources)
        add(rows, name, resource);
  writeFileSync(TABLE, render([...rows.values()]));
  execFileSync('npx', ['biome', 'format', '--write', TABLE], { stdio: 'ignore' });
  console.log(`${rows.size} resources of Kubernetes ${kubernetesVersion()} written to ${TABLE}`);
} finally {
  await plane.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** `pods/log` is a subresource of the row `pods`. */
function add(rows: Map<string, Row>, group: string, found: ApiResource): void {
  const [resource = '', subresource] = found.name.split('/', 2);
  const key = `${group}/${resource}`;
  const row = rows.get(key) ?? { group, resource, kind: '', namespaced: found.namespaced, subresources: new Set(), shortNames: [] };
  if (subresource !== undefined) row.subresources.add(subresource);
  rows.set(
    key,
    subresource === undefined ? { ...row, kind: found.kind, namespaced: found.namespaced, shortNames: found.shortNames ?? [] } : row,
  );
}

function render(rows: readonly Row[]): string {
  const sorted = rows.toSorted((a, b) => (`${a.group}/${a.resource}` < `${b.group}/${b.resource}` ? -1 : 1));
  return `/**
 * Every resource of a real kube-apiserver ${kubernetesVersion()}, all API versions switched on, as its discovery names them:
 * group, resource, kind, namespaced, subresources, short names. Written by tools/testbed/src/record-resources.ts.
 */
export const BUILT_IN_RESOURCES: readonly (readonly [
  group: string,
  resource: string,
  kind: string,
  namespaced: boolean,
  subresources: readonly string[],
  shortNames: readonly string[],
])[] = [
${sorted
  .map(
    ({ group, resource, kind, namespaced, subresources, shortNames }) =>
      `  [${[group, resource, kind, namespaced, [...subresources].sort(), shortNames].map((part) => JSON.stringify(part)).join(', ')}],`,
  )
  .join('\n')}
];
`;
}
