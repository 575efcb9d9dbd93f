/**
 * The text that Python's `json.dumps(json.loads(text))` gives: `, ` and `: `, everything beyond ASCII escaped. The first
 * guide's script sends that, and rules written for it look at the text. What differs would make analysisd lose the event or cut
 * a value short: half a surrogate pair and NUL become U+FFFD, and a number beyond a double stays as it is, where Python writes
 * `Infinity`, which is no JSON. Of a key that is there twice both stay.
 *
 * @param json well-formed JSON
 */
export function pythonJson(json: string): string {
  let out = '';
  let at = 0;
  while (at < json.length) {
    const character = json[at] as string;
    if (character === '"') {
      const end = stringEnd(json, at);
      out += pythonString(json.slice(at, end));
      at = end;
    } else if (character === ',' || character === ':') {
      out += `${character} `;
      at += 1;
    } else if (character === '-' || (character >= '0' && character <= '9')) {
      const end = numberEnd(json, at);
      out += pythonNumber(json.slice(at, end));
      at = end;
    } else {
      if (!WHITE_SPACE.has(character)) out += character;
      at += 1;
    }
  }
  return out;
}

const WHITE_SPACE: ReadonlySet<string> = new Set([' ', '\t', '\n', '\r']);

function stringEnd(json: string, quote: number): number {
  let at = quote + 1;
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at + 1;
}

function numberEnd(json: string, from: number): number {
  let at = from + 1;
  while (/[0-9.eE+-]/.test(json[at] ?? '')) at += 1;
  return at;
}

function pythonString(quoted: string): string {
  // Printable ASCII without an escape is the same in both.
  if (PLAIN.test(quoted)) return quoted;
  const text = (JSON.parse(quoted) as string).toWellFormed().replaceAll('\0', '\ufffd');
  // What JSON.stringify escapes Python escapes alike; the rest beyond the tilde is added.
  return JSON.stringify(text).replace(BEYOND_TILDE, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const PLAIN = /^"[ !#-[\]-~]*"$/;
const BEYOND_TILDE = /[\u007f-\uffff]/g;

/** Integers of any length stay; a float is written as Python's repr does. */
function pythonNumber(text: string): string {
  if (/^-?\d+$/.test(text)) return text === '-0' ? '0' : text;
  const value = Number(text);
  if (!Number.isFinite(value)) return text;
  if (Object.is(value, -0)) return '-0.0';
  const [digits = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  // CPython's float_repr_style: an exponent from 1e16 up and below 1e-4, with at least two digits.
  if (value !== 0 && (exponent >= 16 || exponent < -4)) {
    return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const plain = exponent < 0 ? value.toFixed(Math.min(100, digits.replace(/[-.]/g, '').length - 1 - exponent)) : String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}
