/**
 * The values of a parameter of a request URI, in order, exactly as the API server reads them (Go's net/url.ParseQuery): a pair
 * with a semicolon or a wrong escape is not there. Reading more than the API server does would let `?dryRun=All;` pass for a
 * dry run.
 */
export function queryValues(uri: string, name: string): readonly string[] {
  const start = uri.indexOf('?');
  if (start < 0) return [];
  const values: string[] = [];
  for (const pair of uri.slice(start + 1).split('&')) {
    if (pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    const key = equals < 0 ? pair : pair.slice(0, equals);
    if (key !== name && unescaped(key) !== name) continue;
    const value = equals < 0 ? '' : unescaped(pair.slice(equals + 1));
    if (value !== undefined) values.push(value);
  }
  return values;
}

/** Undefined for a percent sign without two hex digits. Bytes that are no UTF-8 become U+FFFD. */
function unescaped(text: string): string | undefined {
  const spaced = text.replaceAll('+', ' ');
  if (!spaced.includes('%')) return spaced;
  if (/%(?![0-9a-f]{2})/i.test(spaced)) return undefined;
  try {
    return decodeURIComponent(spaced);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    const bytes = Buffer.from(spaced).toString('latin1');
    return Buffer.from(
      bytes.replace(/%(..)/g, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      'latin1',
    ).toString();
  }
}
