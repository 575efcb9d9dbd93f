import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listRuleIds, loadRules, type RuleFile } from '@k8s-audit/wazuh-rules';
import { describe, expect, it } from 'vitest';
import { CORE_DETECTIONS } from '../catalogue.ts';
import { HEALTH_RULES } from '../health/health-rules.ts';
import { LEVEL_BY_SEVERITY } from '../severity.ts';
import { PACKS, renderPack } from './pack.ts';

const REPOSITORY = join(import.meta.dirname, '../../../..');
const filesOf = (files: ReadonlyMap<string, string>): readonly RuleFile[] => [...files].map(([name, text]) => ({ name, text }));

describe('the pack guide', () => {
  it('is the guide’s file, letter by letter', () => {
    expect([...renderPack('guide').values()]).toEqual([readFileSync(join(REPOSITORY, 'fixtures/guide/rules.xml'), 'utf8')]);
  });
});

describe('the pack core', () => {
  const files = filesOf(renderPack('core'));
  const ruleset = loadRules(files);
  const text = files.map((file) => file.text).join('\n');

  it('loads without a word from Wazuh', () => {
    expect(ruleset).toMatchObject({ exitCode: 0, problems: [] });
  });

  it('has the base rule, at most ten rules of detections below it, those of the pipeline’s health, and the end rule in the last file', () => {
    const ids = listRuleIds(files).map(({ id }) => id);
    expect(ids).toEqual([
      118000,
      ...CORE_DETECTIONS.flatMap((each) => [each.ruleOffset, ...(each.escalations ?? []).map(({ ruleOffset }) => ruleOffset)]).map(
        (offset) => 118_000 + offset,
      ),
      118900,
      ...Object.values(HEALTH_RULES).map(({ offset }) => 118_000 + offset),
      118990,
      118999,
    ]);
    expect(ids.filter((id) => id > 118_000 && id < 118_900).length).toBeLessThanOrEqual(10);
    expect(listRuleIds(files).at(-1)?.place.file).toBe('zz_k8s_audit_end.xml');
  });

  it('opens and closes with the marker and the location, no alert, no decoder', () => {
    for (const id of [118_000, 118_999])
      expect(ruleset.rules.get(id)).toMatchObject({
        level: 0,
        parents: { kind: 'category', category: 'syslog' },
        conditions: [
          { kind: 'location', pattern: { type: 'pcre2', text: '^(\\([A-Za-z0-9._-]+\\) audit->)?k8s$', negate: false } },
          { kind: 'field', name: 'k8s.schema', pattern: { type: 'pcre2', text: '^1$', negate: false } },
        ],
      });
    expect(ruleset.rules.get(118_000)?.noalert).toBe(true);
    expect(ruleset.rules.get(118_999)?.noalert).not.toBe(true);
    expect(text).not.toContain('decoded_as');
  });

  it('never sets off an active response', () => {
    for (const rule of ruleset.rules.values())
      if (rule.id >= 118_000) expect([rule.id, rule.alert.noActiveResponse]).toEqual([rule.id, true]);
  });

  it('hangs each escalation below its detection, which every rule lets an exception silence', () => {
    for (const detection of CORE_DETECTIONS) {
      const own = ruleset.rules.get(118_000 + detection.ruleOffset);
      expect(own).toMatchObject({ level: LEVEL_BY_SEVERITY[detection.severity], parents: { kind: 'sid', ids: [118_000] } });
      expect(own?.conditions.at(-1)).toEqual({
        kind: 'field',
        name: 'k8s.excepted',
        pattern: { type: 'pcre2', text: `(^|,)${detection.slug}(,|$)`, negate: true },
      });
      for (const { ruleOffset, severity } of detection.escalations ?? [])
        expect(ruleset.rules.get(118_000 + ruleOffset)).toMatchObject({
          level: LEVEL_BY_SEVERITY[severity],
          parents: { kind: 'sid', ids: [118_000 + detection.ruleOffset] },
        });
    }
  });

  it('moves as a whole to another base', () => {
    const moved = [...renderPack('core', { idBase: 105_000 }).values()].join('\n');
    expect(moved).toBe(text.replaceAll('118', '105'));
  });

  it('holds plain ASCII: nothing that a tool on the way could read in another way', () => {
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
  });
});

it.each([118_001, 110_000, 99_000, 0, -1_000, 999_500, 1_000_000, 118_000.5, Number.NaN])('refuses %d as a base of rule ids', (idBase) => {
  expect(() => renderPack('core', { idBase })).toThrow(expect.objectContaining({ code: 'RULE_ID_BASE_INVALID' }));
});

it('loads both packs together, the guide’s after ours and before a user’s own', () => {
  const files = [...filesOf(renderPack('core')), ...filesOf(renderPack('guide')), { name: 'local_rules.xml', text: LOCAL_RULES }];
  const { rules, problems, exitCode } = loadRules(files);

  expect({ problems, exitCode }).toEqual({ problems: [], exitCode: 0 });
  expect([...rules.keys()].slice(7)).toEqual([
    ...listRuleIds(filesOf(renderPack('core')).slice(0, 1)).map(({ id }) => id),
    110_002,
    110_003,
    110_004,
    119_001,
    118_999,
  ]);
});

it('says of each pack which files it has', () => {
  for (const { name, files } of PACKS) expect([...renderPack(name).keys()]).toEqual(files);
});

const LOCAL_RULES = `<group name="local,">
  <rule id="119001" level="7">
    <if_sid>110002</if_sid>
    <field name="k8s.verb">^patch$</field>
    <description>A patch.</description>
  </rule>
</group>
`;
