import { readBackreference } from './backreference.ts';
import { readSignedNumber } from './escapes.ts';
import {
  isAtEnd,
  isDigit,
  noteUnsupported,
  type PatternOptions,
  type PatternReader,
  peek,
  readName,
  take,
  takeWhile,
} from './pattern-reader.ts';
import { invalid } from './pattern-refusal.ts';
import { alternativesOf, EMPTY, type Item, type Node } from './syntax-tree.ts';

/** Everything that starts with "("; the reader stands after it. */
export function readGroup(reader: PatternReader): Item {
  if (peek(reader) === '*') {
    if (/^[A-Z:]$/.test(peek(reader, 1))) return readVerb(reader);
    if (/^[a-z]$/.test(peek(reader, 1))) return { node: readSpelledOut(reader), repeatable: true };
  }
  if (!take(reader, '?')) {
    return {
      node: reader.options.noAutoCapture ? enclosed(reader, () => alternativesOf(reader.parseBranches(reader))) : capture(reader),
      repeatable: true,
    };
  }
  if (isAtEnd(reader)) invalid('unrecognized character after (? or (?-', reader.at);
  if (take(reader, ':')) return repeatable(enclosed(reader, () => alternativesOf(reader.parseBranches(reader))));
  if (take(reader, '|')) return repeatable(enclosed(reader, () => alternativesOf(reader.parseBranches(reader, true))));
  if (take(reader, '>')) return repeatable({ kind: 'atomic', body: enclosed(reader, () => alternativesOf(reader.parseBranches(reader))) });
  if (take(reader, '=')) return repeatable(look(reader, false, false));
  if (take(reader, '!')) return repeatable(look(reader, false, true));
  if (take(reader, '<=')) return repeatable(look(reader, true, false));
  if (take(reader, '<!')) return repeatable(look(reader, true, true));
  if (take(reader, '*') || take(reader, '<*')) return repeatable(unsupportedGroup(reader, 'non-atomic lookaround'));
  if (take(reader, '<')) return repeatable(namedCapture(reader, '>'));
  if (take(reader, "'")) return repeatable(namedCapture(reader, "'"));
  if (take(reader, 'P')) return readPython(reader);
  if (take(reader, '&')) return callByName(reader);
  if (take(reader, '(')) return repeatable(readConditional(reader));
  if (take(reader, 'C')) return readCallout(reader);
  if (take(reader, 'R')) {
    if (!take(reader, ')')) invalid('(?R (recursive pattern call) must be followed by a closing parenthesis', reader.at);
    noteUnsupported(reader, 'recursion (?R)');
    return repeatable(EMPTY);
  }
  if (isDigit(peek(reader)) || (/^[+-]$/.test(peek(reader)) && isDigit(peek(reader, 1)))) return callByNumber(reader);
  return readOptions(reader);
}

function repeatable(node: Node): Item {
  return { node, repeatable: true };
}

/** The inside of a group: options set in it end with it. */
function enclosed<T>(reader: PatternReader, parse: () => T): T {
  // 250: PCRE2's default parens_nest_limit.
  if (++reader.depth > 250) invalid('parentheses are too deeply nested', reader.at);
  const { options } = reader;
  const inside = parse();
  reader.options = options;
  reader.depth--;
  if (!take(reader, ')')) invalid('missing closing parenthesis', reader.at);
  return inside;
}

function capture(reader: PatternReader): Node {
  const group = ++reader.groups;
  reader.highestGroup = Math.max(reader.highestGroup, group);
  const body = enclosed(reader, () => alternativesOf(reader.parseBranches(reader)));
  reader.groupBodies.set(group, body);
  return { kind: 'capture', group, body };
}

function namedCapture(reader: PatternReader, terminator: string): Node {
  const offset = reader.at;
  const name = readName(reader, terminator);
  const group = reader.groups + 1;
  const sameNumber = reader.namesByGroup.get(group);
  if (sameNumber !== undefined && sameNumber !== name)
    invalid('different names for subpatterns of the same number are not allowed', offset);
  const known = reader.names.get(name) ?? [];
  if (known.length > 0 && !known.includes(group) && !reader.options.duplicateNames)
    invalid('two named subpatterns have the same name (PCRE2_DUPNAMES not set)', offset);
  if (!known.includes(group)) known.push(group);
  reader.names.set(name, known);
  reader.namesByGroup.set(group, name);
  return capture(reader);
}

