import { type KubernetesVersion, LATEST } from '../kubernetes-version.ts';
import { createPolicySearch } from '../reachability/policy-search.ts';
import { type PolicyReading, readPolicy } from '../reader/read-policy.ts';
import { createCovers, type LintContext, ruleViews } from './context.ts';
import { comparePlaces, type Finding } from './finding.ts';
import { FINDING_FAMILIES } from './registry.ts';
import { SourceText } from './source-text.ts';
import { isSuppressed, readSuppressions } from './suppression.ts';

export interface LintOptions {
  /** What the cluster runs; without it the newest, and what older ones refuse is told. */
  readonly kubernetesVersion?: KubernetesVersion;
}

export interface LintResult {
  /** In the order of the text. */
  readonly findings: readonly Finding[];
  /** How many a comment in the text has asked not to see. */
  readonly suppressed: number;
  /** The search ended before everything was decided: there may be more to find. */
  readonly isIncomplete: boolean;
  readonly reading: PolicyReading;
  readonly text: SourceText;
}

/**
 * How many times rules may be held against values, in all: some seconds. Policies of a hundred rules need a fiftieth of
 * it; of thousands that all hold for the same requests not everything can be told.
 */
const BUDGET = 10_000_000;

/** Everything that is wrong with the text of a policy, or that somebody should know. No text makes it throw. */
export function lintPolicy(policyText: string | Uint8Array, options: LintOptions = {}): LintResult {
  const { kubernetesVersion } = options;
  const reading = readPolicy(policyText, kubernetesVersion === undefined ? {} : { kubernetesVersion });
  const text = new SourceText(decode(policyText), reading.source?.format ?? 'yaml');
  const root = reading.source?.root;
  const policy = reading.kind === 'policy' ? reading.policy : undefined;
  const decoded = reading.kind === 'policy' ? reading.policy : reading.decoded;
  const rules = ruleViews(decoded, root);
  const search = policy && createPolicySearch(policy, { left: BUDGET });
  const covers = createCovers(search);
  const context: LintContext = {
    text,
    reading,
    root,
    decoded,
    rules,
    policy,
    search,
    version: kubernetesVersion ?? LATEST,
    versionGiven: kubernetesVersion !== undefined,
    covers,
  };
  const all = distinct(FINDING_FAMILIES.flatMap(({ check }) => [...check(context)])).toSorted((a, b) => comparePlaces(a.place, b.place));
  const suppressions = readSuppressions(text, rules);
  const findings = all.filter((one) => !isSuppressed(one, suppressions));
  return {
    findings,
    suppressed: all.length - findings.length,
    isIncomplete: search !== undefined && search.budget.left < 0,
    reading,
    text,
  };
}

/** What an anchor holds is found once for each alias. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ id, place, message }) => {
    const key = JSON.stringify([id, place, message]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** kube-apiserver reads UTF-8, and UTF-16 with a byte order mark. */
function decode(text: string | Uint8Array): string {
  if (typeof text === 'string') return text;
  const [first, second] = text;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le', { ignoreBOM: true }).decode(text);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be', { ignoreBOM: true }).decode(text);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(text);
}
