import { expect, it } from 'vitest';
import { findIdClashes, freeIdBase, listRuleIds } from './id-clashes.ts';

const rules = (name: string, ...ids: readonly string[]): { readonly name: string; readonly text: string } => ({
  name,
  text: `<group name="a,">\n${ids.map((id) => `<rule ID="${id}" level="3"><description>d</description></rule>`).join('\n')}</group>`,
});

it('lists every id with its place, also of rules that Wazuh would drop', () => {
  expect(listRuleIds([rules('a.xml', '118000', '118000', 'x')])).toEqual([
    { id: 118_000, place: { file: 'a.xml', line: 2, column: 1 }, overwrite: false },
    { id: 118_000, place: { file: 'a.xml', line: 3, column: 1 }, overwrite: false },
  ]);
});

it('finds ids that both sides define, but no overwrites', () => {
  const ours = listRuleIds([rules('k8s_audit_rules.xml', '118000', '118001')]);
  const theirs = listRuleIds([rules('local_rules.xml', '110002', '118001', '118000" overwrite="yes')]);
  expect(findIdClashes(ours, theirs)).toEqual([
    { id: 118_001, left: { file: 'k8s_audit_rules.xml', line: 3, column: 1 }, right: { file: 'local_rules.xml', line: 3, column: 1 } },
  ]);
});

it('finds nothing in a file that Wazuh cannot read', () => {
  expect(listRuleIds([{ name: 'a.xml', text: '<group name="a,"><rule id="118000"' }])).toEqual([]);
});

it('keeps the preferred base while it is free, else takes the first free thousand', () => {
  expect(freeIdBase(new Set([110_002]), 1000, 118_000)).toBe(118_000);
  expect(freeIdBase(new Set([118_999, 100_001, 101_000]), 1000, 118_000)).toBe(102_000);
  expect(freeIdBase(new Set(Array.from({ length: 20 }, (_, index) => 100_000 + index * 1000)), 1000, 118_000)).toBeUndefined();
});
