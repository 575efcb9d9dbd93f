/** A number as Go's `%v` and strconv.FormatFloat(…, 'g', -1, bits) write it: `1.5`, `1e+06`, `1e-05`, `+Inf`. */
export function formatFloat(value: number, bits: 32 | 64): string {
  if (Number.isNaN(value)) return 'NaN';
  const rounded = bits === 32 ? Math.fround(value) : value;
  if (!Number.isFinite(rounded)) return rounded > 0 ? '+Inf' : '-Inf';
  if (rounded === 0) return Object.is(rounded, -0) ? '-0' : '0';
  const [mantissa = '', exponentText = '0'] = shortestExponential(rounded, bits).split('e');
  const exponent = Number(exponentText);
  // strconv decides with a precision of 6 when it finds the digits itself.
  if (exponent < -4 || exponent >= 6) return exponential(mantissa, exponent);
  return plain(mantissa, exponent);
}

/** A float64 as Go's encoding/json writes it, which is as JavaScript does. */
export function formatJsonFloat(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The fewest digits that read back as the same number of so many bits. */
function shortestExponential(value: number, bits: 32 | 64): string {
  if (bits === 64) return value.toExponential();
  for (let digits = 0; digits < 9; digits++) {
    const text = value.toExponential(digits);
    if (Math.fround(Number(text)) === value) return text;
  }
  return value.toExponential(9);
}

function exponential(mantissa: string, exponent: number): string {
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function plain(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  const point = exponent + 1;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits}${'0'.repeat(point - digits.length)}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
