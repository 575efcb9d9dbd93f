/** Whether a label selector can be read (apimachinery pkg/labels/selector.go Parse). What it selects is of no concern here. */
export function isLabelSelector(selector: string): boolean {
  const tokens = tokenize(selector);
  let position = 0;
  /** Between values `in` and `notin` are words like any other. */
  const isWord = (token: string | undefined): boolean => token !== undefined && !isSymbol(token);
  if (tokens.length === 0) return true;
  for (;;) {
    const next = requirementEnd(tokens, position, isWord);
    if (next === undefined) return false;
    if (next === tokens.length) return true;
    if (tokens[next] !== ',') return false;
    position = next + 1;
  }
}

/** Where a requirement that starts at `start` ends; undefined: it is none. */
function requirementEnd(tokens: readonly string[], start: number, isWord: (token: string | undefined) => boolean): number | undefined {
  const negated = tokens[start] === '!';
  let position = negated ? start + 1 : start;
  const key = tokens[position++];
  if (key === undefined || !isWord(key) || !isLabelKey(key)) return undefined;
  const operator = tokens[position];
  if (negated || operator === undefined || operator === ',') return position;
  position++;
  if (operator === 'in' || operator === 'notin') return valueListEnd(tokens, position, isWord);
  if (!['=', '==', '!=', '>', '<'].includes(operator)) return undefined;
  const value = tokens[position];
  const isEmpty = value === undefined || value === ',';
  if (!isEmpty && !isWord(value)) return undefined;
  const text = isEmpty ? '' : (value ?? '');
  if (!isLabelValue(text) || ((operator === '>' || operator === '<') && !isInt64(text))) return undefined;
  return isEmpty ? position : position + 1;
}

/** `(a, b,, c)`: empty values are values. */
function valueListEnd(tokens: readonly string[], start: number, isWord: (token: string | undefined) => boolean): number | undefined {
  if (tokens[start] !== '(') return undefined;
  let position = start + 1;
  if (tokens[position] === ')') return position + 1;
  for (;;) {
    const token = tokens[position++];
    if (token === undefined || (token !== ',' && !(isWord(token) && isLabelValue(token)))) return undefined;
    const next = tokens[position];
    if (next === ')') return position + 1;
    if (token !== ',' && next !== ',') return undefined;
  }
}

/** Words and symbols; the longest symbol that is one (`!==` is `!=` and `=`). A zero character ends the text. */
function tokenize(selector: string): string[] {
  const text = selector.split('\0', 1)[0] ?? '';
  return text.match(/==|!=|[=!(),><]|[^=!(),>< \t\r\n]+/g) ?? [];
}

function isSymbol(token: string): boolean {
  return /^[=!(),><]/.test(token);
}

function isLabelKey(key: string): boolean {
  const parts = key.split('/');
  const name = parts.at(-1) ?? '';
  if (parts.length > 2 || name.length > 63 || !NAME.test(name)) return false;
  const prefix = parts.length === 2 ? (parts[0] ?? '') : undefined;
  return prefix === undefined || (prefix.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(prefix));
}

function isLabelValue(value: string): boolean {
  return value === '' || (value.length <= 63 && NAME.test(value));
}

function isInt64(text: string): boolean {
  return /^-?[0-9]+$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}

const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
