import { byteStringOf, bytesOf } from '../byte-string.ts';
import { compilePcre2 } from '../pcre2/compile.ts';
import { compileOsMatch } from './osmatch.ts';
import { compileOsRegex } from './osregex.ts';
import type { CompileResult } from './outcome.ts';

/** The expression languages of rules; `string` is exact equality, which `<action>` has by default. */
export type ExpressionType = 'osregex' | 'osmatch' | 'pcre2' | 'string';

/** Compiles a pattern as wazuh-analysisd does; a text is taken as its UTF-8 bytes. Never throws. */
export function compileExpression(type: ExpressionType, pattern: string | Uint8Array): CompileResult {
  const bytes = typeof pattern === 'string' ? bytesOf(pattern) : byteStringOf(pattern);
  switch (type) {
    case 'osregex':
      return compileOsRegex(bytes);
    case 'osmatch':
      return compileOsMatch(bytes);
    case 'pcre2':
      return compilePcre2(bytes);
    case 'string':
      return { kind: 'compiled', expression: { match: (subject) => (subject === bytes ? 'match' : 'miss') } };
  }
}

/**
 * What is wrong with a pattern, in the form that the rule loader asks for: `error` when Wazuh refuses it too, `unsupported` when
 * only this engine does; undefined when it compiles.
 */
export function refusePattern(
  type: ExpressionType,
  pattern: string,
): { readonly kind: 'error' | 'unsupported'; readonly reason: string } | undefined {
  const result = compileExpression(type, pattern);
  if (result.kind === 'compiled') return undefined;
  return result.kind === 'invalid' ? { kind: 'error', reason: result.message } : { kind: 'unsupported', reason: result.construct };
}
