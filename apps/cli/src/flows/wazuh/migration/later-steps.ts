import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseCertificates } from '@k8s-audit/certs';
import { Failure } from '@k8s-audit/failure';
import { planChanges, readHostText } from '@k8s-audit/host-files';
import { inspectInstallation, PLACES, type WazuhInstallation } from '@k8s-audit/wazuh-server';
import { certificateFolder } from '../../certificate-folder.ts';
import { readUnits } from '../host-actions.ts';
import { hostPlaces } from '../host-places.ts';
import { type PlannedInstallation, prepared, refuseInterrupted } from '../install.ts';
import { standingMigration } from '../install-record.ts';
import type { InstallOptions, InstallPlan } from '../plan-install.ts';
import { type AlertForecast, forecastAlerts } from './alert-forecast.ts';
import { findGuideFlask } from './guide-flask.ts';
import { findGuideUnit } from './guide-set-up.ts';
import type { Migration } from './migration.ts';
import { restartReceiver } from './take-over.ts';

export interface PlannedRules extends PlannedInstallation {
  readonly forecast: AlertForecast;
}

/**
 * The second step of a migration: the wire event in the place of the guide's, and the pack's rules, with all that changes by it.
 *
 * @throws Failure MIGRATION_NOT_BEGUN, and what `planInstall` throws
 */
export async function preparePackRules(options: InstallOptions, home?: string): Promise<PlannedRules> {
  const { installation, migration } = await migrated(options.root, home);
  const { receiver } = certificateFolder(hostPlaces(options.root, installation.home).certificates);
  const [{ fingerprint256 }] = parseCertificates(await readHostText(receiver.certificate));
  const services = options.root === '/' ? [restartReceiver(migration.listen, fingerprint256)] : [];
  const planned = await prepared(
    installation,
    { ...options, migration: { ...migration, stage: 'pack' }, services },
    'load the pack’s rules',
  );
  const folder = join(installation.home, PLACES.rules);
  const packFiles = planned.plan.wanted
    .filter(({ path }) => dirname(path) === folder)
    .map(({ path, content = '' }) => ({ name: basename(path), text: content }));
  const forecast = await forecastAlerts(installation.home, { ...options, cluster: migration.cluster, packFiles });
  return { ...planned, forecast };
}

/**
 * The last step, on request: the guide's script, its unit, and Flask in Wazuh's Python go. All of it comes back with an uninstall.
 *
 * @throws Failure MIGRATION_NOT_BEGUN
 */
export async function prepareRemoval({ root, nowMs }: InstallOptions, home?: string): Promise<PlannedInstallation> {
  const { installation, migration } = await migrated(root, home);
  const planAgain = (): Promise<InstallPlan> => planRemoval(root, installation);
  const plan = await planAgain();
  return {
    installation,
    root,
    nowMs,
    title: 'remove the guide’s receiver',
    plan,
    files: await planChanges(plan.wanted),
    planAgain,
    probes: false,
    migration,
  };
}

async function planRemoval(root: string, { home }: WazuhInstallation): Promise<InstallPlan> {
  const unit = await findGuideUnit(root);
  const flask = await findGuideFlask(home);
  const own = unit === undefined ? [] : [unit.path, join(root, unit.script)].filter((path) => existsSync(path));
  return {
    wanted: [...own, ...(flask?.files ?? [])].map((path) => ({ path, content: undefined })),
    obsoleteFolders: flask?.folders ?? [],
    before: [],
    after: root === '/' && own.length > 0 ? [readUnits()] : [],
    ...(flask === undefined || flask.packages.length === 0 ? {} : { found: [`in Wazuh’s Python: ${flask.packages.join(', ')}`] }),
    notes: [
      ...(flask?.kept ?? []),
      'the guide’s certificates stay, and with them the key of its authority: rootCA.key signs whatever anybody asks it to',
    ],
  };
}

async function migrated(root: string, home?: string): Promise<{ readonly installation: WazuhInstallation; readonly migration: Migration }> {
  const installation = await inspectInstallation(root, home);
  const { changes } = hostPlaces(root, installation.home);
  await refuseInterrupted(changes);
  const migration = await standingMigration(changes);
  if (migration !== undefined) return { installation, migration };
  throw new Failure('MIGRATION_NOT_BEGUN', 'The guide’s receiver has not been taken over here: that is the first step.', {
    hint: 'k8s-audit wazuh install --migrate --cluster NAME --dry-run',
  });
}
