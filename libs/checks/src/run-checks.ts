import type { Check, CheckResult, Finding } from './check.ts';

export interface RunOptions {
  /** Mends what can be mended safely, and asks again. */
  readonly fix?: boolean;
  /** Ids that are not asked; each is reported as skipped. */
  readonly ignore?: readonly string[];
  /** Puts a bound on the time of one answer: rejects when it is late. The clock is the caller's. */
  readonly bounded?: (answer: Promise<Finding>) => Promise<Finding>;
  readonly onResult?: (result: CheckResult) => void;
}

/**
 * Asks in order. A check that throws or does not answer has failed, and the next one is asked: a doctor that stops at the first
 * surprise is no help.
 */
export async function runChecks(checks: readonly Check[], options: RunOptions = {}): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    const result = await resultOf(check, results, options);
    results.push(result);
    options.onResult?.(result);
  }
  return results;
}

async function resultOf(check: Check, earlier: readonly CheckResult[], options: RunOptions): Promise<CheckResult> {
  if (options.ignore?.includes(check.id)) return { check: textOf(check), finding: { kind: 'skipped', seen: 'ignored on request' } };
  const missing = check.needs?.find((id) => earlier.some((result) => result.check.id === id && !isSound(result.finding)));
  if (missing !== undefined) return { check: textOf(check), finding: { kind: 'skipped', seen: `needs ${missing}` } };
  const finding = await ask(check, options);
  if (!options.fix || check.fix === undefined || isSound(finding) || finding.kind === 'skipped') return { check: textOf(check), finding };
  try {
    const fixed = await check.fix();
    return { check: textOf(check), finding: await ask(check, options), fixed };
  } catch (error) {
    return { check: textOf(check), finding, fixed: `could not be mended: ${(error as Error).message}` };
  }
}

/** What depends on a check that warns can still be asked. */
function isSound(finding: Finding): boolean {
  return finding.kind === 'ok' || finding.kind === 'warning';
}

async function ask(check: Check, { bounded = (answer) => answer }: RunOptions): Promise<Finding> {
  try {
    return await bounded(check.run());
  } catch (error) {
    return {
      kind: 'failure',
      seen: (error as Error).message,
      next: (error as { hint?: string }).hint ?? 'report it: the check itself failed',
    };
  }
}

function textOf({ id, category, statement, why, needs, isPre }: Check): CheckResult['check'] {
  return { id, category, statement, why, ...(needs ? { needs } : {}), ...(isPre ? { isPre } : {}) };
}
