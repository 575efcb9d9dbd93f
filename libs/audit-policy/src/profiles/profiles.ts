import type { PolicyComments } from '../comments.ts';
import type { Policy } from '../model.ts';
import { GUIDE_COMMENTS, GUIDE_POLICY } from './guide.ts';

/** A ready-made audit policy. */
export interface Profile {
  readonly name: string;
  readonly summary: string;
  readonly policy: Policy;
  readonly comments: PolicyComments;
}

export const PROFILES: readonly Profile[] = [
  {
    name: 'guide',
    summary: 'what the hand-followed guide meant: pods changed in full, everything else without bodies',
    policy: GUIDE_POLICY,
    comments: GUIDE_COMMENTS,
  },
];
