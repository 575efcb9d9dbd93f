import type { Drill } from '../drill.ts';
import { authenticationFailed } from './authentication-failed.ts';
import { ephemeralContainerAdded } from './ephemeral-container-added.ts';
import { execIntoPod } from './exec-into-pod.ts';
import { requestDenied } from './request-denied.ts';
import { workloadChanged } from './workload-changed.ts';
import { workloadCreated } from './workload-created.ts';
import { workloadDeleted } from './workload-deleted.ts';

/** Every drill, in the order of the pack. */
export const DRILLS: readonly Drill[] = [
  execIntoPod,
  ephemeralContainerAdded,
  workloadCreated,
  workloadChanged,
  workloadDeleted,
  authenticationFailed,
  requestDenied,
];

/** Detections that nobody can set off harmlessly, and why. */
export const WITHOUT_DRILL: Readonly<Record<string, string>> = {
  'controller-denied':
    'only with the credentials of one of Kubernetes’ own controllers: an acceptance test should neither make nor hold such a token. Its examples are held by "k8s-audit rules test" and the rule engine’s tests',
};
