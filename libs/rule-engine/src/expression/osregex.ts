import { type ByteString, FOLD, regionEqualsCaseless } from '../byte-string.ts';
import { indexOfCaseless, prepareNeedle } from '../caseless-search.ts';
import { BACKSLASH, CLASS_BYTES, compileOsRegexProgram, type OsRegexPart, PARENTHESIS, PLUS, STAR } from './osregex-program.ts';
import { literalOf, requiredTextsOfPart } from './osregex-text.ts';
import type { Budget, CompileResult, Outcome } from './outcome.ts';

/**
 * OSRegex, the language of `<field>` and `<regex>`. It is no regular expression: its search remembers at most four earlier places,
 * in an ad hoc way, and patterns such as `x+y` with overlaps give answers that no other engine gives (1.7 % of the measured pairs).
 * So `runPart` keeps the control flow of `_OS_Regex` (wazuh v4.14.7 src/os_regex/os_regex_execute.c:180-460), step by step.
 */
export function compileOsRegex(pattern: ByteString): CompileResult {
  const program = compileOsRegexProgram(pattern);
  if (program.kind === 'invalid') return program;
  const tests = program.parts.map(compilePart);
  return {
    kind: 'compiled',
    expression: {
      match(subject, budget) {
        for (const test of tests) {
          const outcome = test(subject, budget);
          if (outcome !== 'miss') return outcome;
        }
        return 'miss';
      },
    },
  };
}

type Test = (subject: ByteString, budget: Budget) => Outcome;

/** Plain text needs no search of its own kind; the rest is tried only where all its plain texts are. Both are held to `runPart` by tests. */
function compilePart(part: OsRegexPart): Test {
  const text = literalOf(part);
  if (text !== undefined && text !== '') return literalTest(part, text);
  const needles = requiredTextsOfPart(part).map(prepareNeedle);
  if (needles.length === 0) return (subject, budget) => runPart(part, subject, budget);
  return (subject, budget) => {
    for (const needle of needles) if (indexOfCaseless(subject, needle, budget) < 0) return budget.steps < 0 ? 'undecided' : 'miss';
    return runPart(part, subject, budget);
  };
}

function literalTest({ fromStart, toEnd }: OsRegexPart, text: ByteString): Test {
  const isAt = (subject: ByteString, offset: number): Outcome => (regionEqualsCaseless(subject, offset, text) ? 'match' : 'miss');
  if (fromStart && toEnd) return (subject) => (subject.length === text.length ? isAt(subject, 0) : 'miss');
  if (fromStart) return (subject) => isAt(subject, 0);
  if (toEnd) return (subject) => isAt(subject, subject.length - text.length);
  const needle = prepareNeedle(text);
  return (subject, budget) => {
    const at = indexOfCaseless(subject, needle, budget);
    if (budget.steps < 0) return 'undecided';
    return at >= 0 ? 'match' : 'miss';
  };
}

