import type { PolicyComments } from '../comments.ts';
import type { KubernetesVersion } from '../kubernetes-version.ts';
import type { Policy } from '../model.ts';
import { classifyRequests } from '../request-classes/classify.ts';
import { type Adjustments, adjustmentRules } from './adjustments.ts';
import { CIS } from './cis.ts';
import { EVERYTHING } from './everything.ts';
import { GUIDE } from './guide.ts';
import { MINIMAL } from './minimal.ts';
import { type Profile, withComments } from './profile.ts';
import { RECOMMENDED } from './recommended.ts';

/** From the one that records least to the one that records most. */
export const PROFILES: readonly Profile[] = [MINIMAL, GUIDE, RECOMMENDED, CIS, EVERYTHING];

/** A profile as a policy with its comments. Without a version it is one that every supported Kubernetes loads. */
export function makeProfile(
  profile: Profile,
  adjustments: Adjustments = { include: [], exclude: [] },
  version?: KubernetesVersion,
): { readonly policy: Policy; readonly comments: PolicyComments } {
  const made = profile.make(version);
  const rules = [...adjustmentRules(adjustments), ...made.rules];
  const deciding = decidingRules({ ...made.policy, rules: rules.map(({ rule }) => rule) });
  return withComments({ ...made, rules: rules.filter((_, index) => deciding?.has(index) ?? true) });
}

/** A rule of the profile that an inclusion has made useless would only puzzle. Undefined: too many to work it out. */
function decidingRules(policy: Policy): ReadonlySet<number> | undefined {
  const classified = classifyRequests([policy], ([rule]) => (rule === undefined ? undefined : String(rule)), 1);
  return classified.kind === 'too-large' ? undefined : new Set(classified.judged.map(({ verdict }) => Number(verdict)));
}
