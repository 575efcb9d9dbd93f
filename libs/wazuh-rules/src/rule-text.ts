import { Failure } from '@k8s-audit/failure';
import { encodeBytes, isDigits, MAX_CONTENT_BYTES } from '@k8s-audit/wazuh-xml';

/** What a value may be, so that Wazuh reads back exactly that. Each refuses the rest (`RULE_NOT_EXPRESSIBLE`). */

/** wazuh v4.14.7 src/headers/defs.h OS_SIZE_2048: texts that Wazuh copies must be shorter. `<field>` is not copied. */
export const MAX_COPIED_BYTES = 2047;

/** One byte less than the reader's buffer: it is full before the closing tag is seen. */
export const MAX_TEXT_BYTES: number = MAX_CONTENT_BYTES - 1;

export function notExpressible(what: string, reason: string, hint: string): Failure {
  return new Failure('RULE_NOT_EXPRESSIBLE', `${what}: ${reason}.`, { hint });
}

/** The text of an element. */
export function elementText(what: string, text: string, maxBytes: number): string {
  checkBytes(what, text, maxBytes);
  if (/[\n\r\t]/.test(text)) throw notExpressible(what, 'it holds a line break or tab', 'In a PCRE2 pattern write \\n or \\t.');
  const entity = /&(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-f]+);/i.exec(text)?.[0];
  if (entity !== undefined)
    throw notExpressible(
      what,
      `'${entity}' would stay as it is`,
      'Rule files have no entities: write the character itself, or \\x26 in PCRE2.',
    );
  if (hasBareLess(text))
    throw notExpressible(what, 'it holds a `<`', 'Write \\x3c in a PCRE2 pattern, `\\<` in an OSRegex one; a description cannot hold it.');
  if (/(?<!\\)(?:\\\\)*\\$/.test(text))
    throw notExpressible(
      what,
      'it ends in a backslash, which would hide the closing tag',
      'Write the last character in another way, such as \\x5c.',
    );
  return text;
}

/** An attribute with its quotes. */
export function attribute(name: string, value: string): string {
  checkBytes(`${name}="${value}"`, value, MAX_TEXT_BYTES);
  if (/[<>\n\r\t]/.test(value))
    throw notExpressible(`${name}="${value}"`, 'it holds `<`, `>` or a line break', 'An attribute cannot hold it.');
  if (!value.includes('"')) return ` ${name}="${value}"`;
  if (!value.includes("'")) return ` ${name}='${value}'`;
  throw notExpressible(`${name}="${value}"`, 'it holds both kinds of quotes', 'An attribute can hold one kind.');
}

/** A whole number in a range. */
export function wholeNumber(what: string, value: number, min: number, max: number): string {
  if (!Number.isInteger(value) || value < min || value > max || !isDigits(String(value)))
    throw notExpressible(`${what} ${value}`, `it is no whole number from ${min} to ${max}`, 'Choose one in that range.');
  return String(value);
}

/** A `<` is a plain character only behind an odd number of backslashes, and never before a `!`. */
function hasBareLess(text: string): boolean {
  let isEscaped = false;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '<' && (!isEscaped || text[index + 1] === '!')) return true;
    isEscaped = text[index] === '\\' && !isEscaped;
  }
  return false;
}

function checkBytes(what: string, text: string, maxBytes: number): void {
  if (!text.isWellFormed()) throw notExpressible(what, 'it is no Unicode text', 'Half of a surrogate pair cannot be written.');
  if (text.includes('\0')) throw notExpressible(what, 'it holds a NUL', 'In a PCRE2 pattern write \\x00.');
  const bytes = encodeBytes(text).length;
  if (bytes > maxBytes)
    throw notExpressible(what.slice(0, 60), `it has ${bytes} bytes, at most ${maxBytes} are read`, 'Split it over several rules.');
}
