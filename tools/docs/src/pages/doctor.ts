import { CATEGORIES, type Category } from '@k8s-audit/checks';
import { ALL_CHECKS } from '@k8s-audit/cli/doctor';

/** One entry a check, by category, in the order in which the doctor asks. */
export function renderDoctor(): string {
  const sections = (Object.keys(CATEGORIES) as Category[]).flatMap((category) => {
    const own = ALL_CHECKS.filter((check) => check.category === category);
    return own.length === 0 ? [] : [`## ${CATEGORIES[category]}`, ...own.map(renderCheck)];
  });
  return `# The doctor’s checks

\`k8s-audit doctor\` asks these questions, each where it can be answered: on a Wazuh server, on a control-plane node, or on both. Below each complaint it prints what
was seen and what to do next. A check that does not apply is skipped and says so; it never counts as good.

${sections.join('\n\n')}`;
}

function renderCheck({ id, statement, why, needs, isPre }: (typeof ALL_CHECKS)[number]): string {
  const remarks = [
    ...(isPre ? ['Asked with `--pre` too.'] : []),
    ...(needs?.length ? [`Needs ${needs.map((need) => `\`${need}\``).join(', ')}.`] : []),
  ];
  return `### ${id}\n\nGood: ${statement}.\n\n${why}${remarks.length > 0 ? ` ${remarks.join(' ')}` : ''}`;
}
