import type { Policy } from '../model.ts';
import { canonicalPolicy } from './canonical-policy.ts';
import { comparePlaces, type Edit, type Finding, type Fix, SEVERITIES, type Severity } from './finding.ts';
import { type LintOptions, type LintResult, lintPolicy } from './lint-policy.ts';

export interface FixOptions extends LintOptions {
  /** `same`: only what changes no decision. `stated`: also what makes the policy mean what its text says. */
  readonly meaning: Fix['meaning'];
  /** Only findings of this severity and above; all of them without it. */
  readonly least?: Severity;
}

export interface FixResult {
  readonly text: string;
  readonly applied: readonly AppliedFix[];
  /** Of the text as it is now. */
  readonly after: LintResult;
}

export interface AppliedFix {
  readonly id: string;
  /** Line of the text as it was when the fix was made. */
  readonly line: number;
  readonly title: string;
  readonly meaning: Fix['meaning'];
}

/**
 * A policy's text with its findings mended as far as that can be done by changing ranges of it. Each fix is checked
 * before it is kept: the text still loads (or came nearer to it), a fix that is to change no decision leaves the policy
 * with the same meaning, and the finding is gone. The result fixed again is itself.
 */
export function fixPolicy(text: string, options: FixOptions): FixResult {
  const applied: AppliedFix[] = [];
  let current = lintPolicy(text, options);
  if (hasAliases(current)) return { text, applied, after: current };
  // What was refused may do what it says once others are made.
  for (let before = -1; applied.length > before && applied.length < MAX_FIXES; ) {
    before = applied.length;
    current = fixOnce(current, options, applied);
  }
  return { text: current.text.text, applied, after: current };
}

function fixOnce(start: LintResult, options: FixOptions, applied: AppliedFix[]): LintResult {
  const refused = new Set<string>();
  let current = start;
  while (applied.length < MAX_FIXES) {
    const wanted = current.findings.filter(isFixable).filter((finding) => isWanted(finding, options) && !refused.has(keyOf(finding)));
    // What changes no decision goes first and by itself, so that this can be checked.
    const same = wanted.filter(({ fix }) => fix.meaning === 'same');
    const [first] = same.length > 0 ? same : wanted;
    if (first === undefined) break;
    const all = withoutOverlaps(same.length > 0 ? same : wanted);
    const tried = tryFixes(all, current, options) ?? tryFixes([first], current, options);
    if (tried === undefined) refused.add(keyOf(first));
    else {
      applied.push(...tried.fixes.map(({ id, place, fix }) => ({ id, line: place.line, title: fix.title, meaning: fix.meaning })));
      current = tried.result;
    }
  }
  return current;
}

/** Each round lints the whole text again; a policy with more has other problems. */
const MAX_FIXES = 2_000;

type Fixable = Finding & { readonly fix: Fix };

function isFixable(finding: Finding): finding is Fixable {
  return finding.fix !== undefined;
}

/** Undefined: together they would not do what they say. */
function tryFixes(
  fixes: readonly Fixable[],
  before: LintResult,
  options: FixOptions,
): { readonly fixes: readonly Fixable[]; readonly result: LintResult } | undefined {
  const result = lintPolicy(before.text.edited(fixes.flatMap(({ fix }) => fix.edits)), options);
  return isBetter(fixes, before, result) ? { fixes, result } : undefined;
}

/** In the order of the text, each that touches nothing of those before. */
function withoutOverlaps(fixes: readonly Fixable[]): readonly Fixable[] {
  const chosen: Fixable[] = [];
  const taken: Edit[] = [];
  for (const finding of fixes) {
    if (finding.fix.edits.some((edit) => taken.some((other) => overlap(edit, other)))) continue;
    chosen.push(finding);
    taken.push(...finding.fix.edits);
  }
  return chosen;
}

function overlap(a: Edit, b: Edit): boolean {
  return comparePlaces(a.place, b.end) < 0 && comparePlaces(b.place, a.end) < 0;
}

/** A value with an anchor stands in several places, and a change would change them all. */
function hasAliases({ reading, text }: LintResult): boolean {
  return reading.source?.format !== 'json' && /(?:^|[\s[,{])\*[\w-]/m.test(text.text);
}

function isWanted({ fix, severity }: Fixable, { meaning, least = 'info' }: FixOptions): boolean {
  if (SEVERITIES.indexOf(severity) > SEVERITIES.indexOf(least)) return false;
  return meaning === 'stated' || fix.meaning === 'same';
}

/** Without the line: what was refused once is not tried again because something above it changed. */
function keyOf({ id, path, message }: Finding): string {
  return JSON.stringify([id, path, message]);
}

/** The text still loads, what was to go is gone, nothing worse has come, and the meaning is what was promised. */
function isBetter(fixes: readonly Fixable[], before: LintResult, after: LintResult): boolean {
  if (before.reading.kind === 'policy' && after.reading.kind !== 'policy') return false;
  if (countIgnored(after) > countIgnored(before)) return false;
  const mended = (isCounted: (finding: Finding) => boolean): boolean =>
    after.findings.filter(isCounted).length <= before.findings.filter(isCounted).length - fixes.filter(isCounted).length;
  // To mend one slip must not bring out a worse one: a rule for nothing that becomes a rule for everything, say.
  if (!mended(({ severity }) => severity === 'error')) return false;
  if (!fixes.every(({ id }) => mended((finding) => finding.id === id))) return false;
  if (fixes.some(({ fix }) => fix.meaning === 'stated')) return true;
  const [was, is] = [policyOf(before), policyOf(after)];
  return was !== undefined && is !== undefined && canonicalPolicy(was) === canonicalPolicy(is);
}

function policyOf({ reading }: LintResult): Policy | undefined {
  return reading.kind === 'policy' ? reading.policy : undefined;
}

/** What kube-apiserver refuses or ignores. */
function countIgnored({ reading }: LintResult): number {
  return reading.strictErrors.length + (reading.kind === 'refused' ? Math.max(1, reading.errors.length) : 0);
}
