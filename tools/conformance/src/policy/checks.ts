import { checkDocuments, checkInvalid, checkPolicies, checkValidation } from './document-checks.ts';
import { checkDecisions, checkUpstreamDecisions } from './evaluation-checks.ts';
import { checkRequestInfo, checkStages } from './request-checks.ts';
import type { Difference, Row } from './rows.ts';

export interface Check {
  readonly file: string;
  /** One answer a row: undefined where it agrees. */
  readonly check: (rows: readonly Row[], folder: string) => readonly (Difference | undefined)[];
}

/** Every file that is known, in the order in which they build on each other. */
export const CHECKS: readonly Check[] = [
  { file: 'documents.jsonl', check: (rows) => rows.map(checkDocuments) },
  { file: 'policies.jsonl', check: (rows) => rows.map(checkPolicies) },
  { file: 'invalid.jsonl', check: (rows) => rows.map(checkInvalid) },
  { file: 'validation_test.jsonl', check: (rows) => rows.map(checkValidation) },
  { file: 'requestinfo.jsonl', check: (rows) => rows.map(checkRequestInfo) },
  { file: 'checker_test.jsonl', check: (rows) => rows.map(checkUpstreamDecisions) },
  { file: 'eval.jsonl', check: checkDecisions },
  { file: 'stages.jsonl', check: (rows) => rows.map(checkStages) },
];
