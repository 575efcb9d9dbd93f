import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Where the Go module of the control plane lies. */
export const SOURCE_FOLDER: string = join(import.meta.dirname, '../control-plane');

/**
 * The Kubernetes version that go.mod requires, as `v1.35.4`. The binary must say so itself (`/version`, `--version`): a module that is built
 * as a dependency knows no version, so it is linked in.
 */
export function kubernetesVersion(sourceFolder: string = SOURCE_FOLDER): string {
  const version = /^\s+k8s\.io\/kubernetes (v\d+\.\d+\.\d+)$/m.exec(readFileSync(join(sourceFolder, 'go.mod'), 'utf8'))?.[1];
  if (version === undefined) throw new Error(`${sourceFolder}/go.mod requires no k8s.io/kubernetes`);
  return version;
}

/** Arguments of `go build`, without the output: static, without paths of this machine, and with a fixed date, so that equal inputs give equal bytes. */
export function buildArguments(version: string): readonly string[] {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
  const facts = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean', buildDate: '1970-01-01T00:00:00Z' };
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  const settings = packages.flatMap((name) => Object.entries(facts).map(([key, value]) => `-X ${name}.${key}=${value}`));
  return ['build', '-v', '-trimpath', '-ldflags', ['-s -w', ...settings].join(' ')];
}

/** Names the binary by all that goes into it; 16 hex digits. Two checkouts with the same inputs share one binary. */
export function buildKey(goVersion: string, sourceFolder: string = SOURCE_FOLDER): string {
  return inputsKey(goVersion, buildArguments(kubernetesVersion(sourceFolder)), sourceFolder);
}

/** The same for any Go module: 16 hex digits of Go's version, the machine, the arguments and every file of the module. */
export function inputsKey(goVersion: string, args: readonly string[], sourceFolder: string): string {
  const hash = createHash('sha256').update(`${goVersion}\n${process.platform}-${process.arch}\n`);
  for (const argument of args) hash.update(`${argument}\n`);
  const files = readdirSync(sourceFolder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const path of files.map(({ parentPath, name }) => join(parentPath, name)).sort())
    hash.update(`${relative(sourceFolder, path)}\n`).update(readFileSync(path));
  return hash.digest('hex').slice(0, 16);
}
