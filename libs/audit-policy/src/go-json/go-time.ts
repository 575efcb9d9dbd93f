import { isDay } from '../go-text/calendar.ts';

export type GoTime =
  /** RFC 3339 in UTC to the second, as metav1.Time writes it. */
  | { readonly kind: 'time'; readonly text: string; readonly isZero: boolean }
  /** The words of Go's time.Parse. */
  | { readonly kind: 'broken'; readonly message: string };

/** Element of a layout: the text before it, its own text, how many digits, and what is too large for it. */
interface Element {
  readonly before: string;
  readonly layout: string;
  readonly pattern: RegExp;
  readonly name: string;
  readonly limits: readonly [number, number];
}

const ELEMENTS: readonly Element[] = [
  { before: '', layout: '2006', pattern: /^\d{4}/, name: 'year', limits: [0, 9999] },
  { before: '-', layout: '01', pattern: /^\d{2}/, name: 'month', limits: [1, 12] },
  { before: '-', layout: '02', pattern: /^\d{2}/, name: 'day', limits: [0, 99] },
  // Go takes an hour of one digit.
  { before: 'T', layout: '15', pattern: /^\d{1,2}/, name: 'hour', limits: [0, 23] },
  { before: ':', layout: '04', pattern: /^\d{2}/, name: 'minute', limits: [0, 59] },
  { before: ':', layout: '05', pattern: /^\d{2}/, name: 'second', limits: [0, 59] },
];

const FRACTION = '.000000';
const ZONE = 'Z07:00';

/** Reads a time in a layout that is RFC 3339, with or without six digits of a second, as Go 1.26 time.Parse does. */
export function parseGoTime(layout: string, value: string): GoTime {
  const text = Buffer.from(value, 'utf8').toString('latin1');
  const cannot = (rest: string, element: string): GoTime =>
    broken(text, ` as ${quoteTime(layout)}: cannot parse ${quoteTime(rest)} as ${quoteTime(element)}`);
  const numbers: number[] = [];
  let rest = text;
  for (const element of ELEMENTS) {
    if (!rest.startsWith(element.before)) return cannot(rest, element.before);
    rest = rest.slice(element.before.length);
    const digits = element.pattern.exec(rest)?.[0];
    if (digits === undefined) return cannot(rest, element.layout);
    const number = Number(digits);
    if (number < element.limits[0] || number > element.limits[1]) return broken(text, `: ${element.name} out of range`);
    rest = rest.slice(digits.length);
    numbers.push(number);
  }
  const fraction = (layout.includes(FRACTION) ? /^[.,]\d{6}/ : /^(?:[.,]\d+)?/).exec(rest)?.[0];
  if (fraction === undefined) return cannot(rest, FRACTION);
  rest = rest.slice(fraction.length);
  const zone = /^(?:Z|([-+])(\d{2}):(\d{2}))/.exec(rest);
  if (zone === null) return cannot(rest, ZONE);
  const [zoneHour, zoneMinute] = [Number(zone[2] ?? 0), Number(zone[3] ?? 0)];
  if (zoneMinute > 60) return broken(text, ': time zone offset minute out of range');
  if (zoneHour > 24) return broken(text, ': time zone offset hour out of range');
  rest = rest.slice(zone[0].length);
  if (rest !== '') return broken(text, `: extra text: ${quoteTime(rest)}`);
  if (!isDay(numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 0)) return broken(text, ': day out of range');
  return inUtc(numbers, (zone[1] === '-' ? 1 : -1) * (zoneHour * 60 + zoneMinute));
}

function inUtc(numbers: readonly number[], minutesToUtc: number): GoTime {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = numbers;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute + minutesToUtc, second);
  const text = date.toISOString().replace(/\.\d+Z$/, 'Z');
  return { kind: 'time', text, isZero: text === '0001-01-01T00:00:00Z' };
}

function broken(text: string, message: string): GoTime {
  return { kind: 'broken', message: `parsing time ${quoteTime(text)}${message}` };
}

/** format.go quote: every byte that is not printable ASCII as two hexadecimal digits. */
function quoteTime(bytes: string): string {
  const escaped = bytes.replace(/[^ -~]|["\\]/g, (byte) =>
    byte === '"' || byte === '\\' ? `\\${byte}` : `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `"${escaped}"`;
}
