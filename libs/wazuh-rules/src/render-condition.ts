import { checkTime, isAddress, isWeekday } from './c-validators.ts';
import type { Condition, Pattern, PatternType } from './condition.ts';
import { LIST_STATIC_FIELDS } from './list-element.ts';
import { STATIC_NAMES } from './pattern-elements.ts';
import { attribute, elementText, MAX_COPIED_BYTES, MAX_TEXT_BYTES, notExpressible } from './rule-text.ts';

/** The lines of one condition; `size` is an attribute of the rule and has none. */
export function renderCondition(condition: Condition, what: string): readonly string[] {
  switch (condition.kind) {
    case 'decoder':
      if (condition.name === '') throw notExpressible(`${what}: decoded_as`, 'it is empty', 'Name a decoder.');
      return [plain('decoded_as', condition.name, what)];
    case 'log':
      return [pattern(condition.element, condition.pattern, condition.element === 'match' ? 'osmatch' : 'osregex', what)];
    case 'location':
      return [pattern('location', condition.pattern, 'osmatch', what)];
    case 'static':
      return [pattern(condition.field, condition.pattern, condition.field === 'action' ? 'string' : 'osmatch', what)];
    case 'field':
      return [renderField(condition.name, condition.pattern, what)];
    case 'address':
      return condition.networks.map((network) => {
        if (!isAddress(network) || network.startsWith('!') || network.endsWith('\n'))
          throw notExpressible(`${what}: ${condition.field}`, `'${network}' is no network`, 'Write 10.0.0.0/8 or 2001:db8::/32.');
        return `<${condition.field}${negation(condition.negate)}>${network}</${condition.field}>`;
      });
    case 'size':
      return [];
    case 'time':
      if (!checkTime(condition.text).isValid) throw notExpressible(`${what}: time`, 'it is no range of hours', 'Write 8:00-18:00.');
      return [plain('time', condition.text, what)];
    case 'weekday':
      if (!isWeekday(condition.text)) throw notExpressible(`${what}: weekday`, 'it is no list of days', 'Write monday,tuesday.');
      return [plain('weekday', condition.text, what)];
    case 'compiled':
      return [plain('compiled_rule', condition.name, what)];
    case 'diff':
      return ['<check_diff />'];
    case 'first-seen':
      return ['<if_fts />'];
    case 'list': {
      const { field, lookup, list, checkValue } = condition;
      if (field.kind === 'dynamic' && LIST_STATIC_FIELDS.some((name) => name === field.name.toLowerCase()))
        throw notExpressible(`${what}: list`, `'${field.name}' is a static field`, 'Say so, or use another field.');
      if (/ /.test(field.name)) throw notExpressible(`${what}: list`, 'Wazuh cuts the field’s name at a space', 'Use another field.');
      const value = checkValue === undefined ? '' : attribute('check_value', checkValue);
      return [
        `<list${attribute('field', field.name)}${attribute('lookup', lookup)}${value}>${elementText(`${what}: list`, list, MAX_COPIED_BYTES)}</list>`,
      ];
    }
  }
}

function plain(name: string, text: string, what: string): string {
  return `<${name}>${elementText(`${what}: ${name}`, text, MAX_COPIED_BYTES)}</${name}>`;
}

function pattern(name: string, { type, text, negate }: Pattern, defaultType: PatternType, what: string): string {
  const value = elementText(`${what}: ${name}`, text, MAX_COPIED_BYTES);
  return `<${name}${typeOf(type, defaultType, `${what}: ${name}`)}${negation(negate)}>${value}</${name}>`;
}

function renderField(name: string, { type, text, negate }: Pattern, what: string): string {
  const place = `${what}: field '${name}'`;
  if (STATIC_NAMES.has(name.toLowerCase())) throw notExpressible(place, 'the name is that of a static field', 'Use a static condition.');
  if (name.length > MAX_COPIED_BYTES) throw notExpressible(`${what}: field`, 'its name is too long', 'Use a shorter one.');
  const value = elementText(place, text, MAX_TEXT_BYTES);
  return `<field${attribute('name', name)}${typeOf(type, 'osregex', place)}${negation(negate)}>${value}</field>`;
}

function typeOf(type: PatternType, defaultType: PatternType, what: string): string {
  if (type === defaultType) return '';
  if (type === 'string') throw notExpressible(what, 'only <action> compares whole strings', 'Use PCRE2 with ^ and $.');
  return attribute('type', type);
}

function negation(negate: boolean): string {
  return negate ? attribute('negate', 'yes') : '';
}
