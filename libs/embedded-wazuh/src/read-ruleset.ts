import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { refusePattern } from '@k8s-audit/rule-engine';
import { type LoadedRuleset, loadRules, type RuleFile } from '@k8s-audit/wazuh-rules';

/** The rules of a Wazuh home as they are on the disk now. */
export interface RulesetOnDisk {
  readonly ruleset: LoadedRuleset;
  /** CDB lists by the path that rules name: `etc/lists/NAME`. */
  readonly lists: ReadonlyMap<string, Uint8Array>;
}

export interface RulesetPlace {
  readonly homeFolder: string;
  /** These instead of etc/rules/*.xml and ruleset/rules/*.xml. */
  readonly ruleFiles?: readonly string[];
  /** From this level on a rule alerts: `<log_alert_level>`, 3 by default. */
  readonly alertLevel?: number;
}

/**
 * Reads ruleset/rules and etc/rules, as far as they are there, and every list below etc/lists: a home has no ossec.conf that
 * would declare them. Without the stock ruleset its rules are taken to be there, so that what hangs below them is no error.
 *
 * @throws {Failure} RULES_UNREADABLE
 */
export async function readRuleset({ homeFolder, ruleFiles, alertLevel }: RulesetPlace): Promise<RulesetOnDisk> {
  try {
    const stock = ruleFiles === undefined ? await xmlFilesIn(join(homeFolder, 'ruleset/rules')) : [];
    const own = ruleFiles ?? (await xmlFilesIn(join(homeFolder, 'etc/rules')));
    const files = await Promise.all(
      [...stock, ...own].map(async (path): Promise<RuleFile> => ({ name: nameIn(homeFolder, path), text: await readFile(path) })),
    );
    const lists = await readLists(homeFolder);
    const ruleset = loadRules(files, {
      compilePattern: refusePattern,
      lists: new Set(lists.keys()),
      ...(stock.length === 0 ? { outsideRules: 'stock' as const } : {}),
      ...(alertLevel === undefined ? {} : { logAlertLevel: alertLevel }),
    });
    return { ruleset, lists };
  } catch (error) {
    throw new Failure('RULES_UNREADABLE', `The rules cannot be read: ${(error as Error).message}`, {
      hint: 'Give files and folders that exist and that this user may read.',
      cause: error,
    });
  }
}

async function xmlFilesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(nothingThere);
  return names.filter((name) => name.endsWith('.xml')).map((name) => join(folder, name));
}

async function readLists(homeFolder: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const folder = join(homeFolder, 'etc/lists');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(nothingThere);
  // Beside each list lies its compiled form, which only Wazuh reads.
  const paths = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.cdb'))
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(await Promise.all(paths.map(async (path) => [nameIn(homeFolder, path), await readFile(path)] as const)));
}

/** As Wazuh names it: below its home, without the home. */
function nameIn(homeFolder: string, path: string): string {
  const inside = relative(homeFolder, path);
  return inside.startsWith('..') ? path : inside;
}

function nothingThere(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

const SHOWN_PROBLEMS = 5;

/** The failure to throw where wazuh-analysisd would not start. */
export function explainRefusal({ problems }: LoadedRuleset): Failure {
  const fatal = problems.filter((problem) => problem.severity === 'refuses-to-start').slice(0, SHOWN_PROBLEMS);
  const lines = fatal.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`);
  return new Failure('RULES_REFUSED', `wazuh-analysisd would not start with these rules: ${lines.join('; ')}`, {
    hint: 'Mend them; `k8s-audit rules check` explains each problem.',
  });
}
