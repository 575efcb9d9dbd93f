import type { MatrixRow } from '../fault-row.ts';
import { guideFlags, lostAnswers, outage60, outage180 } from './api-servers.ts';
import { bodyTooLarge, compressed, eventTooLarge, malformed } from './bodies.ts';
import { certificates, noHttp2, slowClients, smuggling, tlsHandshakes } from './connections.ts';
import { logInjection, secrets, stalls } from './content.ts';
import { daemonDrops } from './daemon.ts';
import { diskRefuses, spoolAtLimit } from './disk.ts';
import { logFile } from './log-file.ts';
import { overload } from './overload.ts';
import { powerLoss } from './power-loss.ts';
import { orderlyStop, starvation } from './process.ts';
import { namedKills, randomKills } from './sigkill.ts';
import { readerKilled, readerStopped, socketMissing } from './socket.ts';
import { spoolDamage } from './spool-damage.ts';
import { clockJumps, otherVersions } from './time.ts';

/** The fault matrix, in its order; then real API servers as clients. */
export const ROWS: readonly MatrixRow[] = [
  randomKills,
  namedKills,
  powerLoss,
  spoolDamage,
  socketMissing,
  readerKilled,
  readerStopped,
  daemonDrops,
  diskRefuses,
  spoolAtLimit,
  bodyTooLarge,
  eventTooLarge,
  malformed,
  compressed,
  tlsHandshakes,
  certificates,
  slowClients,
  noHttp2,
  smuggling,
  clockJumps,
  lostAnswers,
  {
    id: '22',
    fault: 'API server restarts in the middle of a batch; SIGTERM storm',
    notRun: 'it belongs to the end-to-end tests of clusters; what an API server holds in memory is not ours to keep',
  },
  logFile,
  orderlyStop,
  starvation,
  stalls,
  {
    id: '27',
    fault: 'Wazuh reloads its rules; broken rules',
    notRun: 'it belongs to the tests of the Wazuh install, which refuses broken rules and rolls back',
  },
  otherVersions,
  logInjection,
  secrets,
  overload,
  outage60,
  outage180,
  guideFlags,
];
