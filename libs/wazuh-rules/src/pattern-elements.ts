import { equalsIgnoringCase, exactAttribute, foldCase, type XmlElement } from '@k8s-audit/wazuh-xml';
import { isAddress } from './c-validators.ts';
import type { PatternType } from './condition.ts';
import { append, type ElementContext, type ReadElement, refuse, shorten, tellIgnoredAttributes } from './element-context.ts';
import type { LoadOptions } from './load-options.ts';
import { OMISSIONS } from './omissions.ts';
import { REFUSALS } from './refusals.ts';
import type { PatternElement, Report } from './rule-draft.ts';
import { TRAPS } from './traps.ts';

/** Elements that hold a pattern or an address: what they ask of an event. */
export function pattern(name: PatternElement, defaultType: PatternType): ReadElement {
  return (element, context) => {
    const { draft, report } = context;
    const previous = draft.patterns.get(name);
    if (previous !== undefined) report(TRAPS.repeated(name), element.offset);
    const text = append(previous?.text, element, context);
    const negate = readNegate(element, context);
    const type = readType(element, defaultType, context);
    tellIgnoredAttributes(element, ['type', 'negate'], report);
    draft.patterns.set(name, { text, type, negate, offset: element.offset });
    return 'next';
  };
}

export const readField: ReadElement = (element, context) => {
  const { draft, options, report } = context;
  // wazuh v4.14.7 etc/internal_options.conf: analysisd.decoder_order_size
  if (draft.fields.length >= 256) return refuse(context, element, REFUSALS.tooManyFields(draft.id));
  if (element.attributes.length === 0) return refuse(context, element, REFUSALS.fieldWithoutAttributes());
  const name = exactAttribute(element, 'name');
  if (name === undefined) return refuse(context, element, REFUSALS.fieldWithoutName(draft.id));
  if (STATIC_NAMES.has(foldCase(name.value))) return refuse(context, element, REFUSALS.staticField(name.value, draft.id));
  if (name.value.length >= 2048) report(OMISSIONS.fieldNameTooLong(shorten(name.value)), name.offset);
  const type = readType(element, 'osregex', context);
  const negate = readNegate(element, context);
  tellIgnoredAttributes(element, ['name', 'type', 'negate'], report);
  draft.fields.push({ name: name.value, type, negate, text: element.content });
  return compiles(type, element.content, name.value, element.offset, draft.id, options, report) ? 'next' : 'refuse';
};

/** Asks the compiler; false: Wazuh refuses the file. */
export function compiles(
  type: PatternType,
  text: string,
  tag: string,
  offset: number,
  id: number,
  options: LoadOptions,
  report: Report,
): boolean {
  if (neverMatches(type, text)) report(TRAPS.nonAscii(type === 'osregex' ? 'OSRegex' : 'OSMatch'), offset);
  const refused = type === 'string' ? undefined : options.compilePattern?.(type, text);
  if (refused?.kind === 'unsupported') report(TRAPS.unsupportedPattern(type, refused.reason), offset);
  if (refused?.kind !== 'error') return true;
  report(REFUSALS.badPattern(tag, id, refused.reason), offset);
  return false;
}

export function address(field: 'srcip' | 'dstip'): ReadElement {
  return (element, context) => {
    if (!isAddress(element.content)) return refuse(context, element, REFUSALS.badAddress(element.content));
    if (element.content.startsWith('!')) context.report(TRAPS.exclamation(element.content), element.offset);
    const entry = context.draft.addresses.get(field) ?? { networks: [], negate: false };
    entry.networks.push(element.content.replace(/^!/, '').trimEnd());
    entry.negate = readNegate(element, context);
    tellIgnoredAttributes(element, ['negate'], context.report);
    context.draft.addresses.set(field, entry);
    return 'next';
  };
}

/** Wazuh compares signed with unsigned characters: a byte above 127 equals none, except where OSMatch is anchored (x86-64). */
function neverMatches(type: PatternType, text: string): boolean {
  if (type === 'osregex') return NON_ASCII.test(text);
  return type === 'osmatch' && text.split('|').some((part) => NON_ASCII.test(part) && !part.startsWith('^') && !part.endsWith('$'));
}

const NON_ASCII = /[\u0080-\u00ff]/;

function readNegate(element: XmlElement, { draft, report }: ElementContext): boolean {
  const attribute = exactAttribute(element, 'negate');
  if (attribute === undefined || equalsIgnoringCase(attribute.value, 'no')) return false;
  if (equalsIgnoringCase(attribute.value, 'yes')) return true;
  report(OMISSIONS.wrongValue(attribute.value, 'negate', draft.id), attribute.offset);
  return false;
}

function readType(element: XmlElement, defaultType: PatternType, { draft, report }: ElementContext): PatternType {
  const attribute = exactAttribute(element, 'type');
  if (attribute === undefined) return defaultType;
  const type = (['osregex', 'osmatch', 'pcre2'] as const).find((known) => known === foldCase(attribute.value));
  if (type === undefined) report(OMISSIONS.wrongValue(attribute.value, 'type', draft.id), attribute.offset);
  return type ?? defaultType;
}

/** What `<field>` may not be named, in any case. */
export const STATIC_NAMES: ReadonlySet<string> = new Set([
  'srcip',
  'dstip',
  'srcgeoip',
  'dstgeoip',
  'srcport',
  'dstport',
  'user',
  'srcuser',
  'dstuser',
  'url',
  'id',
  'data',
  'extra_data',
  'status',
  'protocol',
  'system_name',
  'action',
]);
