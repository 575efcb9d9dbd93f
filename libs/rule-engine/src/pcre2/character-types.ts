import { type CodeSet, clipTo, codesWhere, complementOf, unionOf } from './code-set.ts';
import { codesMatching, propertySet } from './unicode-properties.ts';

/** `\d`, `\w`, `\s`, `\h`, `\v` and the POSIX classes, in the locale "C", or by Unicode properties after `(*UCP)`. */
export interface TypeMode {
  readonly ucp: boolean;
  readonly maxCode: number;
}

export function typeSet(letter: string, mode: TypeMode): CodeSet {
  const lower = letter.toLowerCase();
  const set = positiveType(lower, mode);
  return letter === lower ? set : complementOf(set, mode.maxCode);
}

/** `[:name:]`; undefined for a name that there is not. */
export function posixSet(name: string, mode: TypeMode): CodeSet | undefined {
  const unicode = mode.ucp ? UNICODE_POSIX.get(name) : undefined;
  if (unicode !== undefined) return codesMatching(unicode, mode.maxCode);
  if (mode.ucp && name === 'word') return typeSet('w', mode);
  if (mode.ucp && name === 'space') return typeSet('s', mode);
  if (mode.ucp && name === 'blank') return typeSet('h', mode);
  return POSIX.get(name);
}

function positiveType(letter: string, { ucp, maxCode }: TypeMode): CodeSet {
  switch (letter) {
    case 'd':
      return ucp ? codesMatching('\\p{Nd}', maxCode) : DIGITS;
    case 'w':
      return ucp ? knownProperty('xwd', maxCode) : WORD;
    case 's':
      return ucp ? knownProperty('xsp', maxCode) : SPACE;
    case 'h':
      return clipTo(HORIZONTAL, maxCode);
    default:
      return clipTo(VERTICAL, maxCode);
  }
}

function knownProperty(name: string, maxCode: number): CodeSet {
  const result = propertySet(name, maxCode);
  return result.kind === 'set' ? result.set : [];
}

const DIGITS: CodeSet = [48, 57];
const UPPER: CodeSet = [65, 90];
const LOWER: CodeSet = [97, 122];
const ALPHA: CodeSet = unionOf(UPPER, LOWER);
export const WORD: CodeSet = unionOf(DIGITS, ALPHA, [95, 95]);
const SPACE: CodeSet = [9, 13, 32, 32];
/** Source: pcre2pattern(3), "Generic character types". */
const HORIZONTAL: CodeSet = [
  9, 9, 0x20, 0x20, 0xa0, 0xa0, 0x1680, 0x1680, 0x180e, 0x180e, 0x2000, 0x200a, 0x202f, 0x202f, 0x205f, 0x205f, 0x3000, 0x3000,
];
export const VERTICAL: CodeSet = [10, 13, 0x85, 0x85, 0x2028, 0x2029];

const GRAPH: CodeSet = [33, 126];
const POSIX: ReadonlyMap<string, CodeSet> = new Map<string, CodeSet>([
  ['alpha', ALPHA],
  ['lower', LOWER],
  ['upper', UPPER],
  ['alnum', unionOf(DIGITS, ALPHA)],
  ['ascii', [0, 127]],
  ['blank', [9, 9, 32, 32]],
  ['cntrl', [0, 31, 127, 127]],
  ['digit', DIGITS],
  ['graph', GRAPH],
  ['print', [32, 126]],
  ['punct', codesWhere(126, (code) => code > 32 && !/[0-9A-Za-z]/.test(String.fromCharCode(code)))],
  ['space', SPACE],
  ['word', WORD],
  ['xdigit', [48, 57, 65, 70, 97, 102]],
]);

/** Source: pcre2pattern(3), "POSIX character classes", what PCRE2_UCP changes. */
const UNICODE_POSIX: ReadonlyMap<string, string> = new Map([
  ['alpha', '\\p{L}'],
  ['lower', '\\p{Ll}'],
  ['upper', '\\p{Lu}'],
  ['alnum', '[\\p{L}\\p{N}]'],
  ['cntrl', '\\p{Cc}'],
  ['digit', '\\p{Nd}'],
  ['graph', '[\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Cf}]'],
  ['print', '[\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Cf}\\p{Zs}]'],
  ['punct', '[\\p{P}$+<=>^`|~]'],
]);
