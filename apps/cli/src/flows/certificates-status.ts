import type { NetworkInterfaceInfo } from 'node:os';
import {
  type AuthorityPhase,
  type CertificateReport,
  type CertificateSet,
  certificateOf,
  type DialledHost,
  dialledHosts,
  inspectCertificate,
  isHostCovered,
  type KeyAndCertificate,
  parseCertificates,
  phaseOf,
} from '@k8s-audit/certs';
import { certificateFolder } from './certificate-folder.ts';
import { readCertificateSet } from './certificate-set-files.ts';
import { addressTowards, dialReceiver, type Served } from './dialled-address.ts';

export interface StatusOptions {
  readonly folder: string;
  readonly nowMs: number;
  readonly warnDays: number;
  readonly interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>;
  /** What API servers dial, by who knows it: each is dialled, and held against the certificate. */
  readonly dial: readonly { readonly host: string; readonly port: number }[];
  /** API servers; the way to each tells which address of this machine they see. */
  readonly apiServers: readonly string[];
}

export interface StatusFinding {
  /** `error`: API servers are refused, or will be at their next connection; `warning`: soon. */
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** The command that mends it. */
  readonly hint: string;
}

export interface CertificatesStatus {
  readonly folder: string;
  readonly authority: AuthorityPhase;
  readonly certificates: readonly ({ readonly what: string; readonly file: string } & CertificateReport)[];
  readonly addresses: readonly DialledHost[];
  readonly dialled: readonly ({ readonly host: string; readonly port: number; readonly isCovered: boolean } & Served)[];
  /** Empty: nothing has to be done. */
  readonly findings: readonly StatusFinding[];
}

/** Files -> what each says -> addresses of this machine and those given, against the certificate -> what has to be done. */
export async function certificatesStatus(options: StatusOptions): Promise<CertificatesStatus> {
  const { folder, interfaces, dial, apiServers, nowMs } = options;
  const set = await readCertificateSet(folder);
  const certificates = inspectSet(folder, set, nowMs);
  const receiver = set.receiver === undefined ? undefined : certificateOf(set.receiver);
  const addresses = receiver === undefined ? [] : dialledHosts(receiver, addressesOf(interfaces));
  const [client] = set.clusters.values();
  const dialled = await Promise.all(
    dial.map(async ({ host, port }) => ({
      host,
      port,
      isCovered: receiver !== undefined && isHostCovered(receiver, host),
      ...(await dialReceiver(host, port, client, set.receiver?.trustPem ?? set.authority.certificatePem)),
    })),
  );
  const seen = await Promise.all(apiServers.map(async (host) => ({ apiServer: host, address: await addressTowards(host) })));
  return {
    folder,
    authority: phaseOf(set),
    certificates,
    addresses,
    dialled,
    findings: [
      ...certificates.flatMap((each) => certificateFindings(folder, each, options.warnDays)),
      ...seen.flatMap(({ apiServer, address }) => routeFindings(folder, apiServer, address, addresses)),
      ...dialled.flatMap((each) => dialFindings(folder, each, receiver?.fingerprint256)),
    ],
  };
}

function inspectSet(folder: string, set: CertificateSet, nowMs: number): CertificatesStatus['certificates'] {
  const at = certificateFolder(folder);
  const authorities = [set.authority, ...(set.next === undefined ? [] : [set.next])].map(certificateOf);
  const report = (what: string, file: string, pair: KeyAndCertificate): CertificatesStatus['certificates'][number] => ({
    what,
    file,
    ...inspectCertificate(parseCertificates(pair.certificatePem)[0], { nowMs, authorities, privateKeyPem: pair.privateKeyPem }),
  });
  return [
    report('authority', at.authority.certificate, set.authority),
    ...(set.next === undefined ? [] : [report('next authority', at.next.certificate, set.next)]),
    ...(set.receiver === undefined ? [] : [report('receiver', at.receiver.certificate, set.receiver)]),
    ...[...set.clusters].map(([name, leaf]) => report(`cluster ${name}`, at.cluster(name).certificate, leaf)),
  ];
}

function certificateFindings(
  folder: string,
  { what, problems, daysLeft, role }: CertificatesStatus['certificates'][number],
  warnDays: number,
): readonly StatusFinding[] {
  const hint =
    role === 'authority'
      ? `k8s-audit certs rotate --dir ${folder} --authority begin`
      : `k8s-audit certs rotate --dir ${folder} --due ${Math.max(warnDays, 1)}`;
  const others = problems.filter(({ code }) => code !== 'expires-soon');
  const soon =
    daysLeft >= 0 && daysLeft < warnDays ? [{ severity: 'warning' as const, message: `${what}: ends in ${daysLeft} days`, hint }] : [];
  return [...others.map(({ severity, message }) => ({ severity, message: `${what}: ${message}`, hint })), ...soon];
}

function routeFindings(
  folder: string,
  apiServer: string,
  address: string | undefined,
  addresses: readonly DialledHost[],
): readonly StatusFinding[] {
  if (address === undefined)
    return [{ severity: 'error', message: `there is no way from here to ${apiServer}`, hint: `ip route get ${apiServer}` }];
  if (addresses.some(({ host, isCovered }) => host === address && isCovered)) return [];
  const message = `towards ${apiServer} this machine is ${address}, which the receiver’s certificate does not hold`;
  return [
    {
      severity: 'warning',
      message,
      hint: `k8s-audit certs rotate --dir ${folder} --san ${address} (or have them dial another of its names)`,
    },
  ];
}

function dialFindings(
  folder: string,
  dialled: CertificatesStatus['dialled'][number],
  expected: string | undefined,
): readonly StatusFinding[] {
  const { host, port, isCovered } = dialled;
  const finding = (message: string, hint: string): StatusFinding => ({ severity: 'error', message: `${host}:${port} ${message}`, hint });
  const name = isCovered
    ? []
    : [finding('is not in the receiver’s certificate: API servers refuse it', `k8s-audit certs rotate --dir ${folder} --san ${host}`)];
  if (dialled.kind === 'unreachable')
    return [...name, finding(`cannot be reached: ${dialled.reason}`, 'is the receiver running, and the way open?')];
  if (dialled.fingerprint !== expected)
    return [
      ...name,
      finding(
        'shows another certificate than the one on disk',
        'the receiver takes new files within seconds, or its log says why not; else something on the way ends TLS',
      ),
    ];
  if (dialled.chainProblem !== undefined)
    return [...name, finding(`is not trusted: ${dialled.chainProblem}`, `k8s-audit certs show ${folder}`)];
  return name;
}

function addressesOf(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): Parameters<typeof dialledHosts>[1] {
  return Object.entries(interfaces).flatMap(([name, addresses]) =>
    (addresses ?? []).map(({ address, internal }) => ({ interface: name, address, internal })),
  );
}
