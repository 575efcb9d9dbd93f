import { CORE_DETECTIONS } from './catalogue.ts';
import type { FieldTest } from './condition/field-test.ts';
import type { Detection, Needs } from './detection.ts';
import { healthRuleTable } from './health/health-rules.ts';
import { DEFAULT_ID_BASE } from './packs/rule-ids.ts';
import { LEVEL_BY_SEVERITY } from './severity.ts';

/** docs/reference/detections.md, as Markdown. */
export function renderDetectionsPage(): string {
  return `# Detections

What the pack \`core\` alerts on (\`k8s-audit rules render\`). Rule ids are for the default base ${DEFAULT_ID_BASE}. Each event carries every detection it
matches in \`k8s.detections\`, and \`k8s.excepted\` those that an exception covers, which then do not alert.

| rule | level | detection | ATT&CK |
|---|---|---|---|
${CORE_DETECTIONS.flatMap(overviewRows).join('\n')}

${CORE_DETECTIONS.map(section).join('\n\n')}

## The pipeline’s health

What the receiver reports about itself and about what is in front of and behind it ([wire event](wire-event.md#health-events)). All are below ${DEFAULT_ID_BASE + 900}, group \`k8s_health\`.

| rule | level | \`k8s.health.kind\` | meaning |
|---|---|---|---|
${healthRuleTable(DEFAULT_ID_BASE)
  .map(({ id, level, kind, says }) => `| ${id} | ${level} | \`${kind}\` | ${says} |`)
  .join('\n')}
`;
}

function overviewRows(detection: Detection): readonly string[] {
  const { slug, title, attack } = detection;
  return rulesOf(detection).map(({ id, level, when }) => `| ${id} | ${level} | [${title}](#${slug})${when} | ${attack.join(' ')} |`);
}

function rulesOf({ ruleOffset, severity, escalations = [] }: Detection): readonly { id: number; level: number; when: string }[] {
  return [
    { id: DEFAULT_ID_BASE + ruleOffset, level: LEVEL_BY_SEVERITY[severity], when: '' },
    ...escalations.map((each) => ({
      id: DEFAULT_ID_BASE + each.ruleOffset,
      level: LEVEL_BY_SEVERITY[each.severity],
      when: `, where ${each.when.map(describeTest).join(' and ')}`,
    })),
  ];
}

function section(detection: Detection): string {
  const { slug, title, why, escalations = [], compliance, condition, needs, examples } = detection;
  const fires = examples.filter(({ alerts }) => alerts !== 'none');
  const quiet = examples.filter(({ alerts }) => alerts === 'none');
  return `<a id="${slug}"></a>
## ${title}

\`${slug}\`. ${why}

${rulesOf(detection)
  .map(({ id, level, when }) => `- rule ${id}, level ${level}${when}`)
  .join('\n')}
${escalations.map(({ why: reason }) => `- escalated: ${reason}\n`).join('')}- compliance: ${compliance.map((tag) => `\`${tag}\``).join(' ')}

| the event has | |
|---|---|
${condition.map((test) => `| \`k8s.${test.field}\` | ${describeValues(test)} |`).join('\n')}

The audit policy must record ${describeNeeds(needs)}.

Alerts: ${fires.map(({ title: example }) => example).join('; ')}.
Does not: ${quiet.map(({ title: example }) => example).join('; ')}.`;
}

function describeTest(test: FieldTest): string {
  return `\`k8s.${test.field}\` is ${describeValues(test)}`;
}

function describeValues(test: FieldTest): string {
  const negation = test.op === 'is-not' || test.op === 'matches-not' ? 'not ' : '';
  if ('values' in test) return `${negation}${test.values.map((value) => `\`${value}\``).join(' or ')}`;
  return `${negation}like \`${test.pattern.replaceAll('|', String.raw`\|`)}\``;
}

function describeNeeds({ level, resources, verbs, stages }: Needs): string {
  const what =
    resources === '*'
      ? 'every request'
      : resources.map((each) => each.resources.map((name) => (each.group === '' ? name : `${name}.${each.group}`)).join(', ')).join(', ');
  return `${what}${verbs === '*' ? '' : ` (${verbs.join(', ')})`} at level ${level} or above, with the stage ${stages.join(' and ')}`;
}
