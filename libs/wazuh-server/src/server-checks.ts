import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Check, CheckText, Finding } from '@k8s-audit/checks';
import type { AskDaemon } from './ask-daemon.ts';
import { inspectInstallation, PLACES, type WazuhInstallation } from './installation.ts';
import { askLogtest } from './logtest.ts';
import { canReloadRules, isSupported, renderWazuhVersion } from './version.ts';

export interface ServerSight {
  readonly root: string;
  readonly home: string;
  readonly ask: AskDaemon;
  /** An event that must raise an alert, as the receiver would send it. */
  readonly probe: () => string;
  /** Counters of wazuh-analysisd since its start. */
  readonly statistics: () => Promise<
    /** `startedAt`: of the daemon, seconds since 1970. */
    { readonly received: number; readonly dropped: number; readonly startedAt: number } | { readonly unavailable: string }
  >;
  /** net.unix.max_dgram_qlen; undefined: this system does not tell. */
  readonly queueLength: () => Promise<number | undefined>;
  /** Between two readings of the counters. */
  readonly settle: () => Promise<void>;
}

/** The kernel's own default; below it a pause of the daemon stops every sender. systemd raises it to 512 on the host. */
const LEAST_QUEUE_LENGTH = 10;

export const SERVER_CHECKS: readonly CheckText[] = [
  {
    id: 'wazuh-installed',
    category: 'wazuh',
    statement: 'there is a Wazuh that is supported',
    why: 'Wazuh 4.3 to 4.14, manager or agent, outside a container.',
    isPre: true,
  },
  {
    id: 'wazuh-group',
    category: 'wazuh',
    statement: 'the group wazuh is there',
    why: 'Wazuh’s queue is open to this group alone, and the receiver’s user is made in it.',
    needs: ['wazuh-installed'],
    isPre: true,
  },
  {
    id: 'wazuh-queue',
    category: 'wazuh',
    statement: 'Wazuh’s queue can be written to',
    why: 'The receiver hands events over at queue/sockets/queue; only the group wazuh may write there.',
    needs: ['wazuh-installed'],
  },
  {
    id: 'wazuh-queue-length',
    category: 'wazuh',
    statement: 'Wazuh’s queue lets datagrams wait',
    why: 'net.unix.max_dgram_qlen of the network that Wazuh was started in: so many datagrams of all senders wait while wazuh-analysisd is busy, and are gone without a word when it is restarted.',
    needs: ['wazuh-queue'],
  },
  {
    id: 'wazuh-daemon',
    category: 'wazuh',
    statement: 'wazuh-analysisd answers',
    why: 'Without its counters nobody can tell that it drops what it has taken.',
    needs: ['wazuh-installed'],
  },
  {
    id: 'wazuh-drops',
    category: 'wazuh',
    statement: 'wazuh-analysisd drops nothing',
    why: 'It takes every datagram and drops silently when its own queue is full; the sender sees success. Its counters are read twice: what it drops now is a failure, what it has dropped since its start a warning.',
    needs: ['wazuh-daemon'],
  },
  {
    id: 'rules-loaded',
    category: 'rules',
    statement: 'the rules that lie there are those in force',
    why: 'Before 4.13 Wazuh reads rules at its start only: files that were written since are not in force. From 4.13 on they are read anew on request, and nobody tells when that last was.',
    needs: ['wazuh-daemon'],
  },
  {
    id: 'rules-alert',
    category: 'rules',
    statement: 'a created deployment raises an alert',
    why: 'Asked of the manager’s own logtest with the rules on its disk: a rule of somebody else that takes our events is found here.',
    needs: ['wazuh-installed'],
  },
];

/** The checks of a Wazuh on this machine. */
export function serverChecks(sight: ServerSight): readonly Check[] {
  const installation = (): Promise<WazuhInstallation> => inspectInstallation(sight.root, sight.home);
  const answers: Readonly<Record<string, () => Promise<Finding>>> = {
    'wazuh-installed': async () => installed(await installation()),
    'wazuh-group': () => group(sight),
    'wazuh-queue': async () => queue(await installation()),
    'wazuh-queue-length': () => queueLength(sight),
    'wazuh-daemon': async () => {
      const statistics = await sight.statistics();
      return 'unavailable' in statistics
        ? { kind: 'failure', seen: statistics.unavailable, next: 'systemctl status wazuh-manager; tail /var/ossec/logs/ossec.log' }
        : { kind: 'ok', seen: `${statistics.received} events received` };
    },
    'wazuh-drops': () => drops(sight),
    'rules-loaded': async () => loaded(await installation(), sight),
    'rules-alert': async () => alert(await installation(), sight),
  };
  return SERVER_CHECKS.map((text) => ({ ...text, run: answers[text.id] as () => Promise<Finding> }));
}

function installed({ version, type, node, container }: WazuhInstallation): Finding {
  const seen = `${renderWazuhVersion(version)}, ${type}${node === 'single' ? '' : `, ${node}`}`;
  if (!isSupported(version)) return { kind: 'failure', seen, next: 'use Wazuh 4.3 to 4.14' };
  if (container !== 'none') return { kind: 'failure', seen: `${seen}, in a container`, next: `k8s-audit wazuh render --for ${container}` };
  return { kind: 'ok', seen };
}

