/**
 * JSON as Python's json.dumps writes it: `, ` and `: ` between the parts. Rules written for the first guide look for that
 * spacing, and analysisd's prematch for JSON wants the first quote right behind the brace.
 */

/** A string value with everything unsafe replaced, in quotes. */
export function quoted(value: string): string {
  return UNSAFE.test(value) ? JSON.stringify(clean(value)) : `"${value}"`;
}

/** The same for a text that JSON.stringify wrote: nothing below the blank is in it, so most need no look at each character. */
export function quotedJson(json: string): string {
  const isPlainAscii = Buffer.byteLength(json) === json.length && !json.includes('\u007f');
  return JSON.stringify(isPlainAscii ? json : clean(json));
}

/**
 * Characters that change what a reader sees become U+FFFD: control characters (a newline in a user name forges whole entries
 * of alerts.log: measured), line separators, marks that turn the writing direction, halves of surrogate pairs (cJSON
 * refuses the document). Text of any language stays.
 */
export function clean(value: string): string {
  const wellFormed = value.toWellFormed();
  return UNCLEAN.test(wellFormed) ? wellFormed.replace(UNCLEAN_ALL, '\ufffd') : wellFormed;
}

/** At most that many bytes of UTF-8, no character cut in two. */
export function cutToBytes(value: string, maxBytes: number): string {
  if (value.length * 3 <= maxBytes) return value;
  // A UTF-16 unit takes at least one byte, so what lies behind cannot be within.
  const bytes = Buffer.from(value.length > maxBytes ? value.slice(0, maxBytes) : value);
  if (bytes.length <= maxBytes) return value.length > maxBytes ? value.slice(0, maxBytes) : value;
  let end = maxBytes;
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}

/** C0, DEL, C1, the two line separators, and the marks that turn the writing direction. */
const UNCLEAN_CLASS = '\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069';
const UNCLEAN = new RegExp(`[${UNCLEAN_CLASS}]`);
const UNCLEAN_ALL = new RegExp(`[${UNCLEAN_CLASS}]`, 'g');
/** Surrogates too: whether they are paired is asked only of the few strings that have any. */
const UNSAFE = new RegExp(`["\\\\${UNCLEAN_CLASS}\\ud800-\\udfff]`);
