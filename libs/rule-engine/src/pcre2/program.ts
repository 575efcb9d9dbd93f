import { byteSequencesOf } from './byte-sequences.ts';
import { type CodeSet, rangesOf } from './code-set.ts';
import { fixedLengthOf } from './fixed-length.ts';
import type { ParsedPattern } from './parse-pattern.ts';
import { PatternRefusal } from './pattern-refusal.ts';
import { type Assertion, childrenOf, type Node, someNode } from './syntax-tree.ts';

/**
 * A pattern as instructions. Instruction `i` is `ops[i]` with operands `first[i]` and `second[i]`:
 *
 *  - BYTE: the next byte is in `sets[first]`; go on at `second`.
 *  - SPLIT: try `first`, then `second`.   - JUMP: go on at `first`.
 *  - ASSERT: `ASSERTIONS[first]` holds; go on at `second`.
 *  - SAVE: keep the place in slot `first`; go on at `second`.
 *  - LOOP: at `second`, which jumps back into the loop; past it, if nothing was taken since slot `first`.
 *  - LOOK: `looks[first]`; go on at `second`.   - REFERENCE: `references[first]`; go on at `second`.
 *  - MATCH, FAIL.
 */
export interface Program {
  readonly ops: Uint8Array;
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly sets: readonly Uint8Array[];
  readonly looks: readonly Look[];
  readonly references: readonly Reference[];
  readonly slots: number;
  /** Every match starts at offset 0. */
  readonly anchored: boolean;
  /** Only BYTE, SPLIT, JUMP, ASSERT, MATCH and FAIL: a finite automaton. */
  readonly regular: boolean;
  readonly utf: boolean;
  /** The bytes that `\b` takes for letters. */
  readonly words: Uint8Array;
}

export interface Look {
  readonly kind: 'ahead' | 'behind' | 'atomic';
  readonly negative: boolean;
  /** Where each branch starts, and how many codes back it starts to read (lookbehind). */
  readonly branches: readonly { readonly start: number; readonly back: number }[];
}

export interface Reference {
  readonly groups: readonly number[];
  readonly caseless: boolean;
}

export const OP = { BYTE: 0, SPLIT: 1, JUMP: 2, ASSERT: 3, SAVE: 4, LOOP: 5, LOOK: 6, REFERENCE: 7, MATCH: 8, FAIL: 9 } as const;

export const ASSERTIONS: readonly Assertion[] = [
  'subject-start',
  'line-start',
  'subject-end',
  'last-line-end',
  'line-end',
  'word-boundary',
  'no-word-boundary',
];

/** Beyond it a pattern is refused: `(a{1000}){1000}` would fill the memory. PCRE2's own limit is 64 KB of its code. */
const MAX_INSTRUCTIONS = 30_000;

