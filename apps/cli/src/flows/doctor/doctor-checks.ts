import { existsSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { API_SERVER_CHECKS, apiServerChecks } from '@k8s-audit/apiserver-config';
import type { Check, CheckText } from '@k8s-audit/checks';
import { readHostFile, readHostText } from '@k8s-audit/host-files';
import { CONFIG_CHECKS, configChecks, writesArchive } from '@k8s-audit/wazuh-config';
import { askDaemon, readDaemonStatistics } from '@k8s-audit/wazuh-queue';
import {
  INDEXER_CHECKS,
  type Indexer,
  type IndexerSight,
  indexerChecks,
  PLACES,
  SERVER_CHECKS,
  type ServerSight,
  serverChecks,
} from '@k8s-audit/wazuh-server';
import { inspectCertificates } from '../inspect-certificates.ts';
import { receiverSight } from '../receiver-sight.ts';
import { tryCommand } from '../wazuh/host-actions.ts';
import { hostPlaces } from '../wazuh/host-places.ts';
import { probeEvent } from '../wazuh/probe-event.ts';
import { lookAtApiServer } from './api-server-sight.ts';
import { CANARY_CHECKS } from './canary-checks.ts';
import { CERTIFICATE_CHECKS, certificateChecks } from './certificate-checks.ts';
import { freeBytesOf, PLATFORM_CHECKS, platformChecks } from './platform-checks.ts';
import { POLICY_CHECKS, policyChecks } from './policy-checks.ts';
import { policySight } from './policy-sight.ts';
import { RECEIVER_CHECKS, receiverChecks } from './receiver-checks.ts';

/** Every check that the doctor knows, in the order in which it asks. */
export const ALL_CHECKS: readonly CheckText[] = [
  ...PLATFORM_CHECKS,
  ...CERTIFICATE_CHECKS,
  ...RECEIVER_CHECKS,
  ...API_SERVER_CHECKS,
  ...POLICY_CHECKS,
  ...SERVER_CHECKS,
  ...CONFIG_CHECKS,
  ...INDEXER_CHECKS,
  ...CANARY_CHECKS,
];

export interface DoctorOptions {
  /** '/' or a folder that holds a machine's file system. */
  readonly root: string;
  readonly home: string;
  /** The receiver's configuration; absent: where `wazuh install` puts it. */
  readonly configuration?: string;
  /** A static pod's manifest; absent: kubeadm's place, where it is. */
  readonly manifest?: string;
  /** To read the API server's counters with; absent: kubeadm's own, where it is. */
  readonly kubeconfig?: string;
  /** Absent: nothing is asked of an indexer. */
  readonly indexer?: Indexer;
  /** No Wazuh is a failure, and not a part that this machine lacks. */
  readonly needsWazuh: boolean;
  readonly nowMs: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** All checks. A machine is a Wazuh server, a control-plane node, or both: those of a part that it lacks are skipped, and say so. */
export function doctorChecks(options: DoctorOptions): readonly Check[] {
  const { root, env } = options;
  const home = join(root, options.home);
  const places = hostPlaces(root, home);
  const configuration = options.configuration ?? places.configuration;
  const manifest = options.manifest ?? join(root, 'etc/kubernetes/manifests/kube-apiserver.yaml');
  const adminConf = join(root, 'etc/kubernetes/admin.conf');
  const kubeconfig = options.kubeconfig ?? (existsSync(adminConf) ? adminConf : undefined);
  // Once for all its checks: the counters are watched for some seconds.
  const apiServer = once(() => lookAtApiServer(manifest, kubeconfig, Date.now));
  const control = join(home, PLACES.control);
  const noWazuh = absence(control, `no Wazuh in ${home}`);
  const conf = join(home, PLACES.configuration);
  const noManager = noWazuh ?? absence(join(home, PLACES.rules, 'local_rules.xml'), `no rules in ${home}: this Wazuh is no manager`);
  const isManager = noManager === undefined;
  const noApiServer = absence(manifest, `no API server’s manifest ${manifest}`);
  return [
    ...platformChecks({
      platform: process.platform,
      arch: process.arch,
      glibc: glibcVersion(),
      nodeVersion: process.version,
      spoolFolder: nearest(places.state),
      freeBytes: freeBytesOf,
      clockOffsetSeconds: () => clockOffset(env),
    }),
    ...part(
      certificateChecks(async () => ({
        folder: places.certificates,
        ...(await inspectCertificates([places.certificates], [], options.nowMs)),
      })),
      absence(places.certificates, `no certificates in ${places.certificates}`),
    ),
    ...part(
      receiverChecks(() => receiverSight(root, configuration, places.certificates, options.nowMs)),
      absence(configuration, `no receiver’s configuration ${configuration}`),
    ),
    ...part(
      apiServerChecks(async () => (await apiServer()).sight),
      noApiServer,
    ),
    ...part(
      policyChecks(async () => {
        const { pod, startedAtMs } = await apiServer();
        return policySight(pod, { root, startedAtMs });
      }),
      noApiServer,
    ),
    ...part(
      serverChecks({
        root,
        home: options.home,
        ask: askDaemon,
        probe: () => probeEvent(options.nowMs),
        statistics: () => statistics(home),
        queueLength,
        settle: () => sleep(500),
      }),
      options.needsWazuh || isForbidden(control) ? undefined : noWazuh,
    ),
    ...part(
      configChecks(async () => ({
        ossecConf: (await readHostFile(conf)).toString('latin1'),
        ...(existsSync(places.filebeat) ? { filebeat: await readHostText(places.filebeat) } : {}),
      })),
      noManager,
    ),
    ...part(
      indexerChecks(() => indexerSight(options, isManager ? home : undefined)),
      options.indexer === undefined ? noManager : undefined,
    ),
  ];
}

/** @param absent why nothing can be asked of this part; undefined: it is here */
function part(checks: readonly Check[], absent: string | undefined): readonly Check[] {
  if (absent === undefined) return checks;
  // Without what they need and could mend: the reason is the part’s.
  return checks.map(({ needs: _, fix: __, ...check }) => ({ ...check, run: async () => ({ kind: 'skipped', seen: absent }) }));
}

function absence(path: string, what: string): string | undefined {
  if (existsSync(path)) return undefined;
  return isForbidden(path) ? `this user may not look into ${dirname(path)}: run it with sudo` : what;
}

/** `existsSync` answers the same where this user may not look. */
function isForbidden(path: string): boolean {
  try {
    return statSync(path) === undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}

async function indexerSight({ indexer, nowMs }: DoctorOptions, home: string | undefined): Promise<IndexerSight> {
  const asked = { ...(indexer === undefined ? {} : { indexer }), nowMs };
  if (home === undefined || !writesArchive((await readHostFile(join(home, PLACES.configuration))).toString('latin1'))) return asked;
  const written = await stat(join(home, PLACES.archives)).catch(() => undefined);
  return { ...asked, archive: written === undefined ? {} : { lastWrittenMs: written.mtimeMs } };
}

async function statistics(home: string): ReturnType<ServerSight['statistics']> {
  const answer = await readDaemonStatistics(join(home, PLACES.analysis));
  return answer.kind === 'unavailable' ? { unavailable: answer.reason } : answer.statistics;
}

async function queueLength(): Promise<number | undefined> {
  const text = await readFile('/proc/sys/net/unix/max_dgram_qlen', 'utf8').catch(() => '');
  return text.trim() === '' ? undefined : Number(text);
}

function once<Value>(look: () => Promise<Value>): () => Promise<Value> {
  let looked: Promise<Value> | undefined;
  return () => {
    looked ??= look();
    return looked;
  };
}

function glibcVersion(): string | undefined {
  const { header } = process.report.getReport() as { readonly header?: { readonly glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime;
}

/** timedatectl says whether somebody keeps the clock, chronyc or ntpq by how much it is off. */
async function clockOffset(env: DoctorOptions['env']): Promise<number | undefined> {
  const tracked = await tryCommand(['chronyc', '-c', 'tracking'], env);
  if (tracked !== undefined) return Number(tracked.split(',')[4] ?? 0);
  const kept = await tryCommand(['timedatectl', 'show', '--property=NTPSynchronized', '--value'], env);
  return kept?.trim() === 'yes' ? 0 : undefined;
}

function nearest(folder: string): string {
  return existsSync(folder) ? folder : nearest(dirname(folder));
}
