import type { Pattern } from '@k8s-audit/wazuh-rules';
import { type ByteString, bytesOf, foldCase } from '../byte-string.ts';
import { factsOf } from '../expression/expression-facts.ts';
import type { Lead, LeadTarget } from './lead.ts';

/** Shorter texts are in nearly every value. */
const MIN_TEXT_BYTES = 4;
/** More values than this are not worth an entry each. */
const MAX_VALUES = 32;

/** What a value must be or contain for the pattern to hold; any of them will do. */
export function leadsOf(pattern: Pattern, target: LeadTarget): readonly Lead[] {
  const exists: readonly Lead[] = typeof target === 'number' ? [{ kind: 'exists', target }] : [];
  if (pattern.negate) return exists;
  const { values, texts } = factsOf(pattern.type, bytesOf(pattern.text));
  if (values !== undefined && values.length <= MAX_VALUES) return [{ kind: 'equals', target, values: unique(values.map(foldCase)) }];
  const long = texts.filter((either) => either.length <= MAX_VALUES && either.every((text) => text.length >= MIN_TEXT_BYTES));
  return [...long.map((either): Lead => ({ kind: 'contains', target, texts: unique(either.map(foldCase)) })), ...exists];
}

function unique(values: readonly ByteString[]): readonly ByteString[] {
  return [...new Set(values)];
}
