import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type PackName, renderPack } from '@k8s-audit/detections';
import { Failure } from '@k8s-audit/failure';
import { readHostFile, type WantedFile } from '@k8s-audit/host-files';
import { findIdClashes, freeIdBase, listRuleIds, type RuleFile } from '@k8s-audit/wazuh-rules';
import { PLACES, type WazuhInstallation } from '@k8s-audit/wazuh-server';
import { checkRules } from '../check-rules.ts';

/** Ids that a pack takes from its base on. */
const IDS_OF_A_PACK = 1_000;
/** etc/rules belongs to the user wazuh, who also reads it; the API replaces files there. */
const RULE_FILE_MODE = 0o660;

export interface PlannedRules {
  readonly files: readonly WantedFile[];
  /** Remarks on rules that were there before: they are theirs, and stay. */
  readonly notes: readonly string[];
}

/**
 * The rule files of the packs, checked together with all that the manager has: what Wazuh would refuse, drop or shadow is found before
 * anything is written.
 *
 * @throws Failure RULES_REFUSED, RULE_ID_CLASH
 */
export async function planRules(
  installation: WazuhInstallation,
  { packs, idBase }: { readonly packs: readonly PackName[]; readonly idBase?: number },
): Promise<PlannedRules> {
  const folder = join(installation.home, PLACES.rules);
  const ours = new Map(packs.flatMap((pack) => [...renderPack(pack, idBase === undefined ? {} : { idBase })]));
  const others = (await rulesBelow(folder)).filter(({ name }) => !ours.has(name));
  const stock = await rulesBelow(join(installation.home, 'ruleset/rules'));
  const ourFiles = [...ours].map(([name, text]) => ({ name, text }));
  refuseClashes(ourFiles, [...stock, ...others]);

  const lists = await listsBelow(join(installation.home, PLACES.lists));
  const checked = checkRules([...others, ...ourFiles], { lists, ...(stock.length > 0 ? { ruleset: stock } : {}) });
  const bad = checked.problems.filter(({ fails }) => fails);
  const inOurs = bad.filter(({ file, severity }) => ours.has(file) || severity === 'refuses-to-start');
  if (inOurs.length > 0)
    throw new Failure('RULES_REFUSED', inOurs.map(({ file, line, message }) => `${file}:${line}: ${message}`).join('\n  '), {
      hint: `Mend it first: k8s-audit rules check ${folder}`,
    });
  return {
    files: [...ours].map(([name, text]) => ({ path: join(folder, name), content: text, mode: RULE_FILE_MODE, owner: installation.owner })),
    notes: bad.map(({ file, line, message }) => `${file}:${line}: ${message} (not ours, left as it is)`),
  };
}

function refuseClashes(ours: readonly RuleFile[], others: readonly RuleFile[]): void {
  const taken = listRuleIds(others);
  const clashes = findIdClashes(taken, listRuleIds(ours));
  if (clashes.length === 0) return;
  const base = freeIdBase(new Set(taken.map(({ id }) => id)), IDS_OF_A_PACK, 118_000);
  const named = clashes.slice(0, 5).map(({ id, left }) => `${id} in ${left.file}:${left.line}`);
  throw new Failure('RULE_ID_CLASH', `${clashes.length} rule ids are taken: ${named.join(', ')}${clashes.length > 5 ? ', …' : ''}.`, {
    hint:
      base === undefined
        ? 'No thousand ids are free between 100000 and 119999: free some.'
        : `Choose other ids with --id-base ${base}; the guide’s 110002 to 110004 cannot move.`,
  });
}

/** Rule files of a folder, by their name in it. */
export async function rulesBelow(folder: string): Promise<readonly RuleFile[]> {
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder)).filter((name) => name.endsWith('.xml')).sort();
  return Promise.all(names.map(async (name) => ({ name, text: await readHostFile(join(folder, name)) })));
}

/** As rules name them: `etc/lists/k8s-users`, of every list that is there. */
async function listsBelow(folder: string): Promise<readonly string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.cdb'))
    .map((entry) => `etc/lists${join(entry.parentPath, entry.name).slice(folder.length)}`);
}
