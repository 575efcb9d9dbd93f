import { elementsBelow, equalsIgnoringCase, foldCase, type XmlElement, type XmlItem } from '@k8s-audit/wazuh-xml';
import type { PatternType } from './condition.ts';
import type { ElementContext } from './element-context.ts';
import type { LoadOptions } from './load-options.ts';
import { OMISSIONS } from './omissions.ts';
import { readOptionElement } from './option-elements.ts';
import { compiles } from './pattern-elements.ts';
import { REFUSALS } from './refusals.ts';
import { hasAttribute, readRuleAttributes } from './rule-attributes.ts';
import { createDraft, type PatternElement, type Report, type RuleDraft } from './rule-draft.ts';
import { TRAPS } from './traps.ts';
import { tellValueTraps } from './value-traps.ts';

export type RuleReading =
  | { readonly kind: 'rule'; readonly draft: RuleDraft }
  | { readonly kind: 'dropped' }
  /** `id` as far as it was read. */
  | { readonly kind: 'refused'; readonly id: number | undefined };

export interface RuleSurroundings {
  readonly items: readonly XmlItem[];
  readonly groupName: string;
  /** Of the rule in its group, from 0: Wazuh names it so where it has no id. */
  readonly position: number;
  readonly options: LoadOptions;
  /** Where the rule of this id stands, if it is loaded already. */
  readonly placeOfRule: (id: number) => string | undefined;
}

/** Reads one element below a group, in the order in which Wazuh does (wazuh v4.14.7 src/analysisd/rules.c, Rules_OP_ReadRules). */
export function readRule(element: XmlElement, surroundings: RuleSurroundings, reportAt: (id: number | undefined) => Report): RuleReading {
  const { items, groupName, position, options } = surroundings;
  const draft = createDraft(groupName, element.offset);
  const report: Report = (text, offset = element.offset) => reportAt(draft.id < 0 ? undefined : draft.id)(text, offset);
  const refused = (): RuleReading => ({ kind: 'refused', id: draft.id < 0 ? undefined : draft.id });
  if (!equalsIgnoringCase(element.name, 'rule')) {
    report(REFUSALS.noRuleElement(element.name));
    return refused();
  }
  if (element.attributes.length === 0) {
    report(REFUSALS.ruleWithoutAttributes(position));
    return refused();
  }
  if (!readRuleAttributes(element.attributes, draft, report)) return refused();
  if (draft.id === -1 || draft.level === -1) {
    report(REFUSALS.ruleWithoutId(position));
    return refused();
  }
  if (isDuplicate(draft, surroundings, report)) return { kind: 'dropped' };
  const children = elementsBelow(items, element);
  if (children.length === 0) {
    report(REFUSALS.ruleWithoutOptions(draft.id));
    return refused();
  }
  const step = readElements(children, { items, draft, options, report });
  if (step === 'refuse') return refused();
  const isSkipped = !isIfSidSound(draft, report) || step === 'drop';
  if (element.lostText || /[^\s>]/.test(element.content)) report(TRAPS.strayText('rule'));
  if (isSkipped) return { kind: 'dropped' };
  if (!isComplete(draft, report) || !patternsCompile(draft, options, report)) return refused();
  if (!draft.hasContext && hasAttribute(element.attributes, 'timeframe')) report(TRAPS.timeframeUnused());
  if (!draft.hasContext && draft.frequency !== undefined) report(TRAPS.frequencyUnused());
  if (draft.level === 0 && draft.accuracy === 0) report(TRAPS.levelNinetyNine());
  return { kind: 'rule', draft };
}

function isDuplicate(draft: RuleDraft, { placeOfRule }: RuleSurroundings, report: Report): boolean {
  const first = placeOfRule(draft.id);
  if (first !== undefined && !draft.overwrite) {
    report(OMISSIONS.duplicateId(draft.id, first));
    return true;
  }
  if (first === undefined && draft.overwrite) {
    report(OMISSIONS.overwriteMissing(draft.id));
    draft.overwrite = false;
  }
  return false;
}

function readElements(children: readonly XmlElement[], context: ElementContext): 'next' | 'drop' | 'refuse' {
  for (const child of children) {
    const step = readOptionElement(child, context);
    if (step !== 'next') return step;
    context.draft.offsets.set(foldCase(child.name), child.offset);
    tellValueTraps(child, context.items, context.report);
  }
  return 'next';
}

/** PCRE2 `^[\d, ]+$`, whose `$` also stands before a final line break. */
function isIfSidSound(draft: RuleDraft, report: Report): boolean {
  if (draft.ifSid === undefined || /^[0-9, ]+\n?$/.test(draft.ifSid)) return true;
  report(OMISSIONS.badIfSid(draft.ifSid, draft.id), draft.offsets.get('if_sid'));
  return false;
}

function isComplete(draft: RuleDraft, report: Report): boolean {
  if (draft.description === undefined) {
    report(REFUSALS.noDescription(draft.id));
    return false;
  }
  const compares =
    draft.globalFrequency ||
    draft.isDiff ||
    draft.same.size + draft.different.size + draft.sameFields.length + draft.differentFields.length > 0;
  // frequency="2" is stored as 0, which is also "none".
  if (draft.hasContext || (!compares && (draft.frequency ?? 2) === 2)) return true;
  report(REFUSALS.noIfMatched(draft.id));
  return false;
}

/** The order in which Wazuh compiles, so that it stops at the same pattern; fields were compiled as they came. */
const COMPILE_ORDER: readonly (PatternElement | 'if_matched_group' | 'if_matched_regex')[] = [
  'regex',
  'match',
  'id',
  'srcport',
  'dstport',
  'status',
  'hostname',
  'data',
  'extra_data',
  'program_name',
  'user',
  'srcgeoip',
  'dstgeoip',
  'url',
  'location',
  'action',
  'if_matched_group',
  'if_matched_regex',
  'protocol',
  'system_name',
];

function patternsCompile(draft: RuleDraft, options: LoadOptions, report: Report): boolean {
  return COMPILE_ORDER.every((name) => {
    if (name === 'if_matched_group') return groupPatternCompiles('osmatch', draft.ifMatchedGroup, draft, name, options, report);
    if (name === 'if_matched_regex') return groupPatternCompiles('osregex', draft.ifMatchedRegex, draft, name, options, report);
    const pattern = draft.patterns.get(name);
    if (pattern?.text === undefined) return true;
    // Wazuh names a faulty <protocol> by its text.
    const tag = name === 'protocol' ? pattern.text : name;
    return compiles(pattern.type, pattern.text, tag, pattern.offset, draft.id, options, report);
  });
}

function groupPatternCompiles(
  type: Exclude<PatternType, 'string'>,
  text: string | undefined,
  draft: RuleDraft,
  name: string,
  options: LoadOptions,
  report: Report,
): boolean {
  const refused = text === undefined ? undefined : options.compilePattern?.(type, text);
  if (text === undefined || refused?.kind !== 'error') return true;
  report(REFUSALS.badGroupPattern(text, refused.reason), draft.offsets.get(name));
  return false;
}
