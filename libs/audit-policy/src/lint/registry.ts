import { BODY_KINDS, checkBodies } from './checks/bodies.ts';
import { CATCH_ALL_KINDS, checkCatchAll } from './checks/catch-all.ts';
import { CIS_KINDS, checkCis } from './checks/cis.ts';
import { checkGroupNames, GROUP_NAME_KINDS } from './checks/group-names.ts';
import { checkIgnoredText, IGNORED_TEXT_KINDS } from './checks/ignored-text.ts';
import { checkLiteralNames, LITERAL_NAME_KINDS } from './checks/literal-names.ts';
import { checkLoading, LOADING_KINDS } from './checks/loading.ts';
import { checkNoise, NOISE_KINDS } from './checks/noise.ts';
import { checkPaths, PATH_KINDS } from './checks/paths.ts';
import { checkRepetition, REPETITION_KINDS } from './checks/repetition.ts';
import { checkResourceNames, RESOURCE_NAME_KINDS } from './checks/resource-names.ts';
import { checkStages, STAGE_KINDS } from './checks/stages.ts';
import { checkUnreachable, UNREACHABLE_KINDS } from './checks/unreachable.ts';
import { checkVerbs, VERB_KINDS } from './checks/verbs.ts';
import type { LintCheck } from './context.ts';
import type { FindingKind } from './finding.ts';

/** Findings that belong together, in the order of the reference page. A new one is a file in checks/ and a line here. */
export interface FindingFamily {
  readonly title: string;
  readonly kinds: readonly FindingKind[];
  readonly check: LintCheck;
}

export const FINDING_FAMILIES: readonly FindingFamily[] = [
  { title: 'Policies that do not load', kinds: LOADING_KINDS, check: checkLoading },
  { title: 'Text that is ignored', kinds: IGNORED_TEXT_KINDS, check: checkIgnoredText },
  { title: 'Rules that decide nothing', kinds: UNREACHABLE_KINDS, check: checkUnreachable },
  { title: 'Catch-alls', kinds: CATCH_ALL_KINDS, check: checkCatchAll },
  { title: 'API groups', kinds: GROUP_NAME_KINDS, check: checkGroupNames },
  { title: 'Resources', kinds: RESOURCE_NAME_KINDS, check: checkResourceNames },
  { title: 'Users, namespaces and names', kinds: LITERAL_NAME_KINDS, check: checkLiteralNames },
  { title: 'Verbs', kinds: VERB_KINDS, check: checkVerbs },
  { title: 'Paths', kinds: PATH_KINDS, check: checkPaths },
  { title: 'Stages', kinds: STAGE_KINDS, check: checkStages },
  { title: 'Bodies', kinds: BODY_KINDS, check: checkBodies },
  { title: 'Benchmarks', kinds: CIS_KINDS, check: checkCis },
  { title: 'Noise', kinds: NOISE_KINDS, check: checkNoise },
  { title: 'Repetition', kinds: REPETITION_KINDS, check: checkRepetition },
];

export const FINDING_KINDS: readonly FindingKind[] = FINDING_FAMILIES.flatMap(({ kinds }) => kinds);
