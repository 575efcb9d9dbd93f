import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DEFAULT_EVENTS_PER_SECOND, DEFAULT_PORT } from '@k8s-audit/apiserver-config';
import { PROFILES } from '@k8s-audit/audit-policy';
import { Failure } from '@k8s-audit/failure';
import { makeFolder, readHostText, writeFileAtomically } from '@k8s-audit/host-files';
import { Option } from 'commander';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { bundleCluster, type Secrets } from '../flows/cluster/bundle-cluster.ts';
import { positiveNumber, renderedPolicy } from './cluster-connect.ts';

interface BundleFlags {
  readonly receiver: string;
  readonly certs: string;
  readonly out: string;
  readonly apiServer?: string;
  readonly tlsServerName?: string;
  readonly profile: string;
  readonly policy?: string;
  readonly kubernetesVersion?: string;
  readonly rate: string;
  readonly log?: boolean;
  readonly passphraseFile?: string;
  readonly plainSecrets?: boolean;
  readonly output: OutputFormat;
}

const HELP = `
Examples:
  k8s-audit bundle prod-eu --receiver 10.0.0.7 --certs /etc/k8s-audit/certs --out prod-eu-bundle
  k8s-audit bundle prod-eu --receiver 10.0.0.7 --certs certs --out b --passphrase-file secret.txt --log
  k8s-audit bundle minikube --receiver host.minikube.internal --certs certs --out b --plain-secrets

Without --passphrase-file a passphrase is made and printed once; it is nowhere in the bundle. README.md in it has the commands for each distribution.
Exit codes: 0 done, 1 refused or not writable, 2 wrong usage.`;

/** `k8s-audit bundle`: the folder for a node that has no k8s-audit. */
export const registerBundle: RegisterCommand = (parent, io) => {
  parent
    .command('bundle')
    .description('make the folder for nodes without this tool: policy, webhook, certificates, a patch for each distribution, README')
    .argument('<cluster>', 'the cluster, as in its client certificate')
    .requiredOption('--receiver <host[:port]>', `where the API servers dial the receiver; port ${DEFAULT_PORT} if none is given`)
    .requiredOption('--certs <folder>', 'the cluster’s client certificate: what "certs create" made, or its clusters/NAME')
    .requiredOption('--out <folder>', 'the bundle: a new or empty folder')
    .option('--api-server <name>', 'tells the API servers of one cluster apart: then the bundle is for this node only')
    .option('--tls-server-name <name>', 'the name in the receiver’s certificate, where it is not the one dialled')
    .addOption(new Option('--profile <name>', 'which audit policy').choices(PROFILES.map(({ name }) => name)).default('recommended'))
    .option('--policy <file>', 'an audit policy of your own, instead of a profile')
    .option('--kubernetes-version <version>', 'of the API server: whose rules hold for the policy')
    .option('--rate <events>', 'audit events a second of one API server, on average', String(DEFAULT_EVENTS_PER_SECOND))
    .option('--log', 'a log file on the node too (CIS 1.2.16 to 1.2.19)')
    .option('--passphrase-file <file>', 'its first line encrypts the client key')
    .option('--plain-secrets', 'do not encrypt the client key')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((cluster: string, flags: BundleFlags) => runBundle(cluster, flags, io));
};

async function runBundle(cluster: string, flags: BundleFlags, io: CommandIo): Promise<void> {
  const out = resolve(io.cwd, flags.out);
  if (existsSync(out) && readdirSync(out).length > 0)
    throw new Failure('FILE_EXISTS', `${flags.out} is there, and not empty.`, { hint: 'Choose another folder, or empty it.' });
  const secrets = await secretsOf(flags, io);
  const files = await bundleCluster(
    {
      cluster,
      ...(flags.apiServer === undefined ? {} : { apiServer: flags.apiServer }),
      receiver: flags.receiver,
      ...(flags.tlsServerName === undefined ? {} : { tlsServerName: flags.tlsServerName }),
      certificates: resolve(io.cwd, flags.certs),
      policyText: await renderedPolicy(flags, io),
      webhook: true,
      ...(flags.log ? { logPath: '/var/log/kubernetes/audit/audit.log' } : {}),
      eventsPerSecond: positiveNumber('--rate', flags.rate),
      overrides: [],
    },
    secrets,
  );
  await makeFolder(out, { mode: 0o700 });
  for (const { path, content, mode } of files) {
    await makeFolder(dirname(join(out, path)), { mode: 0o700 });
    await writeFileAtomically(join(out, path), content, { mode });
  }
  const made = secrets.kind === 'encrypted' && flags.passphraseFile === undefined ? { passphrase: secrets.passphrase } : {};
  printResult(io, flags.output, { folder: out, files: files.map(({ path }) => path), ...made }, (result) =>
    [
      ...result.files.map((path) => join(flags.out, path)),
      '',
      ...(result.passphrase === undefined
        ? []
        : [`Passphrase of the client key (shown once, tell it by another way than the bundle): ${result.passphrase}`]),
      `Next: copy ${flags.out} to the node and follow its README.md`,
    ].join('\n'),
  );
}

async function secretsOf({ plainSecrets, passphraseFile }: BundleFlags, io: CommandIo): Promise<Secrets> {
  if (plainSecrets && passphraseFile !== undefined)
    throw new Failure('USAGE', '--plain-secrets encrypts nothing, and --passphrase-file encrypts', { hint: 'give one of them' });
  if (plainSecrets) return { kind: 'plain' };
  if (passphraseFile === undefined) return { kind: 'encrypted', passphrase: randomBytes(15).toString('base64url') };
  const passphrase = (await readHostText(resolve(io.cwd, passphraseFile))).split(/\r?\n/, 1)[0] ?? '';
  if (passphrase.length < 8)
    throw new Failure('USAGE', `the first line of ${passphraseFile} is shorter than 8 characters`, {
      hint: 'a longer one, or none: then one is made',
    });
  return { kind: 'encrypted', passphrase };
}
