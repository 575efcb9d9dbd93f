import { chmodSync, copyFileSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { RECEIVER_FLAGS } from '@k8s-audit/cli/receiver-flags';
import { type BuildOptions, build } from 'esbuild';

/** Program name, entry and Node's flags of each app that is a command; the names are those that the programs look for beside themselves. */
const PROGRAMS: Readonly<Record<string, { readonly entry: string; readonly flags: readonly string[] }>> = {
  'k8s-audit': { entry: 'apps/cli/src/main.ts', flags: [] },
  'k8s-audit-receiver': { entry: 'apps/receiver/src/main.ts', flags: RECEIVER_FLAGS },
};
const WORKERS = ['libs/wazuh-queue/src/sender.worker', 'libs/wazuh-queue/src/reader.worker', 'apps/receiver/src/large-events.worker'];
/** Files that the programs read, and where they stand in the source tree. */
const DATA = [
  'fixtures/recorded/guide-policy.eventlists.jsonl',
  'apps/receiver/deploy/k8s-audit-receiver.service',
  'apps/receiver/deploy/k8s-audit-receiver.socket',
];
const TEXTS = ['LICENSE', 'README.md', 'CHANGELOG.md'];
/** The pages that messages and units name, and the units that are installed by hand. */
const FOLDERS = ['docs', 'deploy'];

/**
 * Writes a release into a folder: bin/ to be called, docs/ and deploy/ to be read, lib/ with one CommonJS file a program and a worker, koffi's native part and
 * the Node that runs them. Nothing else of the machine is needed than glibc.
 *
 * @param root of the source tree, with its dependencies installed
 */
export async function bundleRelease(root: string, folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const [bin, lib] = [join(folder, 'bin'), join(folder, 'lib')];
  for (const made of [bin, lib]) mkdirSync(made, { recursive: true });
  for (const [name, { entry, flags }] of Object.entries(PROGRAMS)) {
    await build({
      ...common(root),
      entryPoints: [entry],
      outfile: join(lib, `${name}.cjs`),
    });
    writeFileSync(join(bin, name), launcher(name, flags));
    chmodSync(join(bin, name), 0o755);
  }
  for (const path of WORKERS)
    await build({
      ...common(root),
      entryPoints: [`${path}.ts`],
      outfile: join(lib, `${basename(path)}.cjs`),
    });
  copyNative(root, lib);
  copyNode(root, lib);
  for (const file of DATA) copyFileSync(join(root, file), join(lib, file.slice(file.lastIndexOf('/') + 1)));
  for (const file of TEXTS) copyFileSync(join(root, file), join(folder, file));
  for (const name of FOLDERS) cpSync(join(root, name), join(folder, name), { recursive: true });
}

/** CommonJS: a third of express's dependencies call `require` of Node's own modules by name, which an ESM bundle cannot. */
function common(root: string): BuildOptions {
  return {
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    logLevel: 'warning',
    absWorkingDir: root,
    // `koffi/indirect` looks for its native part below process.resourcesPath. The programs need it as the workers do: under systemd
    // the receiver's main thread speaks to NOTIFY_SOCKET by it.
    alias: { koffi: 'koffi/indirect' },
    // What a CommonJS file knows of itself, by the names that the sources use.
    define: { 'import.meta.url': '__ownUrl', 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
    banner: {
      js: "const { pathToFileURL } = require('node:url'); const __ownUrl = pathToFileURL(__filename).href; process.resourcesPath = __dirname;",
    },
  };
}

/** Finds its own folder through links such as /usr/bin/k8s-audit. */
function launcher(name: string, flags: readonly string[]): string {
  return `#!/bin/sh
here="$(dirname "$(readlink -f "$0")")"
exec ${['"$here/../lib/node"', ...flags, `"$here/../lib/${name}.cjs"`].join(' ')} "$@"
`;
}

function copyNative(root: string, lib: string): void {
  const platform = `linux_${process.arch}`;
  const fromQueue = createRequire(join(root, 'libs/wazuh-queue/package.json'));
  const fromKoffi = createRequire(fromQueue.resolve('koffi'));
  const native = join(dirname(fromKoffi.resolve(`@koromix/koffi-linux-${process.arch}`)), platform, 'koffi.node');
  mkdirSync(join(lib, 'koffi', platform), { recursive: true });
  copyFileSync(native, join(lib, 'koffi', platform, 'koffi.node'));
}

/** The pinned Node, from its platform's package. */
function copyNode(root: string, lib: string): void {
  copyFileSync(join(root, 'node_modules', `node-linux-${process.arch}`, 'bin/node'), join(lib, 'node'));
  chmodSync(join(lib, 'node'), 0o755);
}
