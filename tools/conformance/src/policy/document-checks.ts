import {
  aggregateMessage,
  type DecodedPolicy,
  type FieldError,
  type PolicyReading,
  readPolicy,
  validatePolicy,
} from '@k8s-audit/audit-policy';
import { compare, type Difference, type Row } from './rows.ts';

/** The verdict, the policy as it was read or Kubernetes' own error, and what strict decoding said. */
export function checkDocuments(row: Row): Difference | undefined {
  const reading = readPolicy(String(row['yaml']));
  return compare(row, [
    ['the verdict', row['ok'], reading.kind === 'policy'],
    ['the policy', row['ok'] === true ? row['policy'] : undefined, reading.kind === 'policy' ? toKubernetes(reading.policy) : undefined],
    ['the error', row['error'], sameSyntaxError(row['error'], reading)],
    // What a decoder said before it failed for another reason is not recorded.
    [
      'what strict decoding says',
      row['strictErrors'] ?? [],
      isDecodingError(row['error']) ? (row['strictErrors'] ?? []) : reading.strictErrors.map(({ message }) => message),
    ],
  ]);
}

/** A policy's text is the policy beside it. */
export function checkPolicies(row: Row): Difference | undefined {
  const reading = readPolicy(String(row['yaml']));
  return compare(row, [
    ['the policy', row['policy'], reading.kind === 'policy' ? toKubernetes(reading.policy) : { refused: reading.message }],
  ]);
}

/** Each error's type, field, bad value and detail, and the sentence that kube-apiserver ends with. */
export function checkInvalid(row: Row): Difference | undefined {
  const reading = readPolicy(String(row['yaml']));
  const errors = reading.kind === 'refused' ? reading.errors : [];
  return compare(row, [
    ['the list of errors', partsOf(row['errors']), partsOf(errors)],
    ['the error', row['error'], reading.kind === 'refused' ? reading.message : undefined],
  ]);
}

/** Upstream's own cases hold the policy as JSON; the validator has no opinion of one without rules. */
export function checkValidation(row: Row): Difference | undefined {
  const reading = readPolicy(JSON.stringify(row['policy']));
  const decoded: DecodedPolicy | undefined = reading.kind === 'policy' ? reading.policy : reading.decoded;
  if (decoded === undefined) return compare(row, [['the reading', row['policy'], reading]]);
  const errors = validatePolicy(decoded);
  return compare(row, [
    ['the list of errors', partsOf(row['errors']), partsOf(errors)],
    ['the aggregated error', row['aggregate'], errors.length === 0 ? '' : aggregateMessage(errors)],
    ['the verdict', row['valid'], errors.length === 0],
  ]);
}

/** With what Go's encoder adds, without what it leaves out. */
function toKubernetes(policy: DecodedPolicy): unknown {
  return {
    kind: 'Policy',
    apiVersion: 'audit.k8s.io/v1',
    metadata: {},
    ...policy,
    rules: policy.rules.map((rule) => ({
      ...rule,
      ...(rule.resources && { resources: rule.resources.map(({ group, ...rest }) => (group ? { group, ...rest } : rest)) }),
    })),
  };
}

/** The texts of syntax errors are the decoder's, not Kubernetes'; only their line has to be the same. */
function sameSyntaxError(recorded: unknown, reading: PolicyReading): unknown {
  if (reading.kind === 'policy') return undefined;
  const syntax = /^failed decoding: (yaml: |.*invalid character|.*unexpected end of JSON)/;
  if (typeof recorded !== 'string' || !syntax.test(recorded) || !syntax.test(reading.message)) return reading.message;
  return lineOf(recorded) === lineOf(reading.message) ? recorded : reading.message;
}

function lineOf(message: string): string | undefined {
  return /line (\d+)/.exec(message)?.[1];
}

function isDecodingError(error: unknown): boolean {
  return typeof error === 'string' && error.startsWith('failed decoding');
}

/** The sentence of a single error is a part of the whole one. */
function partsOf(errors: unknown): unknown {
  return (errors as readonly FieldError[]).map(({ type, field, badValue, detail }) => ({ type, field, badValue, detail }));
}
