import { join } from 'node:path';

/** Where things are below a Wazuh home (/var/ossec), here and on a real server. */
export interface WazuhHome {
  readonly folder: string;
  readonly queueSocket: string;
  readonly analysisSocket: string;
  readonly logtestSocket: string;
  readonly alertsFile: string;
  readonly archivesFile: string;
}

export function homeAt(folder: string): WazuhHome {
  return {
    folder,
    queueSocket: join(folder, 'queue/sockets/queue'),
    analysisSocket: join(folder, 'queue/sockets/analysis'),
    logtestSocket: join(folder, 'queue/sockets/logtest'),
    alertsFile: join(folder, 'logs/alerts/alerts.json'),
    archivesFile: join(folder, 'logs/archives/archives.json'),
  };
}
