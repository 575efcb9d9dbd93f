import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseDatagram } from '@k8s-audit/wazuh-message';
import { askDaemon, type DaemonStatistics, readDaemonStatistics } from '@k8s-audit/wazuh-queue';
import { askLogtest, type LogtestVerdict, PLACES } from '@k8s-audit/wazuh-server';
import type { WazuhEvidence, WrittenEntry } from './evidence.ts';
import { WrittenEntries } from './written-entries.ts';

/** Wazuh's part: its counters, its two files, and its logtest. */
export interface WazuhWitness {
  readonly archive: 'on' | 'off' | 'unknown' | 'unseen';
  alert(auditId: string): Promise<WrittenEntry | undefined>;
  archived(auditId: string): Promise<WrittenEntry | undefined>;
  /** @param message the datagram that the receiver sent, where it is known: what logtest is asked about when no alert has come */
  evidence(auditId: string, message: string | undefined): Promise<WazuhEvidence>;
  close(): Promise<void>;
}

/** Begins to watch: what was written and counted until now is not taken for the event's. @param home Wazuh's folder, which may not be here */
export async function watchWazuh(home: string, now: () => number): Promise<WazuhWitness> {
  const analysis = join(home, PLACES.analysis);
  // An agent's host has neither, and its manager's files are elsewhere.
  if (!existsSync(analysis) && !existsSync(join(home, PLACES.alerts)))
    return unseenWazuh(`no Wazuh server is seen in ${home} (as root?): look for the audit ID in its dashboard, or run this there`);
  const opened = await openFiles(home, now);
  if ('reason' in opened) return unseenWazuh(opened.reason);
  const { alerts, archives } = opened;
  const before = await readDaemonStatistics(analysis);
  const archive = await archiveSwitch(analysis);
  // Of several stages that were written, one that alerts tells more; there is at most one.
  const first = async (entries: WrittenEntries, auditId: string): Promise<WrittenEntry | undefined> => {
    const all = await entries.of(auditId);
    return all.findLast(({ rule }) => rule !== undefined && rule.level > 0) ?? all.at(-1);
  };
  const witness = { alert: (auditId: string) => first(alerts, auditId), archived: (auditId: string) => first(archives, auditId) };
  return {
    archive,
    ...witness,
    async evidence(auditId, message) {
      const after = await readDaemonStatistics(analysis);
      const [alert, archived] = [await witness.alert(auditId), await witness.archived(auditId)];
      const logtest = alert === undefined && message !== undefined ? await testRules(home, message) : undefined;
      return {
        kind: 'seen',
        statistics: counted(before, after),
        archive,
        ...(alert === undefined ? {} : { alert }),
        ...(archived === undefined ? {} : { archived }),
        ...(logtest === undefined ? {} : { logtest }),
      };
    },
    async close() {
      await alerts.close();
      await archives.close();
    },
  };
}

async function openFiles(
  home: string,
  now: () => number,
): Promise<{ readonly alerts: WrittenEntries; readonly archives: WrittenEntries } | { readonly reason: string }> {
  try {
    const alerts = await WrittenEntries.from(join(home, PLACES.alerts), now);
    return { alerts, archives: await WrittenEntries.from(join(home, PLACES.archives), now) };
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === 'EACCES') return { reason: `${path} may not be read: run this as root` };
    throw error;
  }
}

type Answer = Awaited<ReturnType<typeof readDaemonStatistics>>;

function counted(before: Answer, after: Answer): Extract<WazuhEvidence, { kind: 'seen' }>['statistics'] {
  if (after.kind === 'unavailable') return { kind: 'unavailable', reason: after.reason };
  const none: DaemonStatistics = { ...after.statistics, received: 0, processed: 0, dropped: 0 };
  return { kind: 'counted', before: before.kind === 'unavailable' ? none : before.statistics, after: after.statistics };
}

async function archiveSwitch(analysis: string): Promise<'on' | 'off' | 'unknown'> {
  const answer = await askDaemon(analysis, 'getconfig', { parameters: { section: 'global' } });
  const setting =
    answer.kind === 'answer' ? (answer.data as { global?: { logall_json?: unknown } } | undefined)?.global?.logall_json : undefined;
  return setting === 'yes' ? 'on' : setting === 'no' ? 'off' : 'unknown';
}

async function testRules(home: string, message: string): Promise<LogtestVerdict | undefined> {
  const parsed = parseDatagram(Buffer.from(message));
  return parsed === undefined ? undefined : await askLogtest(home, parsed.log.toString(), parsed.location, askDaemon);
}

function unseenWazuh(reason: string): WazuhWitness {
  const nothing = async (): Promise<undefined> => undefined;
  return { archive: 'unseen', alert: nothing, archived: nothing, evidence: async () => ({ kind: 'unseen', reason }), close: nothing };
}