export function buildProgram(pattern: ParsedPattern, words: CodeSet): Program {
  const ops: number[] = [];
  const first: number[] = [];
  const second: number[] = [];
  const sets: Uint8Array[] = [];
  const setNumbers = new Map<string, number>();
  const looks: Look[] = [];
  const references: Reference[] = [];
  const hasReferences = someNode(pattern.root, (node) => node.kind === 'backreference');
  const groups = groupBodies(pattern.root);
  let slots = 2 * (pattern.groups + 1);

  const emit = (op: number, one = 0, two = 0): number => {
    if (ops.length >= MAX_INSTRUCTIONS)
      throw new PatternRefusal('unsupported', `a pattern of more than ${MAX_INSTRUCTIONS} instructions (large counts)`, 0);
    ops.push(op);
    first.push(one);
    second.push(two);
    return ops.length - 1;
  };
  const setNumber = (ranges: readonly (readonly [number, number])[]): number => {
    const key = ranges.join(';');
    const known = setNumbers.get(key);
    if (known !== undefined) return known;
    const set = new Uint8Array(256);
    for (const [from, to] of ranges) set.fill(1, from, to + 1);
    setNumbers.set(key, sets.length);
    return sets.push(set) - 1;
  };

  /** Writes the node so that it goes on with the instruction after its last one. */
  const write = (node: Node): void => {
    switch (node.kind) {
      case 'empty':
        return;
      case 'fail':
        emit(OP.FAIL);
        return;
      case 'set':
        writeSet(node.set);
        return;
      case 'sequence':
        node.items.forEach(write);
        return;
      case 'alternatives':
        writeChoice(node.branches.map((branch) => () => write(branch)));
        return;
      case 'repeat':
        writeRepeat(node.body, node.min, node.max, node.greedy);
        return;
      case 'capture':
        if (hasReferences) emit(OP.SAVE, 2 * node.group, ops.length + 1);
        write(node.body);
        if (hasReferences) emit(OP.SAVE, 2 * node.group + 1, ops.length + 1);
        return;
      case 'assertion':
        emit(OP.ASSERT, ASSERTIONS.indexOf(node.assertion), ops.length + 1);
        return;
      case 'backreference':
        references.push({ groups: node.groups, caseless: node.caseless });
        emit(OP.REFERENCE, references.length - 1, ops.length + 1);
        return;
      case 'atomic':
        writeLook('atomic', false, [node.body], [0]);
        return;
      case 'look':
        writeLook(
          node.behind ? 'behind' : 'ahead',
          node.negative,
          node.branches,
          node.branches.map((branch) => (node.behind ? (fixedLengthOf(branch, groups) ?? 0) : 0)),
        );
    }
  };
  const writeSet = (set: CodeSet): void => {
    if (set.length === 0) {
      emit(OP.FAIL);
      return;
    }
    if (!pattern.utf) {
      emit(OP.BYTE, setNumber(rangesOf(set)), ops.length + 1);
      return;
    }
    const spellings = byteSequencesOf(set, true).map((sequence) => () => {
      for (const range of sequence) emit(OP.BYTE, setNumber([range]), ops.length + 1);
    });
    writeChoice(spellings);
  };
  const writeChoice = (branches: readonly (() => void)[]): void => {
    const ends: number[] = [];
    branches.forEach((branch, index) => {
      const isLast = index === branches.length - 1;
      const split = isLast ? -1 : emit(OP.SPLIT, ops.length + 1);
      branch();
      if (isLast) return;
      ends.push(emit(OP.JUMP));
      second[split] = ops.length;
    });
    for (const end of ends) first[end] = ops.length;
  };
  const writeRepeat = (body: Node, min: number, max: number, greedy: boolean): void => {
    for (let count = 0; count < min; count++) write(body);
    if (max === Number.POSITIVE_INFINITY) {
      const split = emit(OP.SPLIT);
      // A body that may take nothing would go round for ever.
      const guard = isNullable(body) ? slots++ : -1;
      if (guard >= 0) emit(OP.SAVE, guard, ops.length + 1);
      write(body);
      if (guard >= 0) emit(OP.LOOP, guard, ops.length + 1);
      emit(OP.JUMP, split);
      setSplit(split, split + 1, ops.length, greedy);
      return;
    }
    const splits: number[] = [];
    for (let count = min; count < max; count++) {
      splits.push(emit(OP.SPLIT));
      write(body);
    }
    for (const split of splits) setSplit(split, split + 1, ops.length, greedy);
  };
  const setSplit = (split: number, inside: number, after: number, greedy: boolean): void => {
    first[split] = greedy ? inside : after;
    second[split] = greedy ? after : inside;
  };
  const writeLook = (kind: Look['kind'], negative: boolean, branches: readonly Node[], backs: readonly number[]): void => {
    const number = looks.length;
    const starts: { start: number; back: number }[] = [];
    looks.push({ kind, negative, branches: starts });
    const look = emit(OP.LOOK, number);
    branches.forEach((branch, index) => {
      starts.push({ start: ops.length, back: backs[index] ?? 0 });
      write(branch);
      emit(OP.MATCH);
    });
    second[look] = ops.length;
  };

  write(pattern.root);
  emit(OP.MATCH);
  const wordBytes = new Uint8Array(256);
  for (const [from, to] of rangesOf(words)) wordBytes.fill(1, from, Math.min(to, 255) + 1);
  return {
    ops: Uint8Array.from(ops),
    first: Int32Array.from(first),
    second: Int32Array.from(second),
    sets,
    looks,
    references,
    slots,
    anchored: startsAtStart(pattern.root),
    regular: looks.length === 0 && references.length === 0,
    utf: pattern.utf,
    words: wordBytes,
  };
}

/** May the node match without taking a byte? */
export function isNullable(node: Node): boolean {
  switch (node.kind) {
    case 'set':
    case 'fail':
      return false;
    case 'sequence':
      return node.items.every(isNullable);
    case 'alternatives':
      return node.branches.some(isNullable);
    case 'repeat':
      return node.min === 0 || isNullable(node.body);
    case 'capture':
    case 'atomic':
      return isNullable(node.body);
    default:
      return true;
  }
}

/** Does every way through the node begin with `\A`? */
function startsAtStart(node: Node): boolean {
  switch (node.kind) {
    case 'assertion':
      return node.assertion === 'subject-start';
    case 'alternatives':
      return node.branches.every(startsAtStart);
    case 'capture':
    case 'atomic':
      return startsAtStart(node.body);
    case 'sequence': {
      const begin = node.items.find((item) => item.kind !== 'look' && item.kind !== 'empty');
      return begin !== undefined && startsAtStart(begin);
    }
    default:
      return false;
  }
}

function groupBodies(root: Node): ReadonlyMap<number, Node> {
  const bodies = new Map<number, Node>();
  const visit = (node: Node): void => {
    if (node.kind === 'capture') bodies.set(node.group, node.body);
    for (const child of childrenOf(node)) visit(child);
  };
  visit(root);
  return bodies;
}
