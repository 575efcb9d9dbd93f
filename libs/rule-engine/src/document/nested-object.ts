import { type ByteString, foldCase } from '../byte-string.ts';
import { printString } from '../json/strings.ts';
import { parseTree, printTree } from '../json/tree.ts';

/** What stands at a key: a printed value, or an object. */
type Member = { readonly key: ByteString; readonly value: NestedObject | ByteString };

/**
 * An object of the alert into which fields are put by dotted names: `a.b` becomes `b` in `a`. Names compare without case, and a
 * field whose place is taken is dropped without a word: labels `app` and `app.kubernetes.io/name` cannot both be there.
 * One key of an event may hold 30,000 dots, so nothing here calls itself.
 * Source: wazuh v4.14.7 src/shared/string_op.c, W_JSON_AddField.
 */
export class NestedObject {
  private readonly members = new Map<ByteString, Member>();

  get isEmpty(): boolean {
    return this.members.size === 0;
  }

  /** A member whose value is printed as a string, whatever stands there already. */
  addText(key: ByteString, value: ByteString): void {
    this.members.set(foldCase(key), { key, value: printString(value) });
  }

  addField(name: ByteString, value: ByteString): void {
    let object: NestedObject = this;
    let start = 0;
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', start)) {
      const below = object.openObject(name.slice(start, dot));
      if (below === undefined) return;
      object = below;
      start = dot + 1;
    }
    const key = name.slice(start);
    const folded = foldCase(key);
    if (!object.members.has(folded)) object.members.set(folded, { key, value: printField(value) });
  }

  print(): ByteString {
    const parts: ByteString[] = ['{'];
    const open = [this.members.values()];
    let separator = '';
    for (let inner = open.at(-1); inner !== undefined; inner = open.at(-1)) {
      const next = inner.next();
      if (next.done === true) {
        parts.push('}');
        open.pop();
        separator = ',';
        continue;
      }
      const { key, value } = next.value;
      parts.push(separator, printString(key), ':');
      if (typeof value === 'string') {
        parts.push(value);
        separator = ',';
      } else {
        parts.push('{');
        open.push(value.members.values());
        separator = '';
      }
    }
    return parts.join('');
  }

  /** The object at a key, made if nothing stands there; undefined when a value does. */
  private openObject(key: ByteString): NestedObject | undefined {
    const folded = foldCase(key);
    const there = this.members.get(folded)?.value;
    if (there !== undefined) return typeof there === 'string' ? undefined : there;
    const object = new NestedObject();
    this.members.set(folded, { key, value: object });
    return object;
  }
}

/** Text that is a JSON array from its first to its last byte becomes one again. */
function printField(value: ByteString): ByteString {
  if (value.startsWith('[')) {
    const parsed = parseTree(value);
    if (parsed !== undefined && parsed.end === value.length) return printTree(parsed.tree);
  }
  return printString(value);
}
