import { hostname, networkInterfaces } from 'node:os';
import { relative, resolve } from 'node:path';
import { parseHostName } from '@k8s-audit/certs';
import { Failure } from '@k8s-audit/failure';
import { resolveOwner } from '@k8s-audit/host-files';
import { Option } from 'commander';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { type CreatedCertificates, createCertificates } from '../flows/create-certificates.ts';
import { wholeDays } from '../whole-days.ts';

interface CreateFlags {
  readonly dir: string;
  readonly cluster?: readonly string[];
  readonly san?: readonly string[];
  readonly algorithm: 'ecdsa' | 'rsa';
  readonly guideCompatible?: boolean;
  readonly days?: string;
  readonly receiverOwner?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly output: OutputFormat;
}

const HELP = `
Examples:
  k8s-audit certs create --dir /etc/k8s-audit --san 10.0.0.7 --san audit.example.com --cluster prod-eu --receiver-owner wazuh
  k8s-audit certs create --dir /etc/k8s-audit --cluster prod-us      one more cluster, same authority
  k8s-audit certs create --dir /etc/k8s-audit --force                renew the receiver's certificate, same names
  k8s-audit certs create --dir certs --guide-compatible --san 192.168.1.5 --cluster minikube

What goes where:
  DIR/ca/             the authority and its key: keep it here, readable by its owner only
  DIR/receiver/       what the receiver's configuration names under tls
  DIR/clusters/NAME/  goes to the control-plane nodes of that cluster

Without --san the certificate holds this machine's names and addresses.
Exit codes: 0 done, 1 a file is in the way or cannot be written, 2 wrong usage.`;

/** `k8s-audit certs create`: the authority once, the receiver's certificate, one client certificate a cluster. */
export const registerCertsCreate: RegisterCommand = (parent, io) => {
  const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  parent
    .command('create')
    .description('make the authority, the receiver’s certificate and the clusters’ client certificates')
    .requiredOption('--dir <folder>', 'where they are kept; an authority that is there signs again')
    .option('--cluster <name>', 'a client certificate for this cluster; may be repeated', collect)
    .option('--san <host>', 'a name or address that API servers dial, IPv6 too; may be repeated', collect)
    .addOption(new Option('--algorithm <kind>', 'of the keys').choices(['ecdsa', 'rsa']).default('ecdsa'))
    .option('--guide-compatible', 'RSA 2048 with the subject and key usage of the guide’s csr.conf')
    .option('--days <days>', 'how long the receiver’s and clusters’ certificates are valid (default: 365)')
    .option('--receiver-owner <user[:group]>', 'who the receiver’s files belong to')
    .option('--force', 'replace certificates that are there; the authority stays')
    .option('--dry-run', 'say what would be written, and write nothing')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((flags: CreateFlags) => runCreate(flags, io));
};

async function runCreate(flags: CreateFlags, io: CommandIo): Promise<void> {
  const days = flags.days === undefined ? {} : { days: wholeDays('--days', flags.days) };
  const owner = flags.receiverOwner === undefined ? {} : { receiverOwner: await resolveOwner(flags.receiverOwner) };
  const created = await createCertificates({
    folder: resolve(io.cwd, flags.dir),
    issue: {
      nowMs: io.now(),
      algorithm: flags.algorithm === 'rsa' ? 'rsa-2048' : 'ecdsa-p256',
      guideCompatible: flags.guideCompatible ?? false,
      ...days,
    },
    hosts: flags.san ?? [],
    defaultHosts: ownHosts(),
    clusters: flags.cluster ?? [],
    ...owner,
    replace: flags.force ?? false,
    dryRun: flags.dryRun ?? false,
  });
  printResult(io, flags.output, created, (result) => renderCreated(result, io.cwd));
}

function renderCreated({ folder, authority, hosts, files, written }: CreatedCertificates, cwd: string): string {
  const near = (path: string): string => relative(cwd, path) || '.';
  return [
    `${written ? 'Certificates' : 'Dry run, nothing is written: certificates'} in ${near(folder)} (authority ${authority}):`,
    ...files.map(({ path, mode, action }) => `  ${action.padEnd(7)}  ${mode}  ${near(path)}`),
    ...(hosts === undefined ? [] : [`The receiver can be dialled as: ${hosts.join(', ')}`]),
    ...(written ? [`Check them with: k8s-audit certs show ${near(folder)}`] : []),
  ].join('\n');
}

/** What this machine is reached by, as far as it knows itself; a NAT or a load balancer needs --san. */
function ownHosts(): readonly string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    // Link-local IPv6 needs a zone, which a certificate cannot hold.
    .filter(({ address, internal }) => !internal && !address.toLowerCase().startsWith('fe80:'))
    .map(({ address }) => address);
  return ['localhost', '127.0.0.1', '::1', hostname(), ...addresses].filter(isHostName);
}

/** A machine may have a name that nobody can dial. */
function isHostName(text: string): boolean {
  try {
    return parseHostName(text).value !== '';
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}
