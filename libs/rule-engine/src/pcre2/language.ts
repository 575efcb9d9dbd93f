import type { ByteString } from '../byte-string.ts';
import { rangesOf } from './code-set.ts';
import { parsePattern } from './parse-pattern.ts';
import { PatternRefusal } from './pattern-refusal.ts';
import { type RequiredText, requiredTextsOf } from './required-text.ts';
import { alternativesOf, type Node, sequenceOf } from './syntax-tree.ts';

/** More values than this are not listed. */
const MAX_VALUES = 64;

/** What every match of a pattern is, if that can be listed, or contains. ASCII letters stand for both cases. */
export function languageOf(pattern: ByteString): { readonly values?: readonly ByteString[]; readonly texts: readonly RequiredText[] } {
  try {
    const { root, utf } = parsePattern(pattern);
    if (utf) return { texts: requiredTextsOf(root, { utf: true, foldsCase: true }) };
    const values = wholeValues(root);
    return values === undefined ? { texts: requiredTextsOf(root, { utf: false, foldsCase: true }) } : { values, texts: [] };
  } catch (error) {
    if (!(error instanceof PatternRefusal)) throw error;
    return { texts: [] };
  }
}

/** The values that match from start to end: `^create$`, `^(?:create|update)$`. `$` also lets a last newline be. */
function wholeValues(root: Node): readonly ByteString[] | undefined {
  if (root.kind === 'capture') return wholeValues(root.body);
  if (root.kind === 'alternatives') {
    const all = root.branches.map(wholeValues);
    return all.every((values) => values !== undefined) ? limited(all.flat()) : undefined;
  }
  if (root.kind !== 'sequence') return undefined;
  const begin = root.items[0];
  const end = root.items.at(-1);
  if (begin?.kind !== 'assertion' || begin.assertion !== 'subject-start' || end?.kind !== 'assertion') return undefined;
  const inside = listOf(sequenceOf(root.items.slice(1, -1)));
  if (inside === undefined) return undefined;
  if (end.assertion === 'subject-end') return inside;
  return end.assertion === 'last-line-end' ? limited([...inside, ...inside.map((value) => `${value}\n`)]) : undefined;
}

/** All strings that the node can take, ASCII letters in lower case; undefined when there are too many. */
function listOf(node: Node): readonly ByteString[] | undefined {
  switch (node.kind) {
    case 'empty':
      return [''];
    case 'set': {
      const folded = new Set<string>();
      for (const [first, last] of rangesOf(node.set)) {
        if (last - first > 32) return undefined;
        for (let code = first; code <= last; code++) folded.add(String.fromCharCode(code >= 65 && code <= 90 ? code + 32 : code));
      }
      return limited([...folded]);
    }
    case 'capture':
      return listOf(node.body);
    case 'alternatives': {
      const lists = node.branches.map(listOf);
      return lists.every((list) => list !== undefined) ? limited(lists.flat()) : undefined;
    }
    case 'repeat':
      if (node.max > 3) return undefined;
      return listOf(
        alternativesOf(
          Array.from({ length: node.max - node.min + 1 }, (_, more) => sequenceOf(new Array<Node>(node.min + more).fill(node.body))),
        ),
      );
    case 'sequence': {
      let values: readonly ByteString[] | undefined = [''];
      for (const item of node.items) {
        const list = listOf(item);
        if (list === undefined || values === undefined) return undefined;
        values = limited(values.flatMap((value) => list.map((more) => value + more)));
      }
      return values;
    }
    default:
      return undefined;
  }
}

function limited(values: readonly ByteString[]): readonly ByteString[] | undefined {
  return values.length <= MAX_VALUES ? values : undefined;
}