function look(reader: PatternReader, behind: boolean, negative: boolean): Node {
  const offset = reader.at;
  reader.lookDepth++;
  const branches = enclosed(reader, () => reader.parseBranches(reader));
  reader.lookDepth--;
  return { kind: 'look', behind, negative, branches, offset };
}

function unsupportedGroup(reader: PatternReader, construct: string): Node {
  noteUnsupported(reader, construct);
  return enclosed(reader, () => alternativesOf(reader.parseBranches(reader)));
}

function readPython(reader: PatternReader): Item {
  if (isAtEnd(reader)) invalid('missing closing parenthesis', reader.at);
  if (take(reader, '<')) return repeatable(namedCapture(reader, '>'));
  if (take(reader, '=')) return repeatable(readBackreference(reader, readName(reader, ')')));
  if (take(reader, '>')) return callByName(reader);
  return invalid('unrecognized character after (?P', reader.at);
}

function callByName(reader: PatternReader): Item {
  const offset = reader.at;
  reader.references.push({ group: readName(reader, ')'), offset });
  noteUnsupported(reader, 'subroutine call');
  return repeatable(EMPTY);
}

function callByNumber(reader: PatternReader): Item {
  const offset = reader.at;
  const group = readSignedNumber(reader) ?? 0;
  if (!take(reader, ')')) invalid('missing closing parenthesis', reader.at);
  if (group > 0) reader.references.push({ group, offset });
  noteUnsupported(reader, group === 0 ? 'recursion (?0)' : 'subroutine call');
  return repeatable(EMPTY);
}

/** `(?(1)yes|no)` and its relatives: read far enough to tell what PCRE2 would refuse, then refused by name. */
function readConditional(reader: PatternReader): Node {
  const offset = reader.at;
  noteUnsupported(reader, 'conditional group (?(');
  let isDefine = false;
  if (peek(reader) === '?' || peek(reader) === '*') readGroup(reader);
  else {
    const condition = takeWhile(reader, (character) => character !== ')');
    if (!take(reader, ')')) invalid('missing closing parenthesis for condition', reader.at);
    isDefine = condition === 'DEFINE';
    noteCondition(reader, condition, offset);
  }
  const branches = enclosed(reader, () => reader.parseBranches(reader));
  if (isDefine && branches.length > 1) invalid('DEFINE subpattern contains more than one branch', offset);
  if (branches.length > 2) invalid('conditional subpattern contains more than two branches', offset);
  return alternativesOf(branches);
}

function noteCondition(reader: PatternReader, condition: string, offset: number): void {
  const number = /^[+-]?\d+$/.exec(condition);
  if (number !== null) {
    const value = Number(condition);
    const group = condition.startsWith('-') ? reader.groups + 1 + value : condition.startsWith('+') ? reader.groups + value : value;
    reader.references.push({ group, offset });
    return;
  }
  if (condition === 'DEFINE' || /^R(\d+|&\w+)?$/.test(condition) || /^VERSION>?=\d+(\.\d+)?$/.test(condition)) return;
  const name = /^(?:<(\w+)>|'(\w+)'|(\w+))$/.exec(condition);
  const group = name?.[1] ?? name?.[2] ?? name?.[3];
  if (group === undefined) invalid('assertion expected after (?( or (?(?C)', offset);
  reader.references.push({ group, offset });
}

function readCallout(reader: PatternReader): Item {
  const delimiter = peek(reader);
  if ('`\'"^%#${'.includes(delimiter) && delimiter !== '') {
    reader.at++;
    const end = delimiter === '{' ? '}' : delimiter;
    do {
      takeWhile(reader, (character) => character !== end);
      if (!take(reader, end)) invalid('missing terminating delimiter for callout with string argument', reader.at);
    } while (take(reader, end));
  } else if (Number(takeWhile(reader, isDigit)) > 255) invalid('number after (?C is greater than 255', reader.at);
  if (!take(reader, ')')) invalid('closing parenthesis for (?C expected', reader.at);
  // wazuh-analysisd sets no callout function: it does nothing.
  return { node: EMPTY, repeatable: false };
}

