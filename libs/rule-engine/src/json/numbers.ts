import type { ByteString } from '../byte-string.ts';

/** Numbers as cJSON 1.7.15 reads and prints them, and as wazuh-analysisd's JSON decoder writes them into fields. */

export interface ReadNumber {
  readonly value: number;
  /** Offset after the number. */
  readonly end: number;
}

/** cJSON copies at most 63 bytes of a number. Source: cJSON.c, parse_number. */
const MAX_NUMBER_BYTES = 63;

/** `strtod` over the bytes that cJSON takes for a number; undefined when there is none. `1.2.3` ends after `1.2`. */
export function readNumber(json: ByteString, start: number): ReadNumber | undefined {
  const text = json.slice(start, start + MAX_NUMBER_BYTES);
  const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/.exec(text);
  if (number === null) return undefined;
  return { value: Number(number[0]), end: start + number[0].length };
}

/** A field's value: `%i` where the number is an int of 32 bits, else `%f`, cut at 63 bytes. Source: json_decoder.c, readJSON. */
export function formatField(value: number): ByteString {
  if (value === (value | 0)) return String(value | 0);
  return formatFixed(value).slice(0, 63);
}

/** cJSON's print_number: 15 digits if they give the number back, else 17. */
export function printNumber(value: number): ByteString {
  if (!Number.isFinite(value)) return 'null';
  if (Number.isInteger(value) && Math.abs(value) < 1e15 && !Object.is(value, -0)) return String(value);
  const short = formatGeneral(value, 15);
  return isCloseTo(Number(short), value) ? short : formatGeneral(value, 17);
}

/** Source: cJSON.c, compare_double. */
function isCloseTo(a: number, b: number): boolean {
  return Math.abs(a - b) <= Math.max(Math.abs(a), Math.abs(b)) * Number.EPSILON;
}

/** C's `%f`: six digits after the point, of the exact binary value, ties to even. */
function formatFixed(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  const digits = roundedDigits(value, 6);
  const padded = digits.padStart(7, '0');
  return `${isNegative(value) ? '-' : ''}${padded.slice(0, -6)}.${padded.slice(-6)}`;
}

/** C's `%1.15g` and `%1.17g`. */
function formatGeneral(value: number, significant: number): string {
  if (value === 0) return isNegative(value) ? '-0' : '0';
  const sign = isNegative(value) ? '-' : '';
  let exponent = Math.floor(Math.log10(Math.abs(value)));
  let digits = roundedDigits(value, significant - 1 - exponent);
  // The logarithm may be off by one, and rounding may carry.
  while (digits.length > significant) digits = roundedDigits(value, significant - 1 - ++exponent);
  while (digits.length < significant) digits = roundedDigits(value, significant - 1 - --exponent);
  const plain = digits.replace(/0+$/, '');
  if (exponent < -4 || exponent >= significant) {
    const fraction = plain.slice(1);
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${plain.slice(0, 1)}${fraction === '' ? '' : `.${fraction}`}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${plain}`;
  const whole = plain.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = plain.slice(exponent + 1);
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** |value| times ten to the `places`, as an integer, from the exact binary value, ties to even. */
function roundedDigits(value: number, places: number): string {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, Math.abs(value));
  const raw = bits.getBigUint64(0);
  const stored = Number(raw >> 52n);
  const mantissa = (raw & 0xf_ffff_ffff_ffffn) | (stored === 0 ? 0n : 1n << 52n);
  const exponent = BigInt(Math.max(stored, 1) - 1075);
  let numerator = mantissa;
  let denominator = 1n;
  if (exponent >= 0n) numerator <<= exponent;
  else denominator <<= -exponent;
  if (places >= 0) numerator *= 10n ** BigInt(places);
  else denominator *= 10n ** BigInt(-places);
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  const roundsUp = twice > denominator || (twice === denominator && (quotient & 1n) === 1n);
  return String(roundsUp ? quotient + 1n : quotient);
}

function isNegative(value: number): boolean {
  return value < 0 || Object.is(value, -0);
}
