import { isScalar, type Node, Scalar, stringify } from 'yaml';
import type { PathStep, YamlValue } from './yaml-change.ts';

/** Go reads YAML 1.1: what it would take for a boolean or a number is quoted. Lists stand in their key's column, as kubeadm writes them. */
const BLOCK_STYLE = { version: '1.1', lineWidth: 0, indentSeq: false } as const;

/** A value as lines of block style, each `column` spaces in. */
export function blockLines(value: YamlValue, column: number): readonly string[] {
  const lines = stringify(value, BLOCK_STYLE).replace(/\n$/, '').split('\n');
  return lines.map((line) => (line === '' ? '' : `${' '.repeat(column)}${line}`));
}

/** A value for inside braces or brackets: JSON, which YAML is a superset of there. */
export function flowText(value: YamlValue): string {
  return JSON.stringify(value);
}

/** A scalar as source text, written like the one whose place it takes: its quotes, or its lines and their margin. */
export function scalarSource(value: YamlValue, like: Node, likeSource: string): string {
  const type = isScalar(like) ? (like as Scalar).type : undefined;
  if (typeof value !== 'string') return flowText(value);
  if (type === Scalar.QUOTE_SINGLE) return `'${value.replaceAll("'", "''")}'`;
  if (type === Scalar.BLOCK_LITERAL && value.endsWith('\n')) return literalSource(value, likeSource);
  // Plain text is kept plain where every reader takes it for the same string, in flow style too.
  return type === Scalar.PLAIN && /^[A-Za-z/-][A-Za-z0-9/_.=:+-]*$/.test(value) && isPlainString(value) ? value : flowText(value);
}

function literalSource(value: string, likeSource: string): string {
  const eol = likeSource.includes('\r\n') ? '\r\n' : '\n';
  const margin = /\n( +)\S/.exec(likeSource)?.[1] ?? '  ';
  const lines = value.replace(/\n$/, '').split('\n');
  const final = likeSource.endsWith('\n') ? eol : '';
  return `|${eol}${lines.map((line) => (line === '' ? '' : `${margin}${line}`)).join(eol)}${final}`;
}

/** `{ a: { b: value } }` for the path a, b. */
export function nested(path: readonly PathStep[], value: YamlValue): YamlValue {
  return path.reduceRight<YamlValue>((inner, step) => ({ [String(step)]: inner }), value);
}

function isPlainString(value: string): boolean {
  return stringify(value, BLOCK_STYLE).trim() === value;
}
