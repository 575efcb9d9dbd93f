import { type ByteString, FOLD } from '../byte-string.ts';
import type { Budget, Outcome } from '../expression/outcome.ts';
import { ASSERTIONS, type Look, OP, type Program, type Reference } from './program.ts';

/**
 * Runs a program by trying one way after the other, as PCRE2 does: for lookaround, atomic groups and backreferences.
 *
 * The first steps go without a memory, which is the cheapest for the short values that fields have. When they do not suffice, and
 * the program has no backreferences, the search starts again and remembers every choice (instruction, place) that has failed:
 * then no choice is made twice, and the work grows with |subject| times |program|. A search with backreferences, or one that is
 * still not done at the end of the budget, is undecided.
 */
export function createBacktracker(program: Program): { match(subject: ByteString, budget: Budget): Outcome } {
  const splits = new Int32Array(program.ops.length).fill(-1);
  let splitCount = 0;
  program.ops.forEach((op, at) => {
    if (op === OP.SPLIT) splits[at] = splitCount++;
  });
  const hasReferences = program.references.length > 0;
  const starts = firstBytes(program);

  return {
    match(subject, budget) {
      if (budget.steps < 0) return 'undecided';
      if (hasReferences) return new Search(program, subject, budget, undefined).run(starts);
      const trial: Budget = { steps: Math.min(budget.steps, PLAIN_STEPS) };
      const granted = trial.steps;
      const outcome = new Search(program, subject, trial, undefined).run(starts);
      budget.steps -= granted - Math.max(trial.steps, 0);
      if (outcome !== 'undecided') return outcome;
      const bits = splitCount * (subject.length + 1);
      if (bits > MAX_MEMORY_BITS) return new Search(program, subject, budget, undefined).run(starts);
      // Clearing the memory is work too.
      budget.steps -= bits >> 9;
      const memory: Memory = { splits, width: subject.length + 1, failed: new Uint32Array((bits >> 5) + 1), trail: [] };
      return new Search(program, subject, budget, memory).run(starts);
    },
  };
}

/** Steps tried without a memory. */
const PLAIN_STEPS = 3_000;
/** 4 MB. */
const MAX_MEMORY_BITS = 1 << 25;
/** Frames of pending choices; beyond it the search is undecided rather than out of memory. */
const MAX_STACK = 1 << 21;

interface Memory {
  readonly splits: Int32Array;
  readonly width: number;
  readonly failed: Uint32Array;
  /** Bits set inside the lookarounds under way: when one succeeds, not all that it tried has failed. */
  readonly trail: number[];
}

class Search {
  private readonly program: Program;
  private readonly subject: ByteString;
  private readonly budget: Budget;
  private readonly memory: Memory | undefined;
  private readonly slots: Int32Array;
  private isSpent = false;
  private lookDepth = 0;

  constructor(program: Program, subject: ByteString, budget: Budget, memory: Memory | undefined) {
    this.program = program;
    this.subject = subject;
    this.budget = budget;
    this.memory = memory;
    this.slots = new Int32Array(program.slots).fill(-1);
  }

  run(starts: Uint8Array | undefined): Outcome {
    const last = this.program.anchored ? 0 : this.subject.length;
    for (let start = 0; start <= last; start++) {
      if (starts !== undefined && (start >= this.subject.length || starts[this.subject.charCodeAt(start)] === 0)) {
        if ((start & 7) === 0) this.budget.steps--;
        continue;
      }
      if (this.program.utf && (this.subject.charCodeAt(start) & 0xc0) === 0x80) continue;
      if (this.runFrom(0, start) >= 0) return 'match';
      if (this.isSpent) return 'undecided';
    }
    return 'miss';
  }

  /** Where the first way to match from `entry` at `from` ends; -1: there is none, or the budget is spent. */
  private runFrom(entry: number, from: number): number {
    const { ops, first, second, sets } = this.program;
    const { subject, memory, slots } = this;
    const length = subject.length;
    // Pairs: (instruction, place) to go on from, or (-1 - slot, value) to put back.
    const stack: number[] = [];
    let pc = entry;
    let at = from;
    for (;;) {
      if (--this.budget.steps < 0 || stack.length > MAX_STACK) {
        this.isSpent = true;
        return -1;
      }
      let fails = false;
      switch (ops[pc]) {
        case OP.BYTE:
          if (at < length && sets[first[pc] as number]?.[subject.charCodeAt(at)] === 1) {
            at++;
            pc = second[pc] as number;
          } else fails = true;
          break;
        case OP.SPLIT:
          if (memory !== undefined && this.hasFailed(memory, pc, at)) fails = true;
          else {
            stack.push(second[pc] as number, at);
            pc = first[pc] as number;
          }
          break;
        case OP.JUMP:
          pc = first[pc] as number;
          break;
        case OP.ASSERT:
          if (this.holds(first[pc] as number, at)) pc = second[pc] as number;
          else fails = true;
          break;
        case OP.SAVE: {
          const slot = first[pc] as number;
          stack.push(-1 - slot, slots[slot] as number);
          slots[slot] = at;
          pc = second[pc] as number;
          break;
        }
        case OP.LOOP:
          pc = slots[first[pc] as number] === at ? pc + 2 : (second[pc] as number);
          break;
        case OP.LOOK: {
          const look = this.program.looks[first[pc] as number] as Look;
          const end = this.runLook(look, at, stack);
          if (this.isSpent) return -1;
          if (end < 0) fails = true;
          else {
            at = end;
            pc = second[pc] as number;
          }
          break;
        }
        case OP.REFERENCE: {
          const end = this.skipReference(this.program.references[first[pc] as number] as Reference, at);
          if (end < 0) fails = true;
          else {
            at = end;
            pc = second[pc] as number;
          }
          break;
        }
        case OP.MATCH:
          return at;
        default:
          fails = true;
      }
      if (!fails) continue;
      let resumed = false;
      while (stack.length > 0) {
        const value = stack.pop() as number;
        const target = stack.pop() as number;
        if (target >= 0) {
          pc = target;
          at = value;
          resumed = true;
          break;
        }
        slots[-1 - target] = value;
      }
      if (!resumed) return -1;
    }
  }

