import { equalsIgnoringCase, foldCase, isDigits, parseInt32, type XmlElement } from '@k8s-audit/wazuh-xml';
import { checkTime, isWeekday } from './c-validators.ts';
import type { StaticField } from './condition.ts';
import { append, type ElementContext, type ReadElement, refuse, type Step, shorten } from './element-context.ts';
import { readList } from './list-element.ts';
import { readMitre } from './mitre-element.ts';
import { OMISSIONS } from './omissions.ts';
import { address, pattern, readField } from './pattern-elements.ts';
import { REFUSALS } from './refusals.ts';
import type { Category, ComparedField, Info, RuleOption } from './rule.ts';
import { TRAPS } from './traps.ts';
import { spacedNames } from './value-traps.ts';

/** Reads one element of a rule into its draft (wazuh v4.14.7 src/analysisd/rules.c, Rules_OP_ReadRules). */
export function readOptionElement(element: XmlElement, context: ElementContext): Step {
  // Some names are compared by case, most are not: a slip of Wazuh that makes <SAME_ID> unknown and <SAME_USER> known.
  const read = CASE_SENSITIVE.get(element.name) ?? ELEMENTS.get(foldCase(element.name));
  if (read !== undefined) return read(element, context);
  return refuse(context, element, REFUSALS.unknownElement(element.name, context.draft.id));
}

function text(key: 'ifSid' | 'ifGroup' | 'ifMatchedGroup' | 'ifMatchedRegex', setsContext: boolean): ReadElement {
  return (element, context) => {
    const { draft } = context;
    if (draft[key] !== undefined) context.report(TRAPS.repeated(foldCase(element.name)), element.offset);
    if (setsContext) draft.hasContext = true;
    draft[key] = append(draft[key], element, context);
    return 'next';
  };
}

const readDescription: ReadElement = (element, context) => {
  const { draft } = context;
  if (draft.description !== undefined) context.report(TRAPS.repeated('description'), element.offset);
  draft.description = append(draft.description, { ...element, content: element.content.replace('\n', ' ') }, context);
  return 'next';
};

const readGroup: ReadElement = (element, context) => {
  const { draft } = context;
  // Here the text before the first <group> is the name of the enclosing group, of any length.
  const before = draft.groupTextLost ? '' : draft.groupName + (draft.group ?? '');
  if (before !== '' && !before.endsWith(',') && element.content !== '' && !element.content.startsWith(','))
    context.report(TRAPS.gluedGroups(`${before.split(',').at(-1)}${element.content.split(',')[0]}`), element.offset);
  for (const name of spacedNames(element.content)) context.report(TRAPS.spacedGroup(name), element.offset);
  const isTooLong = draft.groupTextLost ? element.content.length >= 2048 : before.length > 2048 || element.content.length > 2048;
  if (isTooLong) {
    context.report(OMISSIONS.valueTooLong(shorten(element.content)), element.offset);
    context.report(TRAPS.groupTextLost(), element.offset);
    draft.groupTextLost = true;
    draft.group = undefined;
  } else draft.group = (draft.group ?? '') + element.content;
  return 'next';
};

const readTime: ReadElement = (element, context) => {
  const { isValid, badParts } = checkTime(element.content);
  if (!isValid) return refuse(context, element, REFUSALS.badTime(element.content, badParts));
  context.draft.time = element.content;
  return 'next';
};

const readWeekday: ReadElement = (element, context) => {
  if (!isWeekday(element.content)) return refuse(context, element, REFUSALS.badWeekday(element.content));
  context.draft.weekday = element.content;
  return 'next';
};

const readDecoder: ReadElement = (element, context) => {
  const isKnown = context.options.decoders === undefined || context.options.decoders.has(element.content);
  if (!isKnown || element.content === '') return refuse(context, element, REFUSALS.badDecoder(element.content));
  context.draft.decoder = element.content;
  return 'next';
};

const CATEGORIES: readonly Category[] = ['firewall', 'ids', 'syslog', 'web-log', 'squid', 'windows', 'ossec'];

const readCategory: ReadElement = (element, context) => {
  const category = CATEGORIES.find((known) => known === element.content);
  if (category === undefined) return refuse(context, element, REFUSALS.badCategory(element.content));
  context.draft.category = category;
  context.draft.hasCategory = true;
  return 'next';
};

