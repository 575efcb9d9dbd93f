import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { parseHostName } from '@k8s-audit/certs';
import { Failure } from '@k8s-audit/failure';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { type CertificatesStatus, certificatesStatus } from '../flows/certificates-status.ts';
import { renderTable } from '../text-table.ts';
import { wholeDays } from '../whole-days.ts';

interface StatusFlags {
  readonly dir: string;
  readonly warnDays: string;
  readonly dial?: readonly string[];
  readonly apiServer?: readonly string[];
  readonly output: OutputFormat;
}

const HELP = `
Examples:
  k8s-audit certs status --dir /etc/k8s-audit/certs
  k8s-audit certs status --dir /etc/k8s-audit/certs --dial 203.0.113.9:8080 --dial audit.example.com
  k8s-audit certs status --dir /etc/k8s-audit/certs --api-server 10.0.0.20
  k8s-audit certs status --dir /etc/k8s-audit/certs -o json | jq -r '.findings[].message'

--dial tries an address as an API server would: through NAT, a virtual address or a load balancer, IPv6 in brackets ([fd00::7]:8080).
It also tells whether the running receiver has taken the certificate that is on disk.
--api-server asks the routing table which address of this machine an API server sees, where it has several.
Exit codes: 0 nothing has to be done, 1 something has (a certificate ends within --warn-days, an address is not covered), 2 wrong usage.`;

/** `k8s-audit certs status`: what ends when, where a change of the authority stands, and whether API servers can dial the receiver. */
export const registerCertsStatus: RegisterCommand = (parent, io) => {
  const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  parent
    .command('status')
    .description('show what ends when, and whether the certificate holds what API servers dial')
    .requiredOption('--dir <folder>', 'the folder that certs create was given')
    .option('--warn-days <days>', 'a certificate that ends within so many days has to be renewed', '30')
    .option('--dial <host[:port]>', 'an address that API servers dial (port: 8080); may be repeated', collect)
    .option('--api-server <host>', 'an API server: which address of this machine does it see? may be repeated', collect)
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((flags: StatusFlags) => runStatus(flags, io));
};

async function runStatus(flags: StatusFlags, io: CommandIo): Promise<void> {
  const apiServers = flags.apiServer ?? [];
  for (const host of apiServers) parseHostName(host);
  const status = await certificatesStatus({
    folder: resolve(io.cwd, flags.dir),
    nowMs: io.now(),
    warnDays: wholeDays('--warn-days', flags.warnDays),
    interfaces: networkInterfaces(),
    dial: (flags.dial ?? []).map(parseDial),
    apiServers,
  });
  printResult(io, flags.output, status, renderStatus);
  io.setExitCode(status.findings.length === 0 ? 0 : 1);
}

/** The receiver's own default (docs/reference/receiver-configuration.md, listen.port). */
const DEFAULT_PORT = 8080;

/** `host`, `host:port`, `[v6]:port`, or a bare IPv6 address. */
function parseDial(text: string): { readonly host: string; readonly port: number } {
  const [, host = text, port] = /^(\[.+\]|[^:]+):(\d{1,5})$/.exec(text) ?? [];
  const number = port === undefined ? DEFAULT_PORT : Number(port);
  if (number < 1 || number > 65_535)
    throw new Failure('USAGE', `${text} has no port from 1 to 65535.`, { hint: '--dial 203.0.113.9:8080' });
  return { host: parseHostName(host).value, port: number };
}

function renderStatus({ certificates, authority, addresses, dialled, findings }: CertificatesStatus): string {
  const rows = certificates.map(({ what, notAfter, daysLeft, key, names }) => [
    what,
    `${notAfter.slice(0, 10)} (${daysLeft < 0 ? `${-daysLeft} days ago` : `in ${daysLeft} days`})`,
    key,
    names.map(({ value }) => value).join(' ') || '-',
  ]);
  const covered = (is: boolean): string => (is ? 'in the certificate' : 'not in the certificate');
  return [
    renderTable(['CERTIFICATE', 'ENDS', 'KEY', 'NAMES'], rows),
    `Authority: ${authority}`,
    ...addresses
      .filter(({ reach }) => reach === 'network' || reach === 'bridge')
      .map(
        ({ host, interface: name, reach, isCovered }) =>
          `This machine: ${host} (${name}${reach === 'bridge' ? ', containers only' : ''}): ${covered(isCovered)}`,
      ),
    ...dialled.map(
      ({ host, port, isCovered, kind }) =>
        `Dialled: ${host} port ${port}: ${kind === 'certificate' ? 'answers' : 'no answer'}, ${covered(isCovered)}`,
    ),
    ...findings.flatMap(({ severity, message, hint }) => [`${severity}: ${message}`, `  try: ${hint}`]),
    ...(findings.length === 0 ? ['Nothing has to be done.'] : []),
  ].join('\n');
}
