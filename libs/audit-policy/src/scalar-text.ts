/**
 * One string as a YAML 1.1 scalar that reads back as exactly that string, whoever reads it: plain when it cannot be
 * taken for anything else, in single quotes when it is printable ASCII, in double quotes otherwise.
 */
export function renderScalar(value: string): string {
  if (PLAIN.test(value) && !WORDS.has(value.toLowerCase())) return value;
  if (PRINTABLE_ASCII.test(value)) return `'${value.replaceAll("'", "''")}'`;
  return JSON.stringify(value).replace(ESCAPED, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Starts with a letter, holds nothing that YAML or a number could mean; colons only inside a word (system:nodes). */
const PLAIN = /^[A-Za-z](?:[\w./@-]|:(?=[\w]))*$/;

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/** Line breaks of YAML 1.1, the byte order mark and what its reader refuses; JSON has escaped the rest below U+0020. */
const ESCAPED = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** What YAML 1.1 reads as a boolean, a null or a number although it starts with a letter. */
const WORDS: ReadonlySet<string> = new Set(['y', 'yes', 'on', 'true', 'n', 'no', 'off', 'false', 'null']);
