import { foldCase, type XmlElement, type XmlItem } from '@k8s-audit/wazuh-xml';
import type { Report } from './rule-draft.ts';
import { TRAPS } from './traps.ts';

/** Tells what an XML author would expect of a value, and Wazuh does not do. */
export function tellValueTraps(element: XmlElement, items: readonly XmlItem[], report: Report): void {
  const name = foldCase(element.name);
  if (hasChildren(element, items) && name !== 'mitre') report(TRAPS.nestedElement(name), element.offset);
  else if (element.lostText) report(TRAPS.strayText(name), element.offset);
  for (const text of [element.content, ...element.attributes.map((attribute) => attribute.value)]) {
    const entity = ENTITY.exec(text);
    if (entity !== null) report(TRAPS.entity(entity[0]), element.offset);
  }
  // The first line break of a description becomes a space; no other element has such a mercy.
  const content = name === 'description' ? element.content.replace('\n', ' ') : element.content;
  if (/[\n\t]/.test(content) && !TEXTLESS.test(name)) report(TRAPS.lineBreak(name), element.contentOffset);
}

/** Group names with white space around them, which Wazuh takes for a part of the name. */
export function spacedNames(groups: string): readonly string[] {
  return groups.split(',').filter((name) => name !== name.trim() && name.trim() !== '');
}

const ENTITY = /&(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-f]+);/i;

/** Elements whose text means nothing, or has a problem of its own. */
const TEXTLESS = /^(?:same_(?!field)|different_(?!field)|not_same_(?!field)|global_frequency|if_fts|check_diff|mitre|if_sid)/;

function hasChildren(element: XmlElement, items: readonly XmlItem[]): boolean {
  const next = items[element.key + 1 + element.attributes.length];
  const depth = items[element.key]?.depth ?? 0;
  return next !== undefined && next.depth > depth;
}
