import { CORE_RULES_FILE, END_RULES_FILE, renderCorePack } from './core-pack.ts';
import { GUIDE_RULES_FILE, GUIDE_RULES_TEXT } from './guide-pack.ts';
import { checkIdBase, DEFAULT_ID_BASE } from './rule-ids.ts';

export type PackName = 'core' | 'guide';

export interface Pack {
  readonly name: PackName;
  readonly summary: string;
  readonly files: readonly string[];
}

export const PACKS: readonly Pack[] = [
  { name: 'core', summary: 'the detections of this project, rules 118000 to 118999', files: [CORE_RULES_FILE, END_RULES_FILE] },
  { name: 'guide', summary: 'the three rules of the hand-followed guide, 110002 to 110004', files: [GUIDE_RULES_FILE] },
];

export interface PackOptions {
  /** First of the thousand rule ids of the pack `core`, default 118000; the guide's ids are fixed. */
  readonly idBase?: number;
}

/**
 * The rule files of a pack, by their names in etc/rules.
 *
 * @throws Failure RULE_ID_BASE_INVALID
 */
export function renderPack(name: PackName, { idBase = DEFAULT_ID_BASE }: PackOptions = {}): ReadonlyMap<string, string> {
  return name === 'guide' ? new Map([[GUIDE_RULES_FILE, GUIDE_RULES_TEXT]]) : renderCorePack(checkIdBase(idBase));
}
