import { DRILLS, WITHOUT_DRILL } from '@k8s-audit/cli/drills';
import { CORE_DETECTIONS, DEFAULT_ID_BASE } from '@k8s-audit/detections';

/** One row a detection of the pack: its drill, or why there is none. */
export function renderDrills(): string {
  const rows = CORE_DETECTIONS.map(({ slug, title, ruleOffset, escalations = [] }) => {
    const drill = DRILLS.find(({ detection }) => detection === slug);
    const rules = [ruleOffset, ...escalations.map((each) => each.ruleOffset)].map((offset) => DEFAULT_ID_BASE + offset);
    const does = drill === undefined ? `*none:* ${WITHOUT_DRILL[slug]}` : drill.steps.join('; then ');
    return `| [${slug}](detections.md#${slug}) | ${title} | ${rules.join(', ')} | ${does} |`;
  });
  return `# Drills

\`k8s-audit drill run NAME\` does something harmless and real on a cluster, in a namespace \`k8s-audit-drill-…\` that is taken away at the end, and follows its event to
the alert; \`k8s-audit drill all\` is the acceptance test of a new set-up ([guide](../guides/prove-it-works.md#drills-do-the-rules-alert)). A drill has passed when alerts.json
holds an alert of the deed’s own event, and that event carries the detection.

| drill | detection | rules | what it does |
|---|---|---|---|
${rows.join('\n')}

The rules of [the pipeline’s health](detections.md#the-pipelines-health) have no drill: nothing that happens on a cluster sets them off, and their conditions (a full spool, an ended
certificate) are not harmless. They are held by tests of the receiver.
`;
}
