import type { Scenario } from '../scenario.ts';
import { canary } from './canary.ts';
import { connectCluster } from './connect-cluster.ts';
import { deniedRequest } from './denied-request.ts';
import { deployment, guideImageDeployment } from './deployment.ts';
import { drills } from './drills.ts';
import { execIntoPod } from './exec-into-pod.ts';
import { failedAuthentication } from './failed-authentication.ts';
import { interruptions } from './interruptions.ts';
import { longQuery } from './long-query.ts';
import { nothingIsLost } from './nothing-is-lost.ts';
import { refusedClients } from './refused-clients.ts';
import { ruleOrder } from './rule-order.ts';
import { sampleEvent } from './sample-event.ts';
import { secretValues } from './secret-values.ts';
import { webhookAndLogFile } from './webhook-and-log-file.ts';

/** Every scenario, in the order in which they run. `nothingIsLost` comes last: it looks for what all the others have sent. */
export const SCENARIOS: readonly Scenario[] = [
  deployment,
  guideImageDeployment,
  failedAuthentication,
  deniedRequest,
  execIntoPod,
  longQuery,
  secretValues,
  ruleOrder,
  sampleEvent,
  refusedClients,
  interruptions,
  webhookAndLogFile,
  connectCluster,
  canary,
  drills,
  nothingIsLost,
];
