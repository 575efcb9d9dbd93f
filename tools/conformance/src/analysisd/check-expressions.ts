import { compileExpression, type ExpressionType } from '@k8s-audit/rule-engine';
import { type Difference, differing } from './difference.ts';
import { type Row, textOfRow, unreadable } from './vectors.ts';

/** Far above what any recorded pair needs. */
const STEPS = 5_000_000;
const TYPES: ReadonlySet<string> = new Set(['osregex', 'osmatch', 'pcre2']);

/** Pairs of a pattern and a string: does it match, or is it refused? */
export function checkExpressions(rows: readonly Row[]): readonly Difference[] {
  return rows.flatMap((row) => {
    const type = textOfRow(row, 'type');
    if (!TYPES.has(type)) throw unreadable(`Expression type ${JSON.stringify(type)} is none of ${[...TYPES].join(', ')}.`);
    const pattern = textOfRow(row, 'pattern');
    const subject = textOfRow(row, 'string');
    const sentences = differing(`on ${JSON.stringify(subject)}`, row['result'], answer(type as ExpressionType, pattern, subject));
    return sentences.length === 0 ? [] : [{ id: `${type} ${pattern}`, sentences }];
  });
}

function answer(type: ExpressionType, pattern: string, subject: string): boolean | string {
  const compiled = compileExpression(type, pattern);
  if (compiled.kind === 'invalid') return 'compile_error';
  if (compiled.kind === 'unsupported') return `unsupported: ${compiled.construct}`;
  const outcome = compiled.expression.match(Buffer.from(subject, 'utf8').toString('latin1'), { steps: STEPS });
  return outcome === 'undecided' ? outcome : outcome === 'match';
}

/** Which bytes each class and each literal of OSRegex matches. */
export function checkOsRegexTables(rows: readonly Row[]): readonly Difference[] {
  return rows.flatMap((tables) => {
    const classes = Object.entries((tables['classes'] ?? {}) as Record<string, readonly number[]>);
    const literals = Object.entries((tables['literals'] ?? {}) as Record<string, readonly number[]>);
    const patterns = [
      ...classes.map(([name, bytes]) => ({ name, pattern: name, bytes })),
      ...literals.map(([byte, bytes]) => ({ name: `byte ${byte}`, pattern: String.fromCharCode(Number(byte)), bytes })),
    ];
    const sentences =
      patterns.length === 0
        ? ['nothing to compare: neither classes nor literals']
        : patterns.flatMap(({ name, pattern, bytes }) => differing(name, bytes, bytesMatched(pattern)));
    return sentences.length === 0 ? [] : [{ id: 'osregex_tables', sentences: sentences.slice(0, 10) }];
  });
}

/** `pattern`: bytes, one unit each. */
function bytesMatched(pattern: string): readonly number[] {
  const compiled = compileExpression('osregex', Buffer.from(`^${pattern}$`, 'latin1'));
  if (compiled.kind !== 'compiled') return [];
  return Array.from({ length: 255 }, (_, i) => i + 1).filter(
    (byte) => compiled.expression.match(String.fromCharCode(byte), { steps: STEPS }) === 'match',
  );
}
