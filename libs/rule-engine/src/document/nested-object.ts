import { type ByteString, foldCase } from '../byte-string.ts';
import { printString } from '../json/strings.ts';
import { parseTree, printTree } from '../json/tree.ts';

interface Member {
  readonly folded: ByteString;
  readonly key: ByteString;
  /** Printed, or an object. */
  value: NestedObject | ByteString;
}

/** With fewer members a look at each is cheaper than a map: most objects of a long name have one. */
const MIN_INDEXED = 12;

/**
 * An object of the alert into which fields are put by dotted names: `a.b` becomes `b` in `a`. Names compare without case, and a
 * field whose place is taken is dropped without a word: labels `app` and `app.kubernetes.io/name` cannot both be there.
 * One key of an event may hold 30,000 dots, so nothing here calls itself.
 * Source: wazuh v4.14.7 src/shared/string_op.c, W_JSON_AddField.
 */
export class NestedObject {
  private readonly members: Member[] = [];
  private index: Map<ByteString, Member> | undefined;

  get isEmpty(): boolean {
    return this.members.length === 0;
  }

  /** A member whose value is printed as a string, whatever stands there already. */
  addText(key: ByteString, value: ByteString): void {
    const folded = foldCase(key);
    const there = this.find(folded);
    if (there === undefined) this.add({ folded, key, value: printString(value) });
    else there.value = printString(value);
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
    if (object.find(folded) === undefined) object.add({ folded, key, value: printField(value) });
  }

  print(): ByteString {
    const parts: ByteString[] = ['{'];
    const open: { readonly members: readonly Member[]; next: number }[] = [{ members: this.members, next: 0 }];
    for (let inner = open.at(-1); inner !== undefined; inner = open.at(-1)) {
      const member = inner.members[inner.next];
      if (member === undefined) {
        parts.push('}');
        open.pop();
        continue;
      }
      parts.push(inner.next > 0 ? ',' : '', printString(member.key), ':');
      inner.next++;
      if (typeof member.value === 'string') parts.push(member.value);
      else {
        parts.push('{');
        open.push({ members: member.value.members, next: 0 });
      }
    }
    return parts.join('');
  }

  /** The object at a key, made if nothing stands there; undefined when a value does. */
  private openObject(key: ByteString): NestedObject | undefined {
    const folded = foldCase(key);
    const there = this.find(folded);
    if (there !== undefined) return typeof there.value === 'string' ? undefined : there.value;
    const object = new NestedObject();
    this.add({ folded, key, value: object });
    return object;
  }

  private find(folded: ByteString): Member | undefined {
    if (this.index !== undefined) return this.index.get(folded);
    for (const member of this.members) if (member.folded === folded) return member;
    return undefined;
  }

  private add(member: Member): void {
    this.members.push(member);
    if (this.index !== undefined) this.index.set(member.folded, member);
    else if (this.members.length >= MIN_INDEXED) this.index = new Map(this.members.map((each) => [each.folded, each]));
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
