import { resolve } from 'node:path';
import { createEvaluator, type Decision, type Evaluator, type RequestAttributes, readPolicy } from '@k8s-audit/audit-policy';
import { compare, type Difference, type Row, readRows } from './rows.ts';

/** Decisions by the policies that lie beside them, or by the project's own when none do. */
export function checkDecisions(rows: readonly Row[], folder: string): readonly (Difference | undefined)[] {
  const evaluators = new Map<string, Evaluator>();
  for (const row of [...(readRows(OWN_POLICIES) ?? []), ...(readRows(resolve(folder, 'policies.jsonl')) ?? [])]) {
    const reading = readPolicy(String(row['yaml']));
    if (reading.kind === 'policy') evaluators.set(String(row['policyRef']), createEvaluator(reading.policy));
  }
  return rows.map((row) =>
    row['policy'] === undefined ? checkDecision(row, evaluators.get(String(row['policyRef']))) : checkUpstreamDecisions(row),
  );
}

/** Upstream's own cases hold the policy itself. */
export function checkUpstreamDecisions(row: Row): Difference | undefined {
  const reading = readPolicy(JSON.stringify(row['policy']));
  return checkDecision(row, reading.kind === 'policy' ? createEvaluator(reading.policy) : undefined);
}

function checkDecision(row: Row, evaluator: Evaluator | undefined): Difference | undefined {
  if (evaluator === undefined) return { id: String(row['id']), sentence: `no policy ${String(row['policyRef'] ?? '')} to decide by` };
  const expected = row['expected'] as Readonly<Record<string, unknown>>;
  const decision = evaluator(attributesOf(row['attributes']));
  const got: Readonly<Record<string, unknown>> = recorded(decision);
  return compare(
    row,
    Object.keys(expected).map((part) => [part, expected[part], got[part]] as const),
  );
}

function recorded({ level, omitStages, omitManagedFields, matchedRule }: Decision): Readonly<Record<string, unknown>> {
  return { level, omitStages: omitStages.toSorted(), omitManagedFields, matchedRule: matchedRule ?? -1 };
}

/** Go writes an empty list as null. */
function attributesOf(attributes: unknown): RequestAttributes {
  const given = attributes as RequestAttributes & {
    readonly user: { readonly username: string; readonly groups?: readonly string[] | null } | null;
  };
  return { ...given, user: given.user === null ? null : { username: given.user.username, groups: given.user.groups ?? [] } };
}

const OWN_POLICIES = resolve(import.meta.dirname, '../../../../fixtures/policy/policies.jsonl');
