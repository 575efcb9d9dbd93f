import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';

/** What the guide's `pip install flask` has left in Wazuh's own Python, and of that what nothing else there needs. */
export interface GuideFlask {
  /** `flask 3.1.3`: packages that go. */
  readonly packages: readonly string[];
  /** Their files, and the folders that are empty then, the outermost first. */
  readonly files: readonly string[];
  readonly folders: readonly string[];
  /** Why packages stay, a sentence each. */
  readonly kept: readonly string[];
}

/** Installed by the same pip as Flask: what Wazuh brought along itself is older by far. */
const INSTALLED_WITHIN_MS = 3_600_000;

/**
 * Looks for Flask and what came with it. Wazuh's API is itself made of Python packages, some of which need Flask in some versions: what
 * another package needs stays.
 *
 * @returns undefined: there is no Flask
 */
export async function findGuideFlask(home: string): Promise<GuideFlask | undefined> {
  const python = join(home, 'framework/python');
  const distributions = await distributionsOf(python);
  const flask = distributions.get('flask');
  if (flask === undefined) return undefined;
  const going = new Map([...closureOf(flask, distributions)].filter(([, each]) => cameWith(flask, each)));
  const kept = keepNeeded(going, distributions);
  if (!going.has('flask')) return { packages: [], files: [], folders: [], kept };
  const files = (await Promise.all([...going.values()].map((each) => filesOf(each, python)))).flat();
  return { packages: [...going.values()].map(({ name, version }) => `${name} ${version}`), files, folders: await foldersOf(files), kept };
}

interface Distribution {
  readonly name: string;
  readonly version: string;
  readonly requires: readonly string[];
  readonly installer: string;
  readonly installedMs: number;
  readonly sitePackages: string;
  /** As RECORD names them, relative to site-packages. */
  readonly record: readonly string[];
}

async function distributionsOf(python: string): Promise<ReadonlyMap<string, Distribution>> {
  const found = new Map<string, Distribution>();
  const lib = join(python, 'lib');
  const versions = existsSync(lib) ? (await readdir(lib)).filter((name) => /^python3(\.\d+)?$/.test(name)) : [];
  for (const sitePackages of versions.map((name) => join(lib, name, 'site-packages')).filter((path) => existsSync(path)))
    for (const name of (await readdir(sitePackages)).filter((each) => each.endsWith('.dist-info'))) {
      const distribution = await readDistribution(sitePackages, join(sitePackages, name));
      if (distribution !== undefined) found.set(distribution.name, distribution);
    }
  return found;
}

/** Undefined: not one that pip could take out either, for it has no RECORD. */
async function readDistribution(sitePackages: string, folder: string): Promise<Distribution | undefined> {
  const [metadata, record] = [join(folder, 'METADATA'), join(folder, 'RECORD')];
  if (!existsSync(metadata) || !existsSync(record)) return undefined;
  const [head = ''] = (await readFile(metadata, 'utf8')).split(/\r?\n\r?\n/);
  const values = (key: string): readonly string[] =>
    [...head.matchAll(new RegExp(`^${key}: *(.*)$`, 'gm'))].map(([, value = '']) => value.trim());
  const installer = join(folder, 'INSTALLER');
  return {
    name: normalised(values('Name')[0] ?? ''),
    version: values('Version')[0] ?? '',
    // What only an extra asks for is not asked for.
    requires: values('Requires-Dist')
      .filter((value) => !/;.*\bextra\s*==/.test(value))
      .map((value) => normalised(/^[A-Za-z0-9._-]+/.exec(value)?.[0] ?? '')),
    installer: existsSync(installer) ? (await readFile(installer, 'utf8')).trim() : '',
    installedMs: (await stat(record)).mtimeMs,
    sitePackages,
    // PATH,HASH,SIZE; a path with a comma is quoted.
    record: (await readFile(record, 'utf8'))
      .split('\n')
      .flatMap((line) => /^(?:"([^"]+)"|([^,"]+)),/.exec(line.trim())?.slice(1).find(Boolean) ?? []),
  };
}

/** PEP 503: `Flask`, `flask` and `FLASK` are one. */
function normalised(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

function closureOf(first: Distribution, all: ReadonlyMap<string, Distribution>): ReadonlyMap<string, Distribution> {
  const closure = new Map([[first.name, first]]);
  for (const { requires } of closure.values())
    for (const name of requires) {
      const distribution = all.get(name);
      if (distribution !== undefined) closure.set(name, distribution);
    }
  return closure;
}

function cameWith(flask: Distribution, { installer, installedMs }: Distribution): boolean {
  return installer === 'pip' && Math.abs(installedMs - flask.installedMs) <= INSTALLED_WITHIN_MS;
}

/** Takes out of `going` what others need, and what those need in turn. @returns why, a sentence each */
function keepNeeded(going: Map<string, Distribution>, all: ReadonlyMap<string, Distribution>): readonly string[] {
  const goes = (name: string): boolean => going.has(name);
  const other = [...all.values()].find(({ name, requires }) => !goes(name) && requires.some(goes));
  if (other === undefined) return [];
  const needed = other.requires.filter(goes);
  for (const name of needed) going.delete(name);
  return [...needed.map((name) => `${name} stays in Wazuh’s Python: ${other.name} needs it`), ...keepNeeded(going, all)];
}

async function filesOf({ sitePackages, record }: Distribution, python: string): Promise<readonly string[]> {
  const named = record.map((path) => join(sitePackages, path));
  const sources = new Set(named.filter((path) => path.endsWith('.py')));
  const compiled: string[] = [];
  for (const folder of new Set([...sources].map((path) => join(dirname(path), '__pycache__'))))
    for (const name of existsSync(folder) ? await readdir(folder) : [])
      if (sources.has(join(dirname(folder), `${name.split('.')[0]}.py`))) compiled.push(join(folder, name));
  const inside = [...new Set([...named, ...compiled])].filter((path) => !relative(python, path).startsWith('..') && existsSync(path));
  return inside.toSorted();
}

/** Folders of packages, as pip makes them; others stay, empty: an undo could not make them as they were. */
async function foldersOf(files: readonly string[]): Promise<readonly string[]> {
  const folders = new Set<string>();
  for (const file of files)
    for (let folder = dirname(file); !['site-packages', 'bin'].includes(basename(folder)); folder = dirname(folder)) folders.add(folder);
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  const ours: string[] = [];
  for (const folder of [...folders].toSorted()) {
    const is = await stat(folder);
    if ((is.mode & 0o7777) === 0o755 && is.uid === uid && is.gid === gid) ours.push(folder);
  }
  return ours;
}
