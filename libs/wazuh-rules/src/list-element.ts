import { equalsIgnoringCase, foldCase, type XmlElement } from '@k8s-audit/wazuh-xml';
import type { ListCondition, ListLookup, ListStaticField } from './condition.ts';
import type { LoadOptions } from './load-options.ts';
import { OMISSIONS } from './omissions.ts';
import { REFUSALS } from './refusals.ts';
import type { Report, RuleDraft } from './rule-draft.ts';
import { TRAPS } from './traps.ts';

const LOOKUPS: readonly ListLookup[] = [
  'match_key',
  'not_match_key',
  'match_key_value',
  'address_match_key',
  'not_address_match_key',
  'address_match_key_value',
];

export const LIST_STATIC_FIELDS: readonly ListStaticField[] = [
  'srcip',
  'srcport',
  'dstip',
  'dstport',
  'user',
  'url',
  'id',
  'hostname',
  'program_name',
  'status',
  'action',
  'protocol',
  'system_name',
  'data',
  'extra_data',
];

/** Reads a `<list>` into the draft (wazuh v4.14.7 src/analysisd/rules.c and lists_list.c). */
export function readList(element: XmlElement, draft: RuleDraft, options: LoadOptions, report: Report): 'next' | 'drop' | 'refuse' {
  const list = element.content;
  const refuse = (text: ReturnType<typeof REFUSALS.badListLookup>, offset = element.offset): 'refuse' => {
    report(text, offset);
    return 'refuse';
  };
  if (element.attributes.length === 0) return refuse(REFUSALS.listWithoutAttributes(list));
  let lookup: ListLookup = 'match_key';
  let field: ListCondition['field'] | undefined;
  let checkValue: string | undefined;
  for (const { name, value, offset } of element.attributes) {
    if (equalsIgnoringCase(name, 'lookup')) {
      const known = LOOKUPS.find((candidate) => candidate === foldCase(value));
      if (known === undefined) return refuse(REFUSALS.badListLookup(value, list), offset);
      lookup = known;
    } else if (equalsIgnoringCase(name, 'field')) {
      const known = LIST_STATIC_FIELDS.find((candidate) => candidate === foldCase(value));
      field = known === undefined ? { kind: 'dynamic', name: firstWord(value) } : { kind: 'static', name: known };
    } else if (equalsIgnoringCase(name, 'check_value')) {
      const refused = options.compilePattern?.('osmatch', value);
      if (refused?.kind === 'error') return refuse(REFUSALS.badListValue(value, list, refused.reason), offset);
      checkValue = value;
    } else return refuse(REFUSALS.badListAttribute(value, list), offset);
  }
  if (field === undefined) return refuse(REFUSALS.listWithoutField(list));
  if (options.lists !== undefined && !options.lists.has(list) && !options.lists.has(list.replace(/\.cdb$/, ''))) {
    report(OMISSIONS.listNotLoaded(list, draft.id), element.offset);
    return 'drop';
  }
  addList(draft, { kind: 'list', field, lookup, list, ...(checkValue === undefined ? {} : { checkValue }) }, element, report);
  return 'next';
}

/** OS_AddListRule returns the last element but one instead of the head: from the third list on, the first ones are lost. */
function addList(draft: RuleDraft, list: ListCondition, element: XmlElement, report: Report): void {
  draft.lists.push(list);
  if (draft.lists.length <= 2) return;
  draft.lists = draft.lists.slice(-2);
  report(TRAPS.lostLists(), element.offset);
}

function firstWord(value: string): string {
  return /^ *([^ ]*)/.exec(value)?.[1] ?? '';
}
