import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { techniqueOf } from '@k8s-audit/rule-engine';
import { checkComplianceTag } from '@k8s-audit/wazuh-rules';
import { describe, expect, it } from 'vitest';
import { CORE_DETECTIONS } from './catalogue.ts';
import { compileCondition } from './condition/evaluate.ts';
import { detect } from './detect.ts';
import { wireFields } from './example-event.ts';
import { LEVEL_BY_SEVERITY } from './severity.ts';

describe.each(CORE_DETECTIONS)('$slug', (detection) => {
  it.each(detection.examples)('$title: $alerts', ({ alerts, k8s }) => {
    expect(detect(wireFields(k8s)).includes(detection.slug)).toBe(alerts !== 'none');
  });

  it('has examples that fire, examples that do not, and one for each of its rules', () => {
    const offsets = [detection.ruleOffset, ...(detection.escalations ?? []).map(({ ruleOffset }) => ruleOffset)];
    const alerting = detection.examples.map(({ alerts }) => alerts);
    expect(alerting).toContain('none');
    expect(new Set(alerting.filter((each) => each !== 'none'))).toEqual(new Set(offsets));
  });

  it('needs every one of its tests: an example that does not fire fails just for it', () => {
    const quiet = detection.examples.filter(({ alerts }) => alerts === 'none').map(({ k8s }) => wireFields(k8s));
    for (const test of detection.condition) {
      const others = compileCondition(detection.condition.filter((each) => each !== test));
      expect(
        quiet.some((k8s) => others(k8s) === 'true' && compileCondition([test])(k8s) === 'false'),
        JSON.stringify(test),
      ).toBe(true);
    }
  });

  it('escalates only upwards', () => {
    for (const { severity } of detection.escalations ?? [])
      expect(LEVEL_BY_SEVERITY[severity]).toBeGreaterThan(LEVEL_BY_SEVERITY[detection.severity]);
  });

  it('stands in a folder of its name, and spells its compliance tags as Wazuh does', () => {
    expect(existsSync(join(import.meta.dirname, detection.slug, 'detection.ts'))).toBe(true);
    for (const tag of detection.compliance) expect([tag, checkComplianceTag(tag)]).toEqual([tag, { kind: 'known' }]);
  });

  it('carries ATT&CK ids that Wazuh 4 can know, and words that no list splits', () => {
    for (const id of detection.attack) {
      expect(id).toMatch(/^T1\d{3}(\.\d{3})?$/);
      // Or the embedded back end would leave it out of its alerts.
      expect([id, techniqueOf(id)]).toEqual([id, { name: expect.any(String), tactics: expect.any(Array) }]);
    }
    for (const word of [detection.slug, ...detection.groups]) expect(word).toMatch(/^[a-z0-9]+([_-][a-z0-9]+)*$/);
  });
});

it('gives each rule its own offset below the block of the pipeline’s health', () => {
  const offsets = CORE_DETECTIONS.flatMap(({ ruleOffset, escalations }) => [
    ruleOffset,
    ...(escalations ?? []).map((each) => each.ruleOffset),
  ]);
  expect(new Set(offsets).size).toBe(offsets.length);
  for (const offset of offsets) expect(offset >= 100 && offset < 800).toBe(true);
  expect(offsets.length).toBeLessThanOrEqual(10);
});

it('reports every detection that matches, in the order of the catalogue', () => {
  expect(detect(wireFields())).toEqual(['workload-created']);
  expect(detect(wireFields({ action: 'get pods', responseStatus: { code: '200' } }))).toEqual([]);
  expect(detect({})).toEqual([]);
});