// wazuh v4.14.7 src/analysisd/compiled_rules/generic_samples.c
const COMPILED_RULES: readonly string[] = [
  'check_id_size',
  'comp_mswin_targetuser_calleruser_diff',
  'comp_srcuser_dstuser',
  'is_simple_http_request',
  'is_valid_crawler',
];

const readCompiledRule: ReadElement = (element, context) => {
  if (!COMPILED_RULES.includes(element.content)) return refuse(context, element, REFUSALS.badCompiledRule(element.content));
  context.draft.compiled = element.content;
  return 'next';
};

const readIfLevel: ReadElement = (element, context) => {
  const { draft, report } = context;
  if (!isDigits(element.content)) {
    report(OMISSIONS.badIfLevel(element.content, draft.id), element.offset);
    return 'drop';
  }
  if (draft.ifLevel !== undefined) report(TRAPS.repeated('if_level'), element.offset);
  draft.ifLevel = append(draft.ifLevel, element, context);
  return 'next';
};

const readIfMatchedSid: ReadElement = (element, { draft, report }) => {
  draft.hasContext = true;
  if (!isDigits(element.content)) {
    report(OMISSIONS.badIfMatchedSid(element.content, draft.id), element.offset);
    return 'drop';
  }
  draft.ifMatchedSid = parseInt32(element.content);
  return 'next';
};

function compare(kind: 'same' | 'different', field: ComparedField): ReadElement {
  return (_element, { draft }) => {
    draft[kind].add(field);
    return 'next';
  };
}

function compareField(key: 'sameFields' | 'differentFields'): ReadElement {
  return (element, { draft }) => {
    draft[key].push(element.content);
    return 'next';
  };
}

function deprecated(name: string): ReadElement {
  return (element, { report }) => {
    report(OMISSIONS.deprecatedElement(name), element.offset);
    return 'next';
  };
}

const OPTIONS: readonly RuleOption[] = ['alert_by_email', 'no_email_alert', 'log_alert', 'no_log', 'no_ar', 'no_full_log', 'no_counter'];

const readOption: ReadElement = (element, context) => {
  const option = OPTIONS.find((known) => known === element.content);
  if (option === undefined) return refuse(context, element, REFUSALS.wrongOption(element.name, element.content, context.draft.id));
  context.draft.options.push(option);
  return 'next';
};

function ignore(key: 'ignoreFields' | 'checkIfIgnoredFields'): ReadElement {
  return (element, context) => {
    const words = element.content.split(',').map((word) => /^ *([^ ]*)/.exec(word)?.[1] ?? '');
    if (words.includes('')) return refuse(context, element, REFUSALS.badIgnore(foldCase(element.name), element.content));
    context.draft[key] = words;
    return 'next';
  };
}

const INFO_TYPES: readonly Info['type'][] = ['text', 'link', 'cve', 'osvdb'];

const readInfo: ReadElement = (element, context) => {
  const { draft, report } = context;
  const first = element.attributes[0];
  const type = first === undefined ? 'text' : INFO_TYPES.find((known) => known === first.value);
  if (first !== undefined && !equalsIgnoringCase(first.name, 'type'))
    report(OMISSIONS.badInfo(`Element info has invalid attribute "${first.name}"`), first.offset);
  else if (first !== undefined && type === undefined)
    report(OMISSIONS.badInfo(`Element info attribute "${first.name}" has invalid value "${first.value}"`), first.offset);
  draft.info.push({ element: 'info', type: type ?? 'text', text: element.content });
  draft.infoText = append(draft.infoText, element, context);
  return 'next';
};

const readCve: ReadElement = (element, context) => {
  context.draft.info.push({ element: 'cve', type: 'cve', text: element.content });
  context.draft.cveText = append(context.draft.cveText, element, context);
  return 'next';
};

const OSMATCH_ELEMENTS: readonly StaticField[] = [
  'user',
  'srcgeoip',
  'dstgeoip',
  'id',
  'srcport',
  'dstport',
  'status',
  'hostname',
  'data',
  'extra_data',
  'program_name',
  'system_name',
  'protocol',
  'url',
];

