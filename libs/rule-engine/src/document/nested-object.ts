import { type ByteString, foldCase } from '../byte-string.ts';
import { printString } from '../json/strings.ts';
import { parseTree, printTree } from '../json/tree.ts';

/**
 * An object of the alert into which fields are put by dotted names: `a.b` becomes `b` in `a`. Names compare without case, and a
 * field whose place is taken is dropped without a word: labels `app` and `app.kubernetes.io/name` cannot both be there.
 * Source: wazuh v4.14.7 src/shared/string_op.c, W_JSON_AddField.
 */
export class NestedObject {
  private readonly members = new Map<ByteString, { readonly key: ByteString; readonly value: NestedObject | ByteString }>();

  get isEmpty(): boolean {
    return this.members.size === 0;
  }

  /** A member whose value is printed as a string, whatever stands there already. */
  addText(key: ByteString, value: ByteString): void {
    this.members.set(foldCase(key), { key, value: printString(value) });
  }

  addField(name: ByteString, value: ByteString): void {
    const dot = name.indexOf('.');
    const key = dot < 0 ? name : name.slice(0, dot);
    const folded = foldCase(key);
    const there = this.members.get(folded)?.value;
    if (dot < 0) {
      if (there === undefined) this.members.set(folded, { key, value: printField(value) });
      return;
    }
    if (there === undefined) {
      const object = new NestedObject();
      this.members.set(folded, { key, value: object });
      object.addField(name.slice(dot + 1), value);
    } else if (typeof there !== 'string') there.addField(name.slice(dot + 1), value);
  }

  print(): ByteString {
    const members = [...this.members.values()].map(
      ({ key, value }) => `${printString(key)}:${typeof value === 'string' ? value : value.print()}`,
    );
    return `{${members.join(',')}}`;
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
