import type { ByteString } from '../byte-string.ts';
import type { Budget, Outcome } from '../expression/outcome.ts';
import { ASSERTIONS, OP, type Program } from './program.ts';

/**
 * Runs a regular program as a deterministic automaton whose states are made when first met: each byte of the subject costs one
 * look into a table. A state is a set of instructions together with what the last byte was (start, newline, letter), because
 * assertions look both ways; they are decided when the next byte is known.
 *
 * Making a state costs as many steps as it has instructions, and they are charged to the budget. So the worst case is
 * |subject| times |program|, never exponential.
 */
export interface LazyDfa {
  match(subject: ByteString, budget: Budget): Outcome;
}

const UNKNOWN = -1;
const MATCHED = -2;
const DEAD = -3;
/** States kept; at the limit all are forgotten. */
const MAX_STATES = 1_000;

interface State {
  /** Instructions to go on from, ascending. */
  readonly kernel: readonly number[];
  readonly before: number;
  /** Next state by symbol. */
  readonly next: Int32Array;
}

// What stood before the present place.
const AT_START = 1;
const AFTER_NEWLINE = 2;
const AFTER_WORD = 4;

/** Nothing is made before the first match is asked for: of many patterns few are ever reached. */
export function createLazyDfa(program: Program): LazyDfa {
  let dfa: LazyDfa | undefined;
  return {
    match(subject, budget) {
      dfa ??= buildDfa(program);
      return dfa.match(subject, budget);
    },
  };
}

function buildDfa(program: Program): LazyDfa {
  const { symbols, symbolOf, byteOf } = symbolsOf(program);
  // Two symbols more: a newline that is the subject's last byte, and the end.
  const lastNewline = symbols;
  const end = symbols + 1;
  const { ops, first, second, sets, words } = program;
  let states: State[] = [];
  let numbers = new Map<string, number>();
  const marks = new Uint32Array(ops.length);
  let mark = 0;

  const stateFor = (kernel: readonly number[], before: number): number => {
    const key = `${before}:${kernel.join()}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, states.length);
    return states.push({ kernel, before, next: new Int32Array(symbols + 2).fill(UNKNOWN) }) - 1;
  };
  const reset = (): number => {
    states = [];
    numbers = new Map();
    return stateFor([0], AT_START);
  };
  reset();

  /** The state after `symbol`, MATCHED if a match ends before it, DEAD if none can come. */
  const advance = (state: State, symbol: number, budget: Budget): number => {
    const byte = symbol === lastNewline ? 10 : symbol === end ? -1 : (byteOf[symbol] ?? 0);
    const pending = [...state.kernel];
    const kernel: number[] = [];
    mark++;
    while (pending.length > 0) {
      const at = pending.pop() ?? 0;
      if (marks[at] === mark) continue;
      marks[at] = mark;
      // Making a state costs about twice what a step of the backtracker costs.
      budget.steps -= 2;
      switch (ops[at]) {
        case OP.BYTE:
          if (byte >= 0 && sets[first[at] ?? 0]?.[byte] === 1) kernel.push(second[at] ?? 0);
          break;
        case OP.SPLIT:
          pending.push(second[at] ?? 0, first[at] ?? 0);
          break;
        case OP.JUMP:
          pending.push(first[at] ?? 0);
          break;
        case OP.ASSERT:
          if (holds(first[at] ?? 0, state.before, byte, symbol === lastNewline)) pending.push(second[at] ?? 0);
          break;
        case OP.SAVE:
        case OP.LOOP:
          // Which way a match went does not matter here, and `marks` keeps loops from going round.
          pending.push(second[at] ?? 0);
          break;
        case OP.MATCH:
          return MATCHED;
      }
    }
    if (byte < 0) return DEAD;
    if (!program.anchored) kernel.push(0);
    if (kernel.length === 0) return DEAD;
    if (states.length >= MAX_STATES) reset();
    const before = (byte === 10 ? AFTER_NEWLINE : 0) | (words[byte] === 1 ? AFTER_WORD : 0);
    return stateFor(unique(kernel), before & relevant);
  };

  const holds = (assertion: number, before: number, byte: number, isLastNewline: boolean): boolean => {
    switch (ASSERTIONS[assertion]) {
      case 'subject-start':
        return before === AT_START;
      case 'line-start':
        // Not after a newline at the very end: pcre2pattern(3), "Circumflex and dollar".
        return before === AT_START || ((before & AFTER_NEWLINE) !== 0 && byte >= 0);
      case 'subject-end':
        return byte < 0;
      case 'last-line-end':
        return byte < 0 || isLastNewline;
      case 'line-end':
        return byte < 0 || byte === 10;
      default: {
        const wordBefore = (before & AFTER_WORD) !== 0;
        const wordAfter = byte >= 0 && words[byte] === 1;
        return (wordBefore !== wordAfter) === (ASSERTIONS[assertion] === 'word-boundary');
      }
    }
  };

  const relevant = relevantContext(program);

  return {
    match(subject, budget) {
      const length = subject.length;
      budget.steps -= 1 + (length >> 3);
      let state = states[0] as State;
      for (let i = 0; i < length; i++) {
        const byte = subject.charCodeAt(i);
        const symbol = byte === 10 && i === length - 1 ? lastNewline : (symbolOf[byte] as number);
        let next = state.next[symbol] as number;
        if (next === UNKNOWN) {
          next = advance(state, symbol, budget);
          state.next[symbol] = next;
          if (budget.steps < 0) return 'undecided';
        }
        if (next < 0) return next === MATCHED ? 'match' : 'miss';
        state = states[next] as State;
      }
      if (budget.steps < 0) return 'undecided';
      const last = state.next[end] === UNKNOWN ? advance(state, end, budget) : (state.next[end] as number);
      state.next[end] = last;
      return last === MATCHED ? 'match' : 'miss';
    },
  };
}

/** Bytes that no set and no assertion of the program tells apart are one symbol. */
function symbolsOf(program: Program): { readonly symbols: number; readonly symbolOf: Uint16Array; readonly byteOf: readonly number[] } {
  // Refined set by set: bytes stay together as long as every set has all or none of them.
  let symbolOf: Uint16Array = new Uint16Array(256);
  let symbols = 1;
  const newline = new Uint8Array(256);
  newline[10] = 1;
  for (const set of [...program.sets, newline, program.words]) {
    const numbers = new Map<number, number>();
    const refined = new Uint16Array(256);
    for (let byte = 0; byte < 256; byte++) {
      const key = (symbolOf[byte] as number) * 2 + (set[byte] as number);
      const known = numbers.get(key) ?? numbers.size;
      numbers.set(key, known);
      refined[byte] = known;
    }
    symbolOf = refined;
    symbols = numbers.size;
  }
  const byteOf = Array.from({ length: symbols }, (_, symbol) => symbolOf.indexOf(symbol));
  return { symbols, symbolOf, byteOf };
}

/** Which parts of `before` the assertions of the program ask for: the others would only multiply states. */
function relevantContext(program: Program): number {
  let relevant = 0;
  program.ops.forEach((op, at) => {
    if (op !== OP.ASSERT) return;
    const assertion = ASSERTIONS[program.first[at] ?? 0];
    if (assertion === 'line-start') relevant |= AFTER_NEWLINE;
    if (assertion === 'word-boundary' || assertion === 'no-word-boundary') relevant |= AFTER_WORD;
  });
  return relevant;
}

function unique(kernel: number[]): readonly number[] {
  const sorted = kernel.sort((a, b) => a - b);
  return sorted.filter((at, index) => index === 0 || at !== sorted[index - 1]);
}
