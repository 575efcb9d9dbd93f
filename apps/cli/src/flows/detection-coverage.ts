import { type Coverage, coverageOf, describeRequests, findPlace, type Gap, type Policy } from '@k8s-audit/audit-policy';
import { CORE_DETECTIONS } from '@k8s-audit/detections';
import { renderTable } from '../text-table.ts';
import type { LoadedPolicy } from './load-policy.ts';

/** Detections against policies: which alerts can come, which only in part, which never. */
export interface CoverageMatrix {
  readonly policies: readonly string[];
  readonly detections: readonly { readonly slug: string; readonly title: string; readonly coverage: readonly Coverage[] }[];
}

/** One column a policy, one row a detection of the pack. */
export function coverageMatrix(policies: readonly LoadedPolicy[]): CoverageMatrix {
  return {
    policies: policies.map(({ name }) => name),
    detections: CORE_DETECTIONS.map(({ slug, title, needs }) => ({
      slug,
      title,
      coverage: policies.map(({ policy }) => coverageOf(policy, needs)),
    })),
  };
}

/** The matrix; of one policy alone also what is missing, and which rule leaves it out. */
export function renderCoverage(matrix: CoverageMatrix, policies: readonly LoadedPolicy[]): string {
  const rows = matrix.detections.map(({ slug, coverage }) => [slug, ...coverage.map(({ kind }) => WORDS[kind])]);
  const counts = policies.map((_, column) => matrix.detections.filter(({ coverage }) => coverage[column]?.kind === 'full').length);
  const sum = ['can fire wholly', ...counts.map((count) => `${count} of ${matrix.detections.length}`)];
  const table = renderTable(['detection', ...matrix.policies], [...rows, sum]);
  const [only, ...more] = policies;
  if (only === undefined || more.length > 0)
    return `${table}\n\nOne policy alone shows what is missing: k8s-audit coverage --profile recommended`;
  const gaps = matrix.detections.flatMap(({ slug, coverage }) => renderGaps(slug, coverage[0], only));
  return [table, ...gaps].join('\n\n');
}

/** What an adjusted policy no longer shows of what it was made from, a line a detection. */
export function describeLosses(before: Policy, after: Policy): readonly string[] {
  return CORE_DETECTIONS.flatMap(({ slug, needs }) => {
    const [a, b] = [coverageOf(before, needs), coverageOf(after, needs)];
    const isWorse = RANK.indexOf(b.kind) < RANK.indexOf(a.kind) || (a.kind === b.kind && gapCount(b) > gapCount(a));
    if (!isWorse) return [];
    const how = b.kind === 'blind' ? 'sees nothing any more' : 'sees less than before';
    return [`note: the detection ${slug} ${how}; k8s-audit coverage --policy FILE shows what`];
  });
}

const WORDS: Readonly<Record<Coverage['kind'], string>> = { full: 'full', partial: 'partly', blind: 'BLIND', 'too-large': '?' };
const RANK: readonly Coverage['kind'][] = ['too-large', 'blind', 'partial', 'full'];

/** Detections that leave out every controller by name would fill the page with them. */
const MAX_NAMES = 4;

/** An exclusion adds a rule that leaves something out. */
function gapCount(coverage: Coverage): number {
  return 'gaps' in coverage ? coverage.gaps.length : 0;
}

function renderGaps(slug: string, coverage: Coverage | undefined, policy: LoadedPolicy): readonly string[] {
  if (coverage?.kind === 'too-large') return [`${slug}: the policy names so many things together that this cannot be worked out`];
  if (coverage === undefined || coverage.kind === 'full') return [];
  const heading = coverage.kind === 'blind' ? `${slug} can never fire:` : `${slug} does not see:`;
  return [[heading, ...coverage.gaps.map((gap) => renderGap(gap, policy))].join('\n')];
}

function renderGap(gap: Gap, { source, name }: LoadedPolicy): string {
  const { isExact, partCount, lacks, level, missingStages, rule } = gap;
  const { what, who } = describeRequests(gap, MAX_NAMES);
  const recorded = lacks === 'stage' ? `no ${missingStages.join(', ')}` : level === 'None' ? 'nothing is recorded' : `only ${level}`;
  const by = rule === undefined ? 'no rule matches' : `rules[${rule}], ${name}:${findPlace(source.root, `rules[${rule}]`).line}`;
  const some = isExact ? [] : [`    (not every combination of these; ${partCount} parts, -o json lists them)`];
  return [`  ${what}`, `    by ${who}`, ...some, `    ${recorded}: ${by}`].join('\n');
}