  /** Marks the choice; true when it was marked before. */
  private hasFailed(memory: Memory, pc: number, at: number): boolean {
    const bit = (memory.splits[pc] as number) * memory.width + at;
    const word = bit >>> 5;
    const mask = 1 << (bit & 31);
    if (((memory.failed[word] as number) & mask) !== 0) return true;
    memory.failed[word] = (memory.failed[word] as number) | mask;
    if (this.lookDepth > 0) memory.trail.push(bit);
    return false;
  }

  /** Where to go on after a lookaround or an atomic group that holds; -1 when it does not. */
  private runLook(look: Look, at: number, stack: number[]): number {
    const { slots, memory } = this;
    const before = this.program.references.length > 0 ? slots.slice() : undefined;
    const trailStart = memory?.trail.length ?? 0;
    this.lookDepth++;
    let end = -1;
    for (const branch of look.branches) {
      const start = this.stepBack(at, branch.back);
      if (start < 0) continue;
      end = this.runFrom(branch.start, start);
      if (this.isSpent) return -1;
      if (end >= 0) break;
    }
    this.lookDepth--;
    if (memory !== undefined) {
      // What failed in a way that failed as a whole has failed for good; a way that succeeded leaves its choices open.
      if (end >= 0) for (let i = trailStart; i < memory.trail.length; i++) forget(memory, memory.trail[i] as number);
      memory.trail.length = trailStart;
    }
    if (look.negative) {
      if (before !== undefined) slots.set(before);
      return end >= 0 ? -1 : at;
    }
    if (end < 0) return -1;
    // What the group captured stays, until the search goes back beyond it.
    before?.forEach((value, slot) => {
      if (value !== slots[slot]) stack.push(-1 - slot, value);
    });
    return look.kind === 'atomic' ? end : at;
  }

  private stepBack(at: number, codes: number): number {
    if (!this.program.utf) return at - codes;
    let place = at;
    for (let left = codes; left > 0; left--) {
      place--;
      while (place > 0 && (this.subject.charCodeAt(place) & 0xc0) === 0x80) place--;
      if (place < 0) return -1;
    }
    return place;
  }

  private skipReference(reference: Reference, at: number): number {
    for (const group of reference.groups) {
      const start = this.slots[2 * group] ?? -1;
      const end = this.slots[2 * group + 1] ?? -1;
      if (start < 0 || end < start) continue;
      const length = end - start;
      this.budget.steps -= length >> 2;
      if (at + length > this.subject.length) return -1;
      for (let i = 0; i < length; i++) {
        const captured = this.subject.charCodeAt(start + i);
        const found = this.subject.charCodeAt(at + i);
        if (captured !== found && !(reference.caseless && FOLD[captured] === FOLD[found])) return -1;
      }
      return at + length;
    }
    // A group that has not taken part fails: pcre2pattern(3), "Backreferences".
    return -1;
  }

  private holds(assertion: number, at: number): boolean {
    const { subject } = this;
    const length = subject.length;
    switch (ASSERTIONS[assertion]) {
      case 'subject-start':
        return at === 0;
      case 'line-start':
        return at === 0 || (at < length && subject.charCodeAt(at - 1) === 10);
      case 'subject-end':
        return at === length;
      case 'last-line-end':
        return at === length || (at === length - 1 && subject.charCodeAt(at) === 10);
      case 'line-end':
        return at === length || subject.charCodeAt(at) === 10;
      default: {
        const { words } = this.program;
        const isBefore = at > 0 && words[subject.charCodeAt(at - 1)] === 1;
        const isAfter = at < length && words[subject.charCodeAt(at)] === 1;
        return (isBefore !== isAfter) === (ASSERTIONS[assertion] === 'word-boundary');
      }
    }
  }
}

function forget({ failed }: Memory, bit: number): void {
  failed[bit >>> 5] = (failed[bit >>> 5] as number) & ~(1 << (bit & 31));
}

/** The bytes that a match can begin with; undefined when it can begin with anything, or with nothing. */
function firstBytes(program: Program): Uint8Array | undefined {
  const bytes = new Uint8Array(256);
  const pending = [0];
  const seen = new Set<number>();
  while (pending.length > 0) {
    const at = pending.pop() ?? 0;
    if (seen.has(at)) continue;
    seen.add(at);
    const one = program.first[at] ?? 0;
    const two = program.second[at] ?? 0;
    switch (program.ops[at]) {
      case OP.BYTE:
        program.sets[one]?.forEach((is, byte) => {
          if (is === 1) bytes[byte] = 1;
        });
        break;
      case OP.SPLIT:
        pending.push(one, two);
        break;
      case OP.JUMP:
        pending.push(one);
        break;
      case OP.ASSERT:
      case OP.SAVE:
        pending.push(two);
        break;
      case OP.LOOK: {
        const look = program.looks[one];
        if (look === undefined) return undefined;
        if (look.kind === 'atomic') pending.push(...look.branches.map(({ start }) => start));
        else pending.push(two);
        break;
      }
      case OP.FAIL:
        break;
      default:
        return undefined;
    }
  }
  return bytes;
}
