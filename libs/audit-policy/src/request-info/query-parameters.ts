import { cut, decodePercent } from './request-uri.ts';

/** GODEBUG urlmaxqueryparams: a query with more of them counts as empty. */
const MAX_PARAMETERS = 10_000;

/** First value of each parameter, as Go's URL.Query() has it: what cannot be decoded, or has a semicolon, is left out. */
export function parseQuery(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  const pairs = query.split('&');
  if (pairs.length > MAX_PARAMETERS) return parameters;
  for (const pair of pairs) {
    if (pair === '' || pair.includes(';')) continue;
    const [key, value] = cut(pair, '=').map((part) => decodePercent(part.replaceAll('+', ' ')));
    if (key !== undefined && value !== undefined && !parameters.has(key)) parameters.set(key, value);
  }
  return parameters;
}
