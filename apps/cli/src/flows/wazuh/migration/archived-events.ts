import { createReadStream, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PLACES } from '@k8s-audit/wazuh-server';

/** Where events were found, and their texts as Wazuh got them. */
export interface ArchivedEvents {
  /** Undefined: neither archive nor alerts hold one. */
  readonly file: string | undefined;
  readonly logs: readonly string[];
}

/** The end of a file: hours to days. More would not change the picture, only the time that it takes. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_EVENTS = 20_000;

/** What the guide's receiver has sent of late: from Wazuh's archive, or where that is off, from its alerts, which know less. */
export async function archivedEvents(home: string): Promise<ArchivedEvents> {
  for (const file of [join(home, PLACES.archives), join(home, PLACES.alerts)]) {
    const logs = existsSync(file) ? await guideLogs(file) : [];
    if (logs.length > 0) return { file, logs };
  }
  return { file: undefined, logs: [] };
}

async function guideLogs(file: string): Promise<readonly string[]> {
  const start = Math.max(0, statSync(file).size - MAX_BYTES);
  const logs: string[] = [];
  for await (const line of createInterface({ input: createReadStream(file, { start }), crlfDelay: Number.POSITIVE_INFINITY })) {
    // Every agent's events are in there.
    if (!line.includes('"location":"k8s"')) continue;
    const log = guideLogOf(line);
    if (log !== undefined) logs.push(log);
  }
  return logs.slice(-MAX_EVENTS);
}

/** The first line may begin in the middle. */
function guideLogOf(line: string): string | undefined {
  try {
    const { full_log: log, location } = JSON.parse(line) as { readonly full_log?: unknown; readonly location?: unknown };
    return location === 'k8s' && typeof log === 'string' && log.startsWith('{"kind": "EventList"') ? log : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