/** The generic search of one part; without captures, which rules never use. */
export function runPart({ codes, fromStart, toEnd }: OsRegexPart, subject: ByteString, budget: Budget): Outcome {
  const length = subject.length;
  let steps = budget.steps;
  // C walks pointers; here `at` is the place in the subject, `pt` the place in the pattern.
  let at = 0;
  let pt = 0;
  /** C's r_code: nothing has failed yet, or something has matched since the last fresh start. */
  let found = true;
  /** C's _regex_matched: the class under way has matched at least once. */
  let classMatched = false;
  let restartAt = -1;
  const savedPt = [-1, -1, -1, -1];
  const savedAt = [0, 0, 0, 0];

  for (; at < length; at++) {
    if (--steps < 0) {
      budget.steps = steps;
      return 'undecided';
    }
    const byte = subject.charCodeAt(at);
    let code = code0(codes, pt);
    if (code === PARENTHESIS) code = code0(codes, ++pt);
    if (code === 0 && !toEnd) {
      // Reached by the pattern's end, or by a last parenthesis.
      budget.steps = steps;
      return found ? 'match' : 'miss';
    }

    if (code === BACKSLASH) {
      if (classHolds(codes, pt, byte)) {
        let next = pt + 2;
        const repeat = code0(codes, next);
        if (repeat !== PLUS && repeat !== STAR) {
          pt = next;
          if (restartAt < 0) restartAt = at;
          found = true;
          continue;
        }
        if (repeat === STAR) classMatched = true;
        next++;
        if (classMatched) {
          let advance = -1;
          if (code0(codes, next) === PARENTHESIS) next++;
          const following = code0(codes, next);
          if (following === 0) advance = 1;
          else if (following === BACKSLASH) {
            if (classHolds(codes, next, byte)) advance = isRepeat(code0(codes, next + 2)) ? 0 : 2;
          } else if (following === FOLD[byte]) {
            classMatched = false;
            advance = 1;
          }
          if (advance >= 0) {
            // The last item goes on taking bytes; C leaves `r_code` as it was.
            if (following === 0) continue;
            const slot = savedPt.indexOf(-1);
            if (slot >= 0) {
              savedPt[slot] = pt;
              savedAt[slot] = at;
            }
            pt = next + advance;
          }
        } else classMatched = true;
        found = true;
        continue;
      }
      if (code0(codes, pt + 3) === 0 && classMatched && found) {
        if (!toEnd) {
          budget.steps = steps;
          return 'match';
        }
      } else if (code0(codes, pt + 2) === PLUS && classMatched) {
        pt += 3;
        at--;
        classMatched = false;
        continue;
      } else if (code0(codes, pt + 2) === STAR) {
        pt += 3;
        at--;
        found = true;
        classMatched = false;
        continue;
      }
      classMatched = false;
    } else if (code === FOLD[byte]) {
      pt++;
      if (restartAt < 0) restartAt = at;
      found = true;
      continue;
    }

    // Nothing fits here: back to the latest saved place, or start afresh.
    let slot = 3;
    while (slot >= 0 && savedPt[slot] === -1) slot--;
    if (slot >= 0) {
      pt = savedPt[slot] ?? 0;
      at = savedAt[slot] ?? 0;
      savedPt[slot] = -1;
      continue;
    }
    if (fromStart) {
      budget.steps = steps;
      return 'miss';
    }
    if (restartAt >= 0) {
      at = restartAt;
      restartAt = -1;
    }
    pt = 0;
    found = false;
  }

  budget.steps = steps;
  return found && isSpent(codes, pt, classMatched) ? 'match' : 'miss';
}

/** The subject is at its end: may what is left of the pattern match nothing? */
function isSpent(codes: Int16Array, start: number, classMatched: boolean): boolean {
  // C's macros skip parentheses, and advance a shared pointer through the alternatives of one condition; kept as they are.
  let pt = start;
  const skip = (): void => {
    if (code0(codes, pt) === PARENTHESIS) pt++;
  };
  skip();
  if (code0(codes, pt) === 0) return true;
  if (code0(codes, pt) === BACKSLASH && classMatched) {
    pt += 2;
    if (isRepeat(code0(codes, pt))) {
      pt++;
      skip();
      if (code0(codes, pt) === 0) return true;
      if (code0(codes, pt) === BACKSLASH) {
        pt += 2;
        if (code0(codes, pt) === STAR) {
          pt++;
          skip();
          if (code0(codes, pt) === 0) return true;
        }
      }
    }
  }
  if (code0(codes, pt) !== BACKSLASH) return false;
  pt += 2;
  if (code0(codes, pt) !== STAR) return false;
  pt++;
  skip();
  return code0(codes, pt) === 0;
}

function code0(codes: Int16Array, index: number): number {
  return codes[index] ?? 0;
}

function classHolds(codes: Int16Array, pt: number, byte: number): boolean {
  return CLASS_BYTES[code0(codes, pt + 1)]?.[byte] === 1;
}

function isRepeat(code: number): boolean {
  return code === PLUS || code === STAR;
}
