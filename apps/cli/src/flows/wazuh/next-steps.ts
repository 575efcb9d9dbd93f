import { isIssuedBy, parseCertificates } from '@k8s-audit/certs';
import { readHostText } from '@k8s-audit/host-files';
import { certificateFolder } from '../certificate-folder.ts';
import { hostsOf } from '../plan-certificates.ts';
import { hostPlaces, RECEIVER_PORT } from './host-places.ts';
import type { PlannedInstallation } from './install.ts';

export interface TakenStep {
  /** Of a migration from the guide; `none`: there is none, or it is an installation beside it. */
  readonly migration: 'none' | 'take-over' | 'rules' | 'remove-guide';
  readonly hosts: readonly string[];
  readonly clusters: readonly string[];
  /** As Wazuh's folder was given; '/var/ossec' need not be said. */
  readonly home: string;
}

/** What to run behind an installation: whole lines, each with what it is for. */
export async function nextSteps(planned: PlannedInstallation, taken: TakenStep): Promise<readonly string[]> {
  const { root } = planned;
  const where = `${root === '/' ? '' : ` --root ${root}`}${taken.home === '/var/ossec' ? '' : ` --home ${taken.home}`}`;
  return [
    ...(root === '/' ? ['k8s-audit doctor   # is everything well?'] : []),
    ...(await onward(planned, taken, where)),
    `k8s-audit wazuh status${where}   # what is installed, and whether it still is`,
  ];
}

async function onward(planned: PlannedInstallation, { migration, hosts, clusters }: TakenStep, where: string): Promise<readonly string[]> {
  if (migration === 'take-over')
    return [`k8s-audit wazuh install --migrate --rules --dry-run${where}   # which alerts would carry another rule with the pack’s rules`];
  if (migration === 'rules') return [`k8s-audit wazuh install --migrate --remove-guide${where}   # takes out what is left of the guide`];
  const cluster = migration === 'remove-guide' ? planned.migration?.cluster : clusters[0];
  if (cluster === undefined) return [`k8s-audit wazuh install --cluster NAME${where}   # a certificate for each cluster`];
  return await bundleSteps(planned, cluster, hosts);
}

/** Nodes get our authority: a receiver that shows the guide's certificate gets one of ours before. */
async function bundleSteps(
  { root, installation, migration }: PlannedInstallation,
  cluster: string,
  hosts: readonly string[],
): Promise<readonly string[]> {
  const folder = hostPlaces(root, installation.home).certificates;
  const places = certificateFolder(folder);
  const pem = await readHostText(places.receiver.certificate);
  const [authority] = parseCertificates(await readHostText(places.receiver.authority));
  const isOurs = isIssuedBy(parseCertificates(pem)[0], authority);
  const host = hosts[0] ?? hostsOf(pem)[0] ?? 'ADDRESS';
  const port = migration?.listen.port ?? RECEIVER_PORT;
  const receiver = port === RECEIVER_PORT ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return [
    ...(isOurs
      ? []
      : [`k8s-audit certs rotate --dir ${folder} --receiver   # the receiver’s certificate from the authority that nodes will know`]),
    `k8s-audit bundle ${cluster} --receiver ${receiver} --certs ${folder} --out ${cluster}-bundle   # what the control-plane nodes of that cluster need`,
  ];
}
