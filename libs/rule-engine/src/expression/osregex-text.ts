import type { ByteString } from '../byte-string.ts';
import { BACKSLASH, type OsRegexPart, PARENTHESIS, PLUS, STAR } from './osregex-program.ts';

/** The text of a part that has nothing but plain ASCII letters; undefined otherwise. */
export function literalOf(part: OsRegexPart): ByteString | undefined {
  const codes = codesOf(part);
  return codes.every(isPlain) ? String.fromCharCode(...codes) : undefined;
}

/**
 * The runs of plain bytes between classes: every match contains all of them. A run of one byte behind a class may be skipped by
 * OSRegex when it stands at the end, so single bytes are left out.
 */
export function requiredTextsOfPart(part: OsRegexPart): readonly ByteString[] {
  const runs: ByteString[] = [];
  let run = '';
  const codes = codesOf(part);
  for (let i = 0; i <= codes.length; i++) {
    const code = codes[i];
    if (code !== undefined && isPlain(code) && !(isRepeat(code) && isClassAt(codes, i - 2))) {
      run += String.fromCharCode(code);
      continue;
    }
    if (run.length >= 2) runs.push(run);
    run = '';
    // The class number after a backslash is no text.
    if (code === BACKSLASH) i++;
  }
  return runs;
}

function codesOf(part: OsRegexPart): readonly number[] {
  const codes = [...part.codes];
  return codes.slice(0, codes.length - 4);
}

function isPlain(code: number): boolean {
  return code > 0x1f && code < 0x7f && code !== BACKSLASH && code !== PARENTHESIS;
}

function isRepeat(code: number): boolean {
  return code === PLUS || code === STAR;
}

function isClassAt(codes: readonly number[], at: number): boolean {
  return codes[at] === BACKSLASH;
}
