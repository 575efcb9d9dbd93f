import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningBackend } from './alert-backend.ts';
import { openJsonLines } from './json-lines.ts';
import type { WazuhEntry } from './wazuh-entry.ts';

/** Where a Wazuh 4 manager keeps its things, below /var/ossec or whatever the folder is called. */
export const PLACES = {
  rules: 'etc/rules',
  configuration: 'etc/ossec.conf',
  control: 'bin/wazuh-control',
  socket: 'queue/sockets/queue',
  alerts: 'logs/alerts/alerts.json',
  archives: 'logs/archives/archives.json',
} as const;

/** Reads alerts and archives from here on; what stands in them already belongs to others. */
export function followHome(home: string): Pick<RunningBackend, 'home' | 'socketPath' | 'alerts' | 'archives'> {
  const alertsFile = join(home, PLACES.alerts);
  const archivesFile = join(home, PLACES.archives);
  return {
    home,
    socketPath: join(home, PLACES.socket),
    alerts: openJsonLines<WazuhEntry>(alertsFile, sizeOf(alertsFile)).read,
    archives: openJsonLines<WazuhEntry>(archivesFile, sizeOf(archivesFile)).read,
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
