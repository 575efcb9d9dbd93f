import type { Verdict } from '@k8s-audit/rule-engine';

/** What became of one event, as plain data. */
export type EventVerdict =
  | {
      readonly kind: 'decided';
      /** Level 0 included; `null`: none. */
      readonly rule: {
        readonly id: number;
        readonly level: number;
        readonly description: string;
        readonly groups: readonly string[];
        readonly place: { readonly file: string; readonly line: number };
      } | null;
      readonly alerted: boolean;
      readonly decoder: string | null;
      readonly location: string;
    }
  /** The engine cannot tell: the budget ended, or the rule asks for something that it does not do. */
  | { readonly kind: 'undecided'; readonly ruleId: number; readonly reason: string }
  /** Neither a rule nor the archive ever sees it. */
  | { readonly kind: 'refused'; readonly reason: string };

export function eventVerdictOf(verdict: Verdict): EventVerdict {
  switch (verdict.kind) {
    case 'decided': {
      const { rule, description = '', alerted, decoder = null, location } = verdict;
      const told =
        rule === undefined
          ? null
          : { id: rule.id, level: rule.level, description, groups: rule.groups, place: { file: rule.place.file, line: rule.place.line } };
      return { kind: 'decided', rule: told, alerted, decoder, location };
    }
    case 'undecided':
      return { kind: 'undecided', ruleId: verdict.rule.id, reason: verdict.reason };
    case 'refused':
      return { kind: 'refused', reason: `Wazuh drops it (${verdict.code}): ${verdict.reason}` };
    case 'other-queue':
      return { kind: 'refused', reason: `queue ${verdict.queue} belongs to another part of Wazuh` };
  }
}
