import { authenticationFailed } from './authentication-failed/detection.ts';
import { controllerDenied } from './controller-denied/detection.ts';
import type { Detection } from './detection.ts';
import { ephemeralContainerAdded } from './ephemeral-container-added/detection.ts';
import { execIntoPod } from './exec-into-pod/detection.ts';
import { requestDenied } from './request-denied/detection.ts';
import { workloadChanged } from './workload-changed/detection.ts';
import { workloadCreated } from './workload-created/detection.ts';
import { workloadDeleted } from './workload-deleted/detection.ts';

/** The detections of the pack `core`, by rule id. To add one: copy a folder, change it, list it here. */
export const CORE_DETECTIONS: readonly Detection[] = [
  execIntoPod,
  ephemeralContainerAdded,
  workloadCreated,
  workloadChanged,
  workloadDeleted,
  authenticationFailed,
  requestDenied,
  controllerDenied,
];
