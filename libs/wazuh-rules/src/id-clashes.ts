import { elementsBelow, encodeBytes, equalsIgnoringCase, readXml } from '@k8s-audit/wazuh-xml';
import { createFilePlaces } from './file-places.ts';
import type { RuleFile } from './load-options.ts';
import type { Place } from './rule.ts';

/** An id as it stands in a file, whether or not Wazuh would load that rule. */
export interface RuleId {
  readonly id: number;
  readonly place: Place;
  readonly overwrite: boolean;
}

export interface IdClash {
  readonly id: number;
  /** Of the two, the one that Wazuh loads first, and keeps, is not known here: it depends on the names of the files. */
  readonly left: Place;
  readonly right: Place;
}

/** Every rule id of the files, in order. A file that Wazuh cannot read has none. */
export function listRuleIds(files: readonly RuleFile[]): readonly RuleId[] {
  return files.flatMap((file) => {
    const bytes = encodeBytes(file.text);
    const xml = readXml(bytes);
    if (xml.kind === 'broken') return [];
    const places = createFilePlaces(file.name, bytes);
    const rules = elementsBelow(xml.items, undefined).flatMap((group) => elementsBelow(xml.items, group));
    return rules.flatMap((rule) => {
      const value = (name: string): string | undefined =>
        rule.attributes.find((attribute) => equalsIgnoringCase(attribute.name, name))?.value;
      const id = value('id');
      if (id === undefined || !/^[0-9]{1,6}$/.test(id)) return [];
      return [{ id: Number(id), place: places.at(rule.offset), overwrite: value('overwrite') === 'yes' }];
    });
  });
}

/** Ids that both sides define. A rule that overwrites on purpose is no clash. */
export function findIdClashes(left: readonly RuleId[], right: readonly RuleId[]): readonly IdClash[] {
  const places = new Map<number, Place>();
  for (const rule of left) if (!rule.overwrite && !places.has(rule.id)) places.set(rule.id, rule.place);
  return right.flatMap((rule) => {
    const place = places.get(rule.id);
    return place === undefined || rule.overwrite ? [] : [{ id: rule.id, left: place, right: rule.place }];
  });
}

// The range that Wazuh documents for rules of one's own.
const FIRST_OWN_ID = 100_000;
const LAST_OWN_ID = 119_999;

/** The first multiple of 1,000 from which `count` ids are free; `preferred` when that is free. Undefined: there is none. */
export function freeIdBase(taken: ReadonlySet<number>, count: number, preferred: number): number | undefined {
  const bases = [preferred];
  for (let base = FIRST_OWN_ID; base + count - 1 <= LAST_OWN_ID; base += 1000) bases.push(base);
  return bases.find((base) => {
    for (let id = base; id < base + count; id++) if (taken.has(id)) return false;
    return true;
  });
}
