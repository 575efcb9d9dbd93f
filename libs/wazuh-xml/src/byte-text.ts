/**
 * Wazuh reads rule files as bytes, and its limits count bytes. Inside the loader a byte is one character (U+0000 to U+00FF);
 * `decodeBytes` turns such a text back into Unicode when it leaves.
 */
export function encodeBytes(text: string | Uint8Array): string {
  return Buffer.from(text as Uint8Array).toString('latin1');
}

/** Bytes that are no UTF-8 become U+FFFD. */
export function decodeBytes(bytes: string): string {
  return NON_ASCII.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
}

export function isUtf8(bytes: string): boolean {
  return !NON_ASCII.test(bytes) || Buffer.from(decodeBytes(bytes), 'utf8').toString('latin1') === bytes;
}

/** A C string ends at its first NUL. */
export function cutAtNul(bytes: string): string {
  const end = bytes.indexOf('\0');
  return end < 0 ? bytes : bytes.slice(0, end);
}

/** strcasecmp in the C locale: only A-Z fold. */
export function equalsIgnoringCase(left: string, right: string): boolean {
  return left.length === right.length && foldCase(left) === foldCase(right);
}

export function foldCase(bytes: string): string {
  return bytes.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** isspace in the C locale. */
export function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** OS_StrIsNum: digits only. The empty text is a number to Wazuh. */
export function isDigits(text: string): boolean {
  return /^[0-9]*$/.test(text) && !text.endsWith('\n');
}

/** atoi of a text that may begin with digits, as glibc on x86-64 does it: 64 bits saturated, then the low 32 bits, signed. */
export function parseInt32(text: string): number {
  const digits = /^[0-9]+/.exec(text)?.[0].replace(/^0+(?=[0-9])/, '') ?? '0';
  if (digits.length <= 9) return Number(digits);
  const value = digits.length > 19 ? MAX_INT64 : BigInt(digits);
  return Number(BigInt.asIntN(32, value > MAX_INT64 ? MAX_INT64 : value));
}

const NON_ASCII = /[\u0080-\uffff]/;
const MAX_INT64 = 2n ** 63n - 1n;
