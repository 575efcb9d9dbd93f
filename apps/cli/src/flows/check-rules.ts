import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { readHostFile } from '@k8s-audit/host-files';
import { refusePattern } from '@k8s-audit/rule-engine';
import { checkComplianceTag, loadRules, type Rule, type RuleFile, type RuleProblem, STOCK_LISTS } from '@k8s-audit/wazuh-rules';

export interface CheckRulesOptions {
  /** Rule files that Wazuh ships, or others that are loaded beside these. Absent: ids below 100,000 are taken to be there. */
  readonly ruleset?: readonly RuleFile[];
  /** Files of our packs, which own rules may hang below. */
  readonly packs?: readonly RuleFile[];
  /** CDB lists declared in ossec.conf beside the stock ones. Absent: every list is taken to be there. */
  readonly lists?: readonly string[];
}

export interface CheckedRules {
  /** As given. */
  readonly files: readonly string[];
  /** Rules of these files that Wazuh would have after loading. */
  readonly loadedRules: number;
  readonly problems: readonly FoundProblem[];
  /** What `wazuh-analysisd -t` would end with. */
  readonly wazuhExitCode: 0 | 1;
  /** What it would print. */
  readonly wazuhLog: readonly string[];
}

export interface FoundProblem extends RuleProblem {
  /** The line of the file; undefined where it is no text. */
  readonly sourceLine?: string;
  /** False: a remark; the rules do what they say. Whatever Wazuh itself warns of is none. */
  readonly fails: boolean;
}

/** Loads the files as Wazuh would and tells everything that is wrong with them, also what Wazuh would come to only later. */
export function checkRules(files: readonly RuleFile[], { ruleset, packs = [], lists }: CheckRulesOptions): CheckedRules {
  const loaded = loadRules([...(ruleset ?? []), ...packs, ...files], {
    compilePattern: refusePattern,
    afterRefusal: 'continue',
    ...(ruleset === undefined ? { outsideRules: 'stock' } : {}),
    ...(lists === undefined ? {} : { lists: new Set([...STOCK_LISTS, ...lists]) }),
  });
  const names = new Set(files.map((file) => file.name));
  const ours = [...loaded.rules.values()].filter((rule) => names.has(rule.place.file));
  // A stock file with a problem of its own is not what was asked, unless nothing works because of it.
  const problems = loaded.problems.filter((problem) => names.has(problem.file) || problem.severity === 'refuses-to-start');
  const sourceLine = createLineReader(files);
  return {
    files: files.map((file) => file.name),
    loadedRules: ours.length,
    problems: inReadingOrder([...problems, ...ours.flatMap(misspeltTags)]).map((problem) => {
      const line = sourceLine(problem.file, problem.line);
      const fails = problem.severity !== 'warning' || problem.logLines.length > 0;
      return { ...problem, ...(line === undefined ? {} : { sourceLine: line }), fails };
    }),
    wazuhExitCode: loaded.exitCode,
    wazuhLog: loaded.log,
  };
}

/** By place within a file; files in the order in which Wazuh loads them, which is that of their first problem. */
function inReadingOrder(problems: readonly RuleProblem[]): readonly RuleProblem[] {
  const files = [...new Set(problems.map((problem) => problem.file))];
  return problems.toSorted(
    (left, right) => files.indexOf(left.file) - files.indexOf(right.file) || left.line - right.line || left.column - right.column,
  );
}

/** Files as they are, of folders every `.xml`, in the order given. */
export async function readRuleFiles(paths: readonly string[], resolvePath: (path: string) => string): Promise<readonly RuleFile[]> {
  const files: RuleFile[] = [];
  for (const path of paths) {
    const isFolder = (await stat(resolvePath(path)).catch(() => undefined))?.isDirectory() === true;
    const names = isFolder ? await xmlFilesOf(path, resolvePath) : [path];
    for (const name of names) files.push({ name, text: await readHostFile(resolvePath(name)) });
  }
  return files;
}

async function xmlFilesOf(folder: string, resolvePath: (path: string) => string): Promise<readonly string[]> {
  const names = (await readdir(resolvePath(folder))).filter((name) => name.endsWith('.xml')).sort();
  if (names.length === 0)
    throw new Failure('FILE_MISSING', `${folder} has no rule file.`, { hint: 'Rule files end in .xml; name them, or another folder.' });
  return names.map((name) => join(folder, name));
}

/** A tag that Wazuh does not recognise is an ordinary group, and missing from the compliance dashboards. */
function misspeltTags(rule: Rule): readonly RuleProblem[] {
  return rule.groups.flatMap((group) => {
    const check = checkComplianceTag(group);
    if (check.kind !== 'misspelt') return [];
    const hint = check.suggestion === undefined ? 'Look at the tags of a stock rule of this kind.' : `Write ${check.suggestion}.`;
    return [
      {
        ...rule.place,
        code: 'compliance-spelling',
        severity: 'changes-rule' as const,
        message: `'${group}' is not the spelling of a compliance tag, and so an ordinary group.`,
        logLines: [],
        hint,
        ruleId: rule.id,
        reached: true,
      },
    ];
  });
}

function createLineReader(files: readonly RuleFile[]): (file: string, line: number) => string | undefined {
  const lines = new Map<string, readonly string[]>();
  return (name, line) => {
    const file = files.find((candidate) => candidate.name === name);
    if (file === undefined) return undefined;
    const known =
      lines.get(name) ??
      Buffer.from(file.text as Uint8Array)
        .toString('utf8')
        .split('\n');
    lines.set(name, known);
    return known[line - 1];
  };
}
