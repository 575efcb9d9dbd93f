import type { Pattern } from '@k8s-audit/wazuh-rules';
import { type ByteString, bytesOf, foldCase } from '../byte-string.ts';
import { factsOf } from '../expression/expression-facts.ts';
import type { Lead, LeadTarget } from './lead.ts';

/** Shorter texts are in nearly every value. */
const MIN_TEXT_BYTES = 4;
/** More values than this are not worth an entry each. */
const MAX_VALUES = 32;

/** What a value must be or contain for the pattern to hold; undefined when nothing can be said, or only that the message is there. */
export function leadOf(pattern: Pattern, target: LeadTarget): Lead | undefined {
  const exists: Lead | undefined = typeof target === 'number' ? { kind: 'exists', target } : undefined;
  if (pattern.negate) return exists;
  const { values, text } = factsOf(pattern.type, bytesOf(pattern.text));
  if (values !== undefined && values.length <= MAX_VALUES) return { kind: 'equals', target, values: unique(values.map(foldCase)) };
  if (text.length >= MIN_TEXT_BYTES) return { kind: 'contains', target, text: foldCase(text) };
  return exists;
}

function unique(values: readonly ByteString[]): readonly ByteString[] {
  return [...new Set(values)];
}
