import { HEALTH_KINDS, HEALTH_SCHEMA } from '../health/health-event.ts';
import { LATE_AFTER_MS } from './lateness.ts';
import { LIMIT_STEPS, type WireLimits } from './limits.ts';
import { WIRE_SCHEMA, type WireField } from './wire-schema.ts';

/** docs/reference/wire-event.md, from the schema. */
export function renderWireEventPage(): string {
  return `# The wire event, version 1

<!-- Generated from libs/event-pipeline (WIRE_SCHEMA) by \`npm run docs\`. -->

What Wazuh receives of one audit event: one datagram, \`1:LOCATION:\` and this document. In an alert everything stands under
\`data.\`; in a rule the names are used as below, \`<field name="k8s.facts.privileged">^true$</field>\`.

- **Every value is a text or a list of texts**, numbers and \`true\` included: the index never meets two types under one name.
- **Closed**: ${WIRE_SCHEMA.length} fields at most, all below. Maps whose keys anyone may choose are lists of \`key=value\`.
- **Spacing** is Python's (\`, \` and \`: \`), the order is the one of this page (facts in any), and \`requestURI\` stands directly before \`verb\`: hand-written rules that
  look at the text still match.
- **Control characters**, line separators and marks that turn the writing direction are replaced by U+FFFD; a text that begins with \`[\` gets a blank in
  front, because wazuh-analysisd would take it apart.
- **What was computed comes first**, so that nothing a client sends can push it out.
- **Absent is not false.** A field without \`always\` is left out when it is empty, and in Wazuh a missing field never matches, negated or not. Facts are
  read from the bodies that were recorded; \`k8s.unseen\` names those that were not.
- **Late** is an event whose stage is more than ${LATE_AFTER_MS / 60_000} minutes old when it is sent (\`lateAfterSeconds\`): windows in Wazuh count arrivals.

## Fields

| field | type | always | at most | what it says |
|---|---|---|---|---|
${WIRE_SCHEMA.map(renderField).join('\n')}

## Health events

What the receiver reports about the pipeline itself comes the same way, under the location of the cluster that it is about, else \`k8s\`. Such an event has
the mark \`k8s.schema\` and no \`apiVersion\`. The rules are in [detections](detections.md#the-pipelines-health). A problem is reported when it begins, again while it lasts (\`health.repeatHours\`),
and when it is over; one that comes and goes is reported once an hour at most.

| field | type | always | at most | what it says |
|---|---|---|---|---|
${HEALTH_SCHEMA.map(renderField).join('\n')}

| \`k8s.health.kind\` | meaning |
|---|---|
${Object.entries(HEALTH_KINDS)
  .map(([kind, says]) => `| \`${kind}\` | ${says} |`)
  .join('\n')}

## When it does not fit

A datagram to a manager holds 65,535 bytes, its header included, and wazuh-analysisd cuts what is longer without a word. An event that is longer is
shortened in these steps, each on top of the ones before it, until it fits; \`k8s.trimmed\` names the fields. Bytes are of UTF-8, before JSON's escapes.
A body is never cut in the middle: its small fields stay, large ones are shortened and say by how much (\`[trimmed 81920]\`). \`k8s.auditID\` and
the two times name the event in every other copy of it, such as the API server's own log.

| step | bodies | annotations | extra | text | list | fact |
|---|---|---|---|---|---|---|
${LIMIT_STEPS.map(renderStep).join('\n')}

## Where facts are read

A create or an update: the object that was stored, when the response was recorded, else the one that was sent. A patch: what the patch itself sets, JSON
Patch included; what it leaves alone was there before. Roles and bindings: what was stored, also for a patch. Pods and every template of a pod
(\`spec.template\`, \`spec.jobTemplate\`) count alike, and of the containers the init and ephemeral ones too; \`k8s.facts.workload\` tells a template from a pod.
`;
}

function renderField({ name, type, always, maxBytes, values, says }: WireField): string {
  const shown = values === undefined ? says : `${values.map((value) => `\`${value}\``).join(', ')}: ${says}`;
  return `| \`${name}\` | ${type} | ${always ? 'always' : ''} | ${maxBytes === undefined ? '' : bytes(maxBytes)} | ${shown.replaceAll('|', '\\|')} |`;
}

function renderStep(limits: WireLimits, step: number): string {
  const cells = [limits.bodies, limits.annotations, limits.extra, limits.text, limits.list, limits.fact];
  return `| ${step} | ${cells.map(bytes).join(' | ')} |`;
}

function bytes(count: number): string {
  return count.toLocaleString('en-US');
}
