import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PACKS, type PackName, renderPack } from '@k8s-audit/detections';
import { Failure } from '@k8s-audit/failure';
import { readHostFile } from '@k8s-audit/host-files';
import { createEngine, type Engine, type EngineOptions, refusePattern } from '@k8s-audit/rule-engine';
import { type LoadedRuleset, loadRules, type Rule, type RuleFile, type RuleProblem } from '@k8s-audit/wazuh-rules';
import { readRuleFiles } from './check-rules.ts';

export interface RulesUnderTestOptions {
  readonly packs: readonly PackName[];
  /** Rule files and folders of them. */
  readonly rules: readonly string[];
  /** Stock rules, loaded as well. Absent: ids below 100,000 are taken to be there, and match nothing. */
  readonly ruleset: readonly string[];
  /** Folders of CDB lists, which rules name as etc/lists/NAME. */
  readonly lists: readonly string[];
}

export interface RulesUnderTest {
  /** As they were loaded: packs, stock, own. */
  readonly files: readonly string[];
  readonly loaded: LoadedRuleset;
  /** Rules out of the files of `rules`. */
  readonly own: readonly Rule[];
  /** What makes a rule do something else than its file says. */
  readonly problems: readonly RuleProblem[];
  openEngine(options?: Pick<EngineOptions, 'asLogtest'>): Engine;
}

/**
 * Loads packs and rule files together, as Wazuh does with all that lies in etc/rules. A pack whose file is among the given ones is
 * not added a second time.
 *
 * @throws {Failure} RULES_REFUSED; what host-files throws
 */
export async function loadRulesUnderTest(
  { packs, rules, ruleset, lists }: RulesUnderTestOptions,
  resolvePath: (path: string) => string,
): Promise<RulesUnderTest> {
  const own = await readRuleFiles(rules, resolvePath);
  const stock = await readRuleFiles(ruleset, resolvePath);
  const names = new Set(own.map(({ name }) => basename(name)));
  const packFiles = packs
    .filter((pack) => !PACKS.find(({ name }) => name === pack)?.files.some((file) => names.has(file)))
    .flatMap((pack) => [...renderPack(pack)].map(([name, text]): RuleFile => ({ name, text })));
  const listTexts = new Map((await Promise.all(lists.map((folder) => readLists(folder, resolvePath)))).flat());
  const files = [...packFiles, ...stock, ...own];
  const loaded = loadRules(files, {
    compilePattern: refusePattern,
    lists: new Set(listTexts.keys()),
    ...(stock.length === 0 ? { outsideRules: 'stock' as const } : {}),
  });
  if (loaded.exitCode !== 0) throw refusal(loaded.problems);
  const ownNames = new Set(own.map(({ name }) => name));
  return {
    files: files.map(({ name }) => name),
    loaded,
    own: [...loaded.rules.values()].filter(({ place }) => ownNames.has(place.file)),
    problems: loaded.problems.filter(({ severity, file }) => severity !== 'warning' && ownNames.has(file)),
    openEngine: (options = {}) => createEngine(loaded, { ...options, lists: listTexts, unsupported: 'undecided' }),
  };
}

async function readLists(folder: string, resolvePath: (path: string) => string): Promise<readonly (readonly [string, Uint8Array])[]> {
  const entries = await readdir(resolvePath(folder), { withFileTypes: true }).catch((error: Error) => {
    throw new Failure('FILE_MISSING', `The folder of lists ${folder} cannot be read: ${error.message}.`, {
      hint: 'Name the folder that holds the sources of the CDB lists, as /var/ossec/etc/lists does.',
    });
  });
  const names = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.cdb')).map(({ name }) => name);
  return Promise.all(names.map(async (name) => [`etc/lists/${name}`, await readHostFile(resolvePath(join(folder, name)))] as const));
}

const SHOWN = 5;

function refusal(problems: readonly RuleProblem[]): Failure {
  const fatal = problems.filter(({ severity }) => severity === 'refuses-to-start').slice(0, SHOWN);
  const lines = fatal.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`);
  return new Failure('RULES_REFUSED', `wazuh-analysisd would not start with these rules: ${lines.join('; ')}`, {
    hint: 'Mend them; `k8s-audit rules check FILE` explains each problem.',
  });
}
