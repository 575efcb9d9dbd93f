import { equalsIgnoringCase, foldCase, type XmlItem } from '@k8s-audit/wazuh-xml';

/**
 * `<var name="X">value</var>` replaces `$X` in what stands after it in the same file
 * (wazuh v4.14.7 src/os_xml/os_xml_variables.c). Its slips are kept, and told:
 * texts of two bytes are never looked at, so `$X` alone stays; after a `$(field)` the text before the next variable is cut short.
 */
export interface VariableOutcome {
  /** Present: Wazuh refuses the file. */
  readonly error?: { readonly message: string; readonly item: XmlItem };
  readonly slips: readonly VariableSlip[];
}

export interface VariableSlip {
  readonly kind: 'too-short' | 'text-lost' | 'used-before-definition';
  readonly item: XmlItem;
  readonly name: string;
}

// wazuh v4.14.7 src/os_xml/os_xml.h: XML_VARIABLE_MAXSIZE, XML_ERR_LENGTH
const MAX_NAME_BYTES = 256;
const MAX_MESSAGE_BYTES = 127;

// A limit of ours: 20 KiB of `$X` times 20 KiB of value would be 100 MB for one pattern.
const MAX_EXPANDED_BYTES = 8 * 1024 * 1024;

/** Folded name to value; the first definition of a name wins. */
type Variables = Map<string, string>;

/** Changes the contents in place. */
export function applyVariables(items: readonly XmlItem[]): VariableOutcome {
  const variables: Variables = new Map();
  const slips: VariableSlip[] = [];
  let expandedBytes = 0;
  try {
    for (const [index, item] of items.entries()) {
      if (item.kind === 'variable') {
        const name = foldCase(nameOfVariable(items, index, item));
        if (!variables.has(name)) variables.set(name, item.content);
      } else if (variables.size > 0 && item.content.includes('$')) {
        replaceVariables(item, variables, slips);
        expandedBytes += item.content.length;
        if (expandedBytes > MAX_EXPANDED_BYTES) throw new VariableError('the variables expand to more than 8 MiB in this file', item);
      }
    }
  } catch (error) {
    if (!(error instanceof VariableError)) throw error;
    return { error: { message: error.message.slice(0, MAX_MESSAGE_BYTES), item: error.item }, slips };
  }
  return { slips: [...slips, ...usesBeforeDefinition(items, variables)] };
}

class VariableError extends Error {
  readonly item: XmlItem;
  constructor(message: string, item: XmlItem) {
    super(message);
    this.item = item;
  }
}

/** Its name is the first attribute found after it, even one of another element. */
function nameOfVariable(items: readonly XmlItem[], index: number, item: XmlItem): string {
  for (let next = index + 1; next < items.length; next++) {
    const attribute = items[next];
    if (attribute === undefined || attribute.depth < item.depth) break;
    if (attribute.kind !== 'attribute') continue;
    if (!equalsIgnoringCase(attribute.name, 'name'))
      throw new VariableError('XMLERR: Only "name" is allowed as an attribute for a variable.', attribute);
    if (attribute.content.length >= MAX_NAME_BYTES) throw new VariableError('XMLERR: Invalid variable name size.', attribute);
    return attribute.content;
  }
  throw new VariableError('XMLERR: No value set for variable.', item);
}

function replaceVariables(item: XmlItem, variables: Variables, slips: VariableSlip[]): void {
  const source = item.content;
  if (source.length <= 2) {
    const name = source.slice(1);
    if (source.startsWith('$') && variables.has(foldCase(name))) slips.push({ kind: 'too-short', item, name });
    return;
  }
  let result = '';
  // `result` stands for the source up to `base`; of what follows Wazuh has counted so many bytes. It forgets to count a `$(field)`.
  let base = 0;
  let counted = 0;
  for (let position = 0; position < source.length; ) {
    if (source[position] !== '$') {
      position++;
      counted++;
      continue;
    }
    const name = nameAt(source, position + 1, item);
    const value = variables.get(foldCase(name));
    const after = position + 1 + name.length;
    if (value !== undefined) {
      if (base + counted < position) slips.push({ kind: 'text-lost', item, name });
      result += source.slice(base, base + counted) + value;
      base = after;
      counted = 0;
      if (result.length > MAX_EXPANDED_BYTES) throw new VariableError('the variables expand to more than 8 MiB in this file', item);
    } else if (name === '') counted++;
    else if (!name.startsWith('(')) throw new VariableError(`XMLERR: Unknown variable: '${name.slice(0, 95)}'.`, item);
    position = after;
  }
  item.content = result + source.slice(base);
}

function nameAt(source: string, start: number, item: XmlItem): string {
  let end = start;
  while (end < source.length && !'$.|, '.includes(source[end] ?? '')) {
    if (end - start >= MAX_NAME_BYTES - 1) throw new VariableError(`XMLERR: Invalid variable name size: '${end - start}'.`, item);
    end++;
  }
  return source.slice(start, end);
}

/** `$X` above its `<var>`: Wazuh leaves it as it is and says nothing. */
function usesBeforeDefinition(items: readonly XmlItem[], variables: Variables): readonly VariableSlip[] {
  const slips: VariableSlip[] = [];
  const undefinedYet = new Set(variables.keys());
  for (const [index, item] of items.entries()) {
    if (undefinedYet.size === 0) break;
    if (item.kind === 'variable') undefinedYet.delete(foldCase(nameOfVariable(items, index, item)));
    else if (item.content.includes('$'))
      for (const [, name = ''] of item.content.matchAll(/\$([^$.|, ]+)/g))
        if (undefinedYet.has(foldCase(name))) slips.push({ kind: 'used-before-definition', item, name });
  }
  return slips;
}
