import { type CodeSet, clipTo, codeSetOf, codesWhere, unionOf } from './code-set.ts';

/**
 * `\p{…}`. In the byte mode that Wazuh uses every byte is taken for the code point of the same number (Latin-1), so `\p{Lu}` holds
 * for the first byte of "é" (C3). The tables are the runtime's, which may be newer than those of PCRE2 10.42.
 */
export type PropertyResult =
  | { readonly kind: 'set'; readonly set: CodeSet }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unsupported' };

export function propertySet(name: string, maxCode: number): PropertyResult {
  const plain = name.replace(/[\s_-]/g, '').toLowerCase();
  if (/^bidi/.test(plain)) return { kind: 'unsupported' };
  const own = OWN.get(plain);
  if (own !== undefined) return { kind: 'set', set: own(maxCode) };
  const expression = CATEGORIES.has(plain) ? `\\p{${categorySpelling(plain)}}` : spellOtherwise(name);
  return expression === undefined ? { kind: 'unknown' } : { kind: 'set', set: codesMatching(expression, maxCode) };
}

/** Codes that differ only in case. ASCII alone without `unicode`. */
export function caseVariants(code: number, unicode: boolean, maxCode: number): readonly number[] {
  if (!unicode) return [code, ...(isAsciiLetter(code) ? [code ^ 0x20] : [])];
  return (UNICODE_CASES.get(code) ?? [code]).filter((variant) => variant <= maxCode);
}

export function closeOverCase(set: CodeSet, unicode: boolean, maxCode: number): CodeSet {
  const added: (readonly [number, number])[] = [];
  for (let i = 0; i < set.length; i += 2) {
    for (let code = set[i] ?? 0; code <= Math.min(set[i + 1] ?? 0, unicode ? LAST_CASED : 127); code++) {
      for (const variant of caseVariants(code, unicode, maxCode)) added.push([variant, variant]);
    }
  }
  return clipTo(unionOf(set, codeSetOf(...added)), maxCode);
}

export function codesMatching(expression: string, maxCode: number): CodeSet {
  const test = new RegExp(`^${expression}$`, 'u');
  return codesWhere(maxCode, (code) => (code < 0xd800 || code > 0xdfff) && test.test(String.fromCodePoint(code)));
}

/** Above the last code point that has a case (U+1E943). */
const LAST_CASED = 0x1e950;

const CATEGORIES: ReadonlySet<string> = new Set(
  'c cc cf cn co cs l ll lm lo lt lu m mc me mn n nd nl no p pc pd pe pf pi po ps s sc sk sm so z zl zp zs'.split(' '),
);

/** Names that only PCRE2 has. Source: pcre2pattern(3), "Unicode character properties". */
const OWN: ReadonlyMap<string, (maxCode: number) => CodeSet> = new Map([
  ['any', (maxCode) => [0, maxCode]],
  ['l&', (maxCode) => codesMatching('\\p{LC}', maxCode)],
  ['lc', (maxCode) => codesMatching('\\p{LC}', maxCode)],
  ['xan', (maxCode) => codesMatching('[\\p{L}\\p{N}]', maxCode)],
  ['xwd', (maxCode) => codesMatching('[\\p{L}\\p{N}_]', maxCode)],
  ['xsp', (maxCode) => codesMatching('[\\p{Z}\\t-\\r\\x85\\u180e]', maxCode)],
  ['xps', (maxCode) => codesMatching('[\\p{Z}\\t-\\r\\x85\\u180e]', maxCode)],
  ['xuc', (maxCode) => clipTo([0x24, 0x24, 0x40, 0x40, 0x60, 0x60, 0xa0, 0xd7ff, 0xe000, 0x10ffff], maxCode)],
]);

function categorySpelling(plain: string): string {
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** A script or a binary property, in the spelling that the runtime takes. */
function spellOtherwise(name: string): string | undefined {
  const [, type = '', value = ''] = /^\s*(?:(script|sc|scriptextensions|scx)\s*[:=])?\s*(.*?)\s*$/i.exec(name) ?? [];
  const titled = value
    .split(/[\s_-]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
    .join('_');
  // A bare script name means Script_Extensions: pcre2pattern(3).
  const key = /^(script|sc)$/i.test(type) ? 'Script' : 'Script_Extensions';
  const spellings = [`\\p{${key}=${titled}}`, ...(type === '' ? [`\\p{${titled}}`, `\\p{${value}}`] : [])];
  return spellings.find(isExpression);
}

function isExpression(expression: string): boolean {
  try {
    new RegExp(expression, 'u');
    return true;
  } catch {
    // A SyntaxError: there is no such property. Names reach the expression only in braces, as one escape.
    return false;
  }
}

function isAsciiLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}

let unicodeCases: ReadonlyMap<number, readonly number[]> | undefined;

/** Every cased code point to all that equal it without case. Built on first use: only patterns in Unicode mode need it. */
const UNICODE_CASES = {
  get(code: number): readonly number[] | undefined {
    unicodeCases ??= buildCases();
    return unicodeCases.get(code);
  },
};

function buildCases(): ReadonlyMap<number, readonly number[]> {
  const classes = new Map<number, Set<number>>();
  const join = (a: number, b: number): void => {
    const merged = new Set([...(classes.get(a) ?? [a]), ...(classes.get(b) ?? [b])]);
    for (const code of merged) classes.set(code, merged);
  };
  for (let code = 0; code < LAST_CASED; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const text = String.fromCodePoint(code);
    for (const other of [text.toLowerCase(), text.toUpperCase()]) {
      // "ß" has an upper case of two letters, which is no other case of one.
      if (other !== text && [...other].length === 1) join(code, other.codePointAt(0) ?? code);
    }
  }
  // U+0130 and U+0131 are upper and lower case of "i" only in Turkish.
  for (const code of [0x130, 0x131]) classes.delete(code);
  for (const code of [0x49, 0x69]) classes.set(code, new Set([0x49, 0x69]));
  return new Map([...classes].map(([code, equal]) => [code, [...equal]]));
}
