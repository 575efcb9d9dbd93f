import type { ByteString } from '../byte-string.ts';
import { indexOfCaseless, prepareNeedle } from '../caseless-search.ts';
import type { Budget, CompileResult } from '../expression/outcome.ts';
import { createBacktracker } from './backtracker.ts';
import { typeSet, WORD } from './character-types.ts';
import { createLazyDfa } from './lazy-dfa.ts';
import { type ParsedPattern, parsePattern } from './parse-pattern.ts';
import { PatternRefusal } from './pattern-refusal.ts';
import { buildProgram } from './program.ts';
import { requiredTextsOf } from './required-text.ts';
import { someNode } from './syntax-tree.ts';
import { decodeUtf8 } from './utf8.ts';

/**
 * PCRE2 as wazuh-analysisd uses it: bytes, no options, a search from the start (wazuh v4.14.7 src/analysisd/expression.c).
 * What is regular runs in a lazy automaton, the rest in a bounded backtracker; JavaScript's RegExp is neither, and runs nowhere here.
 */
export function compilePcre2(pattern: ByteString): CompileResult {
  try {
    const parsed = parsePattern(pattern);
    const program = buildProgram(parsed, wordsOf(parsed));
    const matcher = program.regular ? createLazyDfa(program) : createBacktracker(program);
    const required = requiredTextsOf(parsed.root, { utf: parsed.utf, foldsCase: false }).map((either) => either.map(searchFor));
    return {
      kind: 'compiled',
      expression: {
        match(subject, budget) {
          for (const either of required) {
            if (!either.some((isIn) => isIn(subject, budget))) return budget.steps < 0 ? 'undecided' : 'miss';
          }
          // pcre2_match refuses a subject that is not UTF-8, and wazuh-analysisd takes the error for a miss.
          if (parsed.utf && decodeUtf8(subject) === undefined) return 'miss';
          return matcher.match(subject, budget);
        },
      },
    };
  } catch (error) {
    if (!(error instanceof PatternRefusal)) throw error;
    return error.kind === 'invalid'
      ? { kind: 'invalid', message: error.message, offset: error.offset }
      : { kind: 'unsupported', construct: error.message, offset: error.offset };
  }
}

/** Whether a required text is there, whatever its case: it only spares the matcher the subjects that have nothing of the kind. */
function searchFor(text: ByteString): (subject: ByteString, budget: Budget) => boolean {
  if (text.length === 1) {
    return (subject, budget) => {
      // One byte is looked for natively, some hundred at a time.
      budget.steps -= 1 + (subject.length >> 8);
      return subject.includes(text);
    };
  }
  const needle = prepareNeedle(text);
  return (subject, budget) => indexOfCaseless(subject, needle, budget) >= 0;
}

function wordsOf(pattern: ParsedPattern): readonly number[] {
  if (!pattern.ucp) return WORD;
  const asksForWords = someNode(pattern.root, (node) => node.kind === 'assertion' && node.assertion.endsWith('word-boundary'));
  if (pattern.utf && asksForWords) throw new PatternRefusal('unsupported', '\\b with (*UTF) and (*UCP)', 0);
  return typeSet('w', { ucp: true, maxCode: 0xff });
}
