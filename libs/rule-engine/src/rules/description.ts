import { type ByteString, bytesOf } from '../byte-string.ts';
import type { EngineEvent } from '../event/engine-event.ts';
import type { FieldNames } from '../event/field-names.ts';
import { staticValue } from './static-values.ts';

/** Source: wazuh v4.14.7 src/analysisd/eventinfo.c, OS_COMMENT_MAX. */
const MAX_BYTES = 1_024;

/** Names that stand for what only decoders set; compared with case. Any other name is a decoded field, compared without. */
const STATIC_NAMES = [
  'dstuser',
  'srcuser',
  'srcip',
  'dstip',
  'srcport',
  'dstport',
  'protocol',
  'action',
  'id',
  'url',
  'data',
  'status',
  'extra_data',
  'system_name',
  'program_name',
  'hostname',
] as const;

type Part =
  | { readonly kind: 'text'; readonly text: ByteString }
  | { readonly kind: 'value'; readonly read: (event: EngineEvent) => ByteString | undefined };

/** The names of decoded fields that a description asks for. */
export function describedFields(description: string): readonly ByteString[] {
  return splitTemplate(bytesOf(description)).flatMap((part) => (part.kind === 'name' && !isStatic(part.text) ? [part.text] : []));
}

/**
 * Fills a rule's description in: `$(name)` becomes the value, or nothing. A result of 1,024 bytes or more is given up, and the
 * description stands as it was written. Source: eventinfo.c, ParseRuleComment.
 */
export function compileDescription(description: string, names: FieldNames): (event: EngineEvent) => ByteString {
  const template = bytesOf(description);
  const parts = splitTemplate(template).map((part): Part => {
    if (part.kind === 'text') return { kind: 'text', text: part.text };
    if (isStatic(part.text)) {
      const name = part.text;
      return { kind: 'value', read: (event) => staticValue(event, name) };
    }
    const number = names.numberOf(part.text);
    return { kind: 'value', read: (event) => event.fields.valueOf(number) };
  });
  if (parts.length <= 1 && template.length < MAX_BYTES) return () => template;
  return (event) => {
    let filled = '';
    for (const part of parts) {
      const text = part.kind === 'text' ? part.text : (part.read(event) ?? '');
      if (filled.length + text.length >= MAX_BYTES) return template;
      filled += text;
    }
    return filled;
  };
}

interface TemplatePart {
  readonly kind: 'text' | 'name';
  readonly text: ByteString;
}

function splitTemplate(template: ByteString): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let rest = template.slice(0, MAX_BYTES);
  for (let open = rest.indexOf('$('); open >= 0; open = rest.indexOf('$(')) {
    const close = rest.indexOf(')', open);
    // Not closed: what is left is text.
    if (close < 0) break;
    parts.push({ kind: 'text', text: rest.slice(0, open) }, { kind: 'name', text: rest.slice(open + 2, close) });
    rest = rest.slice(close + 1);
  }
  parts.push({ kind: 'text', text: rest });
  return parts;
}

function isStatic(name: ByteString): name is (typeof STATIC_NAMES)[number] {
  return (STATIC_NAMES as readonly string[]).includes(name);
}