const ELEMENTS: ReadonlyMap<string, ReadElement> = new Map<string, ReadElement>(
  Object.entries({
    regex: pattern('regex', 'osregex'),
    match: pattern('match', 'osmatch'),
    location: pattern('location', 'osmatch'),
    action: pattern('action', 'string'),
    ...Object.fromEntries(OSMATCH_ELEMENTS.map((name) => [name, pattern(name, 'osmatch')])),
    field: readField,
    srcip: address('srcip'),
    dstip: address('dstip'),
    decoded_as: readDecoder,
    category: readCategory,
    compiled_rule: readCompiledRule,
    time: readTime,
    weekday: readWeekday,
    list: (element, { draft, options, report }) => readList(element, draft, options, report),
    description: readDescription,
    group: readGroup,
    info: readInfo,
    cve: readCve,
    mitre: (element, { items, draft, report }) => {
      readMitre(items, element, draft, report);
      return 'next';
    },
    options: readOption,
    ignore: ignore('ignoreFields'),
    check_if_ignored: ignore('checkIfIgnoredFields'),
    if_sid: text('ifSid', false),
    if_group: text('ifGroup', false),
    if_level: readIfLevel,
    if_matched_sid: readIfMatchedSid,
    if_matched_group: text('ifMatchedGroup', true),
    if_matched_regex: text('ifMatchedRegex', true),
    if_fts: (_element, { draft }) => {
      draft.isFirstSeen = true;
      return 'next';
    },
    check_diff: (_element, { draft }) => {
      draft.isDiff = true;
      draft.hasContext = true;
      return 'next';
    },
    global_frequency: (_element, { draft }) => {
      draft.globalFrequency = true;
      return 'next';
    },
    same_field: compareField('sameFields'),
    different_field: compareField('differentFields'),
    not_same_field: compareField('differentFields'),
    same_agent: deprecated('same_agent'),
    not_same_agent: deprecated('not_same_agent'),
    same_source_ip: compare('same', 'srcip'),
    same_srcip: compare('same', 'srcip'),
    same_dstip: compare('same', 'dstip'),
    same_src_port: compare('same', 'srcport'),
    same_srcport: compare('same', 'srcport'),
    same_dst_port: compare('same', 'dstport'),
    same_dstport: compare('same', 'dstport'),
    same_protocol: compare('same', 'protocol'),
    same_action: compare('same', 'action'),
    same_location: compare('same', 'location'),
    same_srcuser: compare('same', 'srcuser'),
    same_user: compare('same', 'user'),
    different_dstip: compare('different', 'dstip'),
    different_src_port: compare('different', 'srcport'),
    different_srcport: compare('different', 'srcport'),
    different_dst_port: compare('different', 'dstport'),
    different_dstport: compare('different', 'dstport'),
    different_srcuser: compare('different', 'srcuser'),
    different_user: compare('different', 'user'),
    not_same_user: compare('different', 'user'),
    different_location: compare('different', 'location'),
  }),
);

const CASE_SENSITIVE: ReadonlyMap<string, ReadElement> = new Map<string, ReadElement>(
  Object.entries({
    same_id: compare('same', 'id'),
    same_url: compare('same', 'url'),
    same_data: compare('same', 'data'),
    same_extra_data: compare('same', 'extra_data'),
    same_status: compare('same', 'status'),
    same_system_name: compare('same', 'system_name'),
    same_srcgeoip: compare('same', 'srcgeoip'),
    same_dstgeoip: compare('same', 'dstgeoip'),
    different_srcip: compare('different', 'srcip'),
    not_same_source_ip: compare('different', 'srcip'),
    different_protocol: compare('different', 'protocol'),
    different_action: compare('different', 'action'),
    different_id: compare('different', 'id'),
    not_same_id: compare('different', 'id'),
    different_url: compare('different', 'url'),
    different_data: compare('different', 'data'),
    different_extra_data: compare('different', 'extra_data'),
    different_status: compare('different', 'status'),
    different_system_name: compare('different', 'system_name'),
    different_srcgeoip: compare('different', 'srcgeoip'),
    different_dstgeoip: compare('different', 'dstgeoip'),
  }),
);
