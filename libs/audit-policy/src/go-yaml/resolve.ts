import { YamlError } from './mark.ts';
import { isTimestamp } from './timestamp.ts';

/** What a scalar is to Go. An int64 and what only fits a uint64 are different types, and different keys of a map. */
export type YamlScalar =
  | null
  | boolean
  | string
  | { readonly type: 'int' | 'uint64'; readonly value: bigint }
  | { readonly type: 'float64'; readonly value: number };

const LONG = 'tag:yaml.org,2002:';
const [STR, BOOL, INT, FLOAT, NULL, TIMESTAMP] = ['str', 'bool', 'int', 'float', 'null', 'timestamp'].map((name) => LONG + name) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
export const BINARY_TAG: string = `${LONG}binary`;
export const MERGE_TAG: string = `${LONG}merge`;

/** Tags whose scalars are looked at; any other tag makes a string. */
const RESOLVABLE: ReadonlySet<string> = new Set(['', STR, BOOL, INT, FLOAT, NULL, TIMESTAMP]);

/**
 * What a scalar without quotes stands for in YAML 1.1, as go.yaml.in/yaml/v2 v2.4.3 resolve.go has it:
 * `yes`, `on` and `y` are true, `010` is 8, `1_000` a number, `12:30:45` a string.
 *
 * @throws {YamlError} when a tag asks for what the text is not
 */
export function resolveScalar(tag: string, text: string): YamlScalar {
  if (!RESOLVABLE.has(tag)) return text;
  const { tag: found, value } = tag === STR ? { tag: STR, value: text } : resolveText(tag, text);
  if (tag === '' || tag === STR || tag === found) return value;
  if (tag === FLOAT && found === INT && typeof value === 'object' && value?.type === 'int')
    return { type: 'float64', value: Number(value.value) };
  throw new YamlError(`cannot decode ${shortTag(found)} \`${text}\` as a ${shortTag(tag)}`);
}

function resolveText(tag: string, text: string): { readonly tag: string; readonly value: YamlScalar } {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  const first = text.charAt(0);
  if (first === '.') {
    const float = DOT_FLOAT.test(text) ? Number(text.replaceAll('_', '')) : Number.POSITIVE_INFINITY;
    if (Number.isFinite(float)) return { tag: FLOAT, value: { type: 'float64', value: float } };
  } else if (/[-+0-9]/.test(first)) {
    // A timestamp stays the text that it is; only an explicit tag can tell.
    if ((tag === '' || tag === TIMESTAMP) && isTimestamp(text)) return { tag: TIMESTAMP, value: text };
    const number = resolveNumber(text.replaceAll('_', ''));
    if (number !== undefined) return { tag: number.type === 'float64' ? FLOAT : INT, value: number };
  }
  return { tag: STR, value: text };
}

function resolveNumber(text: string): Exclude<YamlScalar, null | boolean | string> | undefined {
  const integer = parseInteger(text);
  if (integer !== undefined) return integer;
  if (YAML_FLOAT.test(text)) {
    const float = Number(text);
    if (Number.isFinite(float)) return { type: 'float64', value: float };
  }
  // `0b-101`: the prefix is cut off, and then a sign may follow.
  const binary = /^(-?)0b([-+]?)([01]+)$/.exec(text);
  if (binary === null || (binary[1] === '-' && binary[2] !== '')) return undefined;
  return asInteger(BigInt(`0b${binary[3]}`), binary[1] === '-' || binary[2] === '-');
}

/** strconv.ParseInt and then ParseUint with base 0. */
function parseInteger(text: string): { readonly type: 'int' | 'uint64'; readonly value: bigint } | undefined {
  const match = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/.exec(text);
  if (match === null) return undefined;
  const [, sign = '', digits = ''] = match;
  const magnitude = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return sign === '+' && magnitude > MAX_INT64 ? undefined : asInteger(magnitude, sign === '-');
}

function asInteger(magnitude: bigint, negative: boolean): { readonly type: 'int' | 'uint64'; readonly value: bigint } | undefined {
  if (negative) return magnitude <= MAX_INT64 + 1n ? { type: 'int', value: -magnitude } : undefined;
  if (magnitude <= MAX_INT64) return { type: 'int', value: magnitude };
  return magnitude <= MAX_UINT64 ? { type: 'uint64', value: magnitude } : undefined;
}

/** `!!int` for `tag:yaml.org,2002:int`. */
export function shortTag(tag: string): string {
  return tag.startsWith(LONG) ? `!!${tag.slice(LONG.length)}` : tag;
}

const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;
const YAML_FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;

/** strconv.ParseFloat of what starts with a dot; underscores stand between digits only. */
const DOT_FLOAT = /^\.[0-9]+(_[0-9]+)*([eE][-+]?[0-9]+(_[0-9]+)*)?$/;

const WORDS: ReadonlyMap<string, { readonly tag: string; readonly value: YamlScalar }> = new Map([
  ...words(BOOL, true, ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']),
  ...words(BOOL, false, ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']),
  ...words(NULL, null, ['', '~', 'null', 'Null', 'NULL']),
  ...words(FLOAT, { type: 'float64', value: Number.NaN }, ['.nan', '.NaN', '.NAN']),
  ...words(FLOAT, { type: 'float64', value: Number.POSITIVE_INFINITY }, ['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF']),
  ...words(FLOAT, { type: 'float64', value: Number.NEGATIVE_INFINITY }, ['-.inf', '-.Inf', '-.INF']),
]);

function words(tag: string, value: YamlScalar, texts: readonly string[]): [string, { readonly tag: string; readonly value: YamlScalar }][] {
  return texts.map((text) => [text, { tag, value }]);
}