async function group({ root }: ServerSight): Promise<Finding> {
  const line = /^wazuh:[^:]*:(\d+):/m.exec(await readFile(join(root, 'etc/group'), 'utf8').catch(() => ''));
  if (line !== null) return { kind: 'ok', seen: `number ${line[1]}` };
  return { kind: 'failure', seen: 'no group wazuh in /etc/group', next: 'groupadd wazuh, or install Wazuh again: its packages make it' };
}

async function queue({ home }: WazuhInstallation): Promise<Finding> {
  const socket = join(home, PLACES.queue);
  const stats = await stat(socket).catch(() => undefined);
  if (stats === undefined) return { kind: 'failure', seen: `${socket} is not there`, next: 'start Wazuh' };
  if (!stats.isSocket()) return { kind: 'failure', seen: `${socket} is no socket`, next: 'restart Wazuh: it makes its socket anew' };
  if ((stats.mode & 0o020) === 0)
    return {
      kind: 'failure',
      seen: `its group may not write to it (mode ${(stats.mode & 0o777).toString(8)})`,
      next: `chmod 0660 ${socket}, or restart Wazuh`,
    };
  return { kind: 'ok', seen: socket };
}

async function queueLength({ queueLength: read }: ServerSight): Promise<Finding> {
  const length = await read();
  if (length === undefined) return { kind: 'skipped', seen: 'this system does not tell net.unix.max_dgram_qlen' };
  if (length < LEAST_QUEUE_LENGTH)
    return {
      kind: 'warning',
      seen: `net.unix.max_dgram_qlen is ${length}`,
      next: 'sysctl -w net.unix.max_dgram_qlen=512, write it to /etc/sysctl.d, then restart Wazuh: a socket keeps the length it was made with',
    };
  return { kind: 'ok', seen: `${length + 1} datagrams can wait` };
}

async function drops({ statistics, settle }: ServerSight): Promise<Finding> {
  const first = await statistics();
  await settle();
  const second = await statistics();
  if ('unavailable' in first) return { kind: 'skipped', seen: first.unavailable };
  if ('unavailable' in second) return { kind: 'skipped', seen: second.unavailable };
  const [now, received] = [second.dropped - first.dropped, second.received - first.received];
  if (now > 0)
    return {
      kind: 'failure',
      seen: `${now} dropped while it was watched, of ${received + now} that came; ${second.dropped} since its start, by whatever sender`,
      next: 'who sends so much? wazuh-control info, agents’ eps; raise analysisd.decode_event_queue_size in local_internal_options.conf',
    };
  if (second.dropped === 0) return { kind: 'ok', seen: 'none since its start' };
  return {
    kind: 'warning',
    seen: `${second.dropped} dropped since its start, by whatever sender; none while it was watched`,
    next: 'ask again at the busiest time of the day; the receiver paces itself',
  };
}

async function loaded({ home, type, version }: WazuhInstallation, { statistics }: ServerSight): Promise<Finding> {
  if (type === 'agent') return { kind: 'skipped', seen: 'its rules are the manager’s' };
  if (canReloadRules(version)) return { kind: 'skipped', seen: 'they are read anew on request' };
  const counted = await statistics();
  if ('unavailable' in counted) return { kind: 'skipped', seen: counted.unavailable };
  const folder = join(home, PLACES.rules);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.xml'));
  const written = await Promise.all(names.map(async (name) => ({ name, atMs: (await stat(join(folder, name))).mtimeMs })));
  const newer = written.filter(({ atMs }) => atMs > 1_000 * counted.startedAt).map(({ name }) => name);
  if (newer.length === 0) return { kind: 'ok', seen: `${names.length} files, none newer than its start` };
  return {
    kind: 'failure',
    seen: `${newer.join(', ')}: written after its start at ${new Date(1_000 * counted.startedAt).toISOString()}`,
    next: 'systemctl restart wazuh-manager',
  };
}

async function alert({ home, type, node }: WazuhInstallation, { ask, probe }: ServerSight): Promise<Finding> {
  if (type === 'agent' || node === 'worker') return { kind: 'skipped', seen: 'its rules are the manager’s' };
  const verdict = await askLogtest(home, probe(), 'k8s', ask);
  if (verdict.kind === 'unavailable') return { kind: 'failure', seen: `logtest does not answer: ${verdict.reason}`, next: 'start Wazuh' };
  if (verdict.kind === 'refused')
    return {
      kind: 'failure',
      seen: `it cannot load its rules: ${verdict.reason}`,
      next: `k8s-audit rules check ${join(home, PLACES.rules)}`,
    };
  const rule = verdict.rule === undefined ? 'no rule' : `rule ${verdict.rule.id}, level ${verdict.rule.level}`;
  if (verdict.isAlert) return { kind: 'ok', seen: rule };
  return {
    kind: 'failure',
    seen: `${rule} takes it, without an alert`,
    next: 'k8s-audit rules explain tells why; not installed yet: k8s-audit wazuh install',
  };
}
