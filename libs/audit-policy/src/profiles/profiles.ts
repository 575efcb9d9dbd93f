import type { PolicyComments } from '../comments.ts';
import type { KubernetesVersion } from '../kubernetes-version.ts';
import type { Policy } from '../model.ts';
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
  return withComments({ ...made, rules: [...adjustmentRules(adjustments), ...made.rules] });
}
