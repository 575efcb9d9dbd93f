import type { XmlItem } from './xml-reader.ts';

/** An element as the rule loader sees it. */
export interface XmlElement {
  readonly name: string;
  readonly content: string;
  readonly attributes: readonly XmlAttribute[];
  readonly offset: number;
  readonly contentOffset: number;
  /** Where the closing tag begins, and where it ends. */
  readonly closingOffset: number;
  readonly endOffset: number;
  readonly lostText: boolean;
  /** Its place in the items. */
  readonly key: number;
}

export interface XmlAttribute {
  readonly name: string;
  readonly value: string;
  readonly offset: number;
}

/** The elements at the top of a file (`parent` undefined) or directly below one (wazuh v4.14.7 src/os_xml/os_xml_node_access.c). */
export function elementsBelow(items: readonly XmlItem[], parent: XmlElement | undefined): readonly XmlElement[] {
  const depth = parent === undefined ? 0 : (items[parent.key]?.depth ?? 0) + 1;
  const elements: XmlElement[] = [];
  for (let key = parent === undefined ? 0 : parent.key + 1; key < items.length; key++) {
    const item = items[key];
    if (item?.kind !== 'element') continue;
    if (item.depth === depth) elements.push(toElement(items, item, key));
    else if (item.depth < depth && parent !== undefined) break;
  }
  return elements;
}

/** The value of an attribute whose name is exactly this: unlike all other names, `type`, `negate` and `name` compare by case. */
export function exactAttribute(element: XmlElement, name: string): XmlAttribute | undefined {
  return element.attributes.find((attribute) => attribute.name === name);
}

function toElement(items: readonly XmlItem[], item: XmlItem, key: number): XmlElement {
  const attributes: XmlAttribute[] = [];
  for (let next = key + 1; next < items.length; next++) {
    const attribute = items[next];
    if (attribute?.kind !== 'attribute' || attribute.depth !== item.depth) break;
    attributes.push({ name: attribute.name, value: attribute.content, offset: attribute.offset });
  }
  const { name, content, offset, contentOffset, closingOffset, endOffset, lostText } = item;
  return { name, content, attributes, offset, contentOffset, closingOffset, endOffset, lostText, key };
}