/** `(?i)`, `(?i-m:…)`, `(?^x)`. */
function readOptions(reader: PatternReader): Item {
  let options = reader.options;
  let value = true;
  if (take(reader, '^'))
    options = { ...options, caseless: false, multiline: false, dotAll: false, extended: false, extendedMore: false, noAutoCapture: false };
  const mayUnset = options === reader.options;
  for (;;) {
    const letter = peek(reader);
    if (letter === '') invalid('missing closing parenthesis', reader.at);
    reader.at++;
    if (letter === ')') {
      reader.options = options;
      return { node: EMPTY, repeatable: false };
    }
    if (letter === ':') {
      const outer = reader.options;
      reader.options = options;
      const node = enclosed(reader, () => alternativesOf(reader.parseBranches(reader)));
      reader.options = outer;
      return repeatable(node);
    }
    if (letter === '-' && value) {
      if (!mayUnset) invalid('invalid hyphen in option setting', reader.at);
      value = false;
    } else if (letter === 'x') {
      const more = take(reader, 'x');
      options = { ...options, extended: value, extendedMore: value && more };
    } else {
      const name = OPTION_LETTERS.get(letter);
      if (name === undefined) invalid('unrecognized character after (? or (?-', reader.at - 1);
      options = { ...options, [name]: value };
    }
  }
}

const OPTION_LETTERS: ReadonlyMap<string, keyof PatternOptions> = new Map<string, keyof PatternOptions>([
  ['i', 'caseless'],
  ['m', 'multiline'],
  ['n', 'noAutoCapture'],
  ['s', 'dotAll'],
  ['J', 'duplicateNames'],
  ['U', 'ungreedy'],
]);

/** `(*VERB)`, `(*VERB:argument)`. */
function readVerb(reader: PatternReader): Item {
  reader.at++;
  const name = takeWhile(reader, (character) => /^[A-Z]$/.test(character));
  const hasArgument = take(reader, ':');
  const argument = hasArgument ? takeWhile(reader, (character) => character !== ')') : '';
  if (!VERBS.has(name) || !take(reader, ')')) invalid('(*VERB) not recognized or malformed', reader.at);
  if ((name === 'MARK' || name === '') && argument === '') invalid('(*MARK) must have an argument', reader.at);
  if (name === 'F' || name === 'FAIL') return { node: { kind: 'fail' }, repeatable: false };
  // A mark only names the way that a match took.
  if (name !== 'MARK' && name !== '') noteUnsupported(reader, `(*${name})`);
  return { node: EMPTY, repeatable: name === 'ACCEPT' };
}

const VERBS: ReadonlySet<string> = new Set(['', 'MARK', 'ACCEPT', 'COMMIT', 'F', 'FAIL', 'PRUNE', 'SKIP', 'THEN']);

/** `(*pla:…)`, `(*atomic:…)`: groups by name. */
function readSpelledOut(reader: PatternReader): Node {
  reader.at++;
  const name = takeWhile(reader, (character) => /^[A-Za-z0-9_]$/.test(character));
  if (!take(reader, ':')) return invalid('(*alpha_assertion) not recognized', reader.at);
  switch (name) {
    case 'pla':
    case 'positive_lookahead':
      return look(reader, false, false);
    case 'nla':
    case 'negative_lookahead':
      return look(reader, false, true);
    case 'plb':
    case 'positive_lookbehind':
      return look(reader, true, false);
    case 'nlb':
    case 'negative_lookbehind':
      return look(reader, true, true);
    case 'atomic':
      return { kind: 'atomic', body: enclosed(reader, () => alternativesOf(reader.parseBranches(reader))) };
    case 'sr':
    case 'script_run':
    case 'asr':
    case 'atomic_script_run':
    case 'napla':
    case 'non_atomic_positive_lookahead':
    case 'naplb':
    case 'non_atomic_positive_lookbehind':
      return unsupportedGroup(reader, `(*${name}:`);
    default:
      return invalid('(*alpha_assertion) not recognized', reader.at);
  }
}
