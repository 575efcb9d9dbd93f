import { parseCertificates, parseClusterName } from '@k8s-audit/certs';
import { Failure } from '@k8s-audit/failure';
import { inspectInstallation } from '@k8s-audit/wazuh-server';
import { hostPlaces } from '../host-places.ts';
import { type PlannedInstallation, prepared, refuseInterrupted } from '../install.ts';
import { standingMigration } from '../install-record.ts';
import type { InstallOptions } from '../plan-install.ts';
import { type GuideClient, guideClients, migrationAddresses } from './guide-clients.ts';
import { describeGuide, listenAddressOf, recogniseGuide } from './guide-set-up.ts';
import type { Migration } from './migration.ts';
import { guideService, takeOverActions } from './take-over.ts';

export interface TakeOverOptions extends Omit<InstallOptions, 'migration' | 'takesOver' | 'services'> {
  /** Addresses of API servers; none: those that have posted. */
  readonly from: readonly string[];
  /** `YYYY-MM-DD`; absent: in 90 days. */
  readonly until?: string;
}

/** Long enough to connect every cluster; each day of it is reported to Wazuh. */
const MIGRATION_DAYS = 90;

/**
 * What takes the guide's receiver over: recognise it -> who posts to it -> the receiver on its port, with its certificate, sending what it
 * sent -> the services change places. Rules stay as they are. A second time it takes in further addresses, and nothing else.
 *
 * @throws Failure GUIDE_NOT_FOUND, GUIDE_CHANGED, MIGRATION_CLIENTS_UNKNOWN, USAGE, and what `planInstall` throws
 */
export async function prepareTakeOver(options: TakeOverOptions, home?: string): Promise<PlannedInstallation> {
  const installation = await inspectInstallation(options.root, home);
  const { changes } = hostPlaces(options.root, installation.home);
  await refuseInterrupted(changes);
  const standing = await standingMigration(changes);
  if (standing !== undefined)
    return await prepared(installation, { ...options, migration: widened(standing, options), services: [] }, 'change the take-over');

  const guide = await recogniseGuide(options.root, installation.home);
  const isHere = options.root === '/';
  const seen = isHere ? await guideClients(guide.settings.port, options.env) : [];
  const address = listenAddressOf(guide.settings);
  const migration: Migration = {
    listen: { ...(address === undefined ? {} : { address }), port: guide.settings.port },
    certificate: guide.settings.certificate,
    key: guide.settings.key,
    addresses: migrationAddresses(options.from, seen),
    cluster: clusterOf(options),
    until: options.until ?? new Date(options.nowMs + MIGRATION_DAYS * 86_400_000).toISOString().slice(0, 10),
    stage: 'guide',
  };
  const [{ fingerprint256 }] = parseCertificates(guide.certificatePem);
  const services = isHere ? takeOverActions(await guideService(guide.unit, options.env), migration.listen, fingerprint256) : [];
  const planned = await prepared(installation, { ...options, migration, takesOver: true, services }, 'take over from the guide');
  const found = [...describeGuide(guide), ...seen.map(describeClient)];
  return { ...planned, plan: { ...planned.plan, found, notes: [...planned.plan.notes, ...notesOn(migration, guide.settings.host, seen)] } };
}

function widened(standing: Migration, { from, until }: TakeOverOptions): Migration {
  const addresses = from.length === 0 ? standing.addresses : migrationAddresses([...standing.addresses, ...from], []);
  return { ...standing, addresses, until: until ?? standing.until };
}

function clusterOf({ clusters }: TakeOverOptions): string {
  const [cluster, ...others] = clusters;
  if (cluster !== undefined && others.length === 0) return parseClusterName(cluster);
  throw new Failure('USAGE', 'The events of the guide’s API servers need one name of a cluster.', { hint: 'e.g. --cluster prod-eu' });
}

function describeClient({ address, posts }: GuideClient): string {
  return `posts        from ${address}${posts === 0 ? ', connected now' : `, ${posts} of the latest`}`;
}

function notesOn(migration: Migration, host: string, seen: readonly GuideClient[]): readonly string[] {
  const unnamed = seen.filter(({ address }) => !migration.addresses.includes(address)).map(({ address }) => address);
  return [
    `until ${migration.until} these may post without a certificate, as cluster ${migration.cluster}: ${migration.addresses.join(', ')}`,
    ...(unnamed.length === 0
      ? []
      : [`these have posted, too; see that --migrate-from covers them, else they are refused: ${unnamed.join(', ')}`]),
    ...(migration.listen.address === undefined ? [`the guide’s receiver listens at ${host}; ours listens at every address`] : []),
    'rules and the shape of events stay as they are; the pack’s rules come by a second step: k8s-audit wazuh install --migrate --rules',
  ];
}
