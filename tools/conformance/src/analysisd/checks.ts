import { checkEvents, checkSequences } from './check-event.ts';
import { checkExpressions, checkOsRegexTables } from './check-expressions.ts';
import { checkRuleFiles } from './check-rule-files.ts';
import type { Difference } from './difference.ts';
import type { FILES } from './files.ts';
import type { Row, Vectors } from './vectors.ts';

/** What is done with each recorded file. */
export const CHECKS: readonly {
  readonly file: (typeof FILES)[number];
  readonly check: (rows: readonly Row[], vectors: Vectors) => readonly Difference[];
}[] = [
  { file: 'events.jsonl', check: checkEvents },
  { file: 'sequences.jsonl', check: checkSequences },
  { file: 'expressions.jsonl', check: checkExpressions },
  { file: 'osregex_tables.json', check: checkOsRegexTables },
  { file: 'rulecheck.jsonl', check: checkRuleFiles },
];
