import { join } from 'node:path';

/**
 * The product as its users meet it: command lines, files and answers. This is the only place of the runner that knows them; apps never import apps.
 */
export type CommandLine = readonly string[];

/** Writes the authority, the receiver's certificate for `hosts`, and a client certificate for each cluster. */
export function certsCreate(folder: string, hosts: readonly string[], clusters: readonly string[]): CommandLine {
  return [
    'certs',
    'create',
    '--dir',
    folder,
    ...hosts.flatMap((host) => ['--san', host]),
    ...clusters.flatMap((each) => ['--cluster', each]),
  ];
}

export interface CertificateFiles {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** Where `certs create` puts what belongs to the receiver, and to each cluster. */
export function receiverCertificate(folder: string): CertificateFiles {
  const at = (name: string): string => join(folder, 'receiver', name);
  return { authority: at('ca.crt'), certificate: at('server.crt'), key: at('server.key') };
}

export function clusterCertificate(folder: string, cluster: string): CertificateFiles {
  const at = (name: string): string => join(folder, 'clusters', cluster, name);
  return { authority: at('audit-ca.cert'), certificate: at('audit-client.cert'), key: at('audit-client.key') };
}

/** Prints the policy. */
export function policyRender(
  profile: 'minimal' | 'guide' | 'recommended' | 'cis' | 'everything',
  options: readonly string[] = [],
): CommandLine {
  return ['policy', 'render', '--profile', profile, ...options];
}

export interface WebhookOptions {
  /** `127.0.0.1:8080` */
  readonly receiver: string;
  readonly cluster: string;
  readonly apiServer: string;
  readonly files: CertificateFiles;
}

/** Prints the kubeconfig that `--audit-webhook-config-file` names. */
export function webhookRender({ receiver, cluster, apiServer, files }: WebhookOptions): CommandLine {
  const paths = ['--ca', files.authority, '--cert', files.certificate, '--key', files.key];
  return ['webhook', 'render', '--server', receiver, '--cluster', cluster, '--api-server', apiServer, ...paths];
}

/** Prints the API server's recommended audit flags, one a line. */
export function webhookFlags(receiver: string, cluster: string, policyFile: string, webhookFile: string): CommandLine {
  const paths = ['--policy-path', policyFile, '--webhook-path', webhookFile];
  return ['webhook', 'render', '--server', receiver, '--cluster', cluster, '--flags', 'list', ...paths];
}

export interface NodeCommand {
  /** Stands for the node's `/`. */
  readonly root: string;
  /** How long the API server, and then its events, may take. */
  readonly waitSeconds: number;
}

/** Edits the API server's manifest on a node, waits for it and for its events, or puts everything back. */
export function clusterConnect(
  options: NodeCommand & {
    readonly cluster: string;
    readonly apiServer: string;
    /** `127.0.0.1:8080` */
    readonly receiver: string;
    readonly certificates: string;
    readonly extra: readonly string[];
  },
): CommandLine {
  const { cluster, apiServer, receiver, certificates, extra } = options;
  const where = ['--receiver', receiver, '--certs', certificates, '--api-server', apiServer];
  return ['cluster', 'connect', cluster, ...where, ...nodeArguments(options), '--yes', ...extra];
}

export function clusterDisconnect(options: NodeCommand & { readonly cluster: string }): CommandLine {
  return ['cluster', 'disconnect', options.cluster, ...nodeArguments(options), '--yes'];
}

/** After an interruption: goes on, or goes back. */
export function clusterSettle(options: NodeCommand & { readonly how: 'resume' | 'rollback' }): CommandLine {
  return ['cluster', 'connect', `--${options.how}`, ...nodeArguments(options)];
}

function nodeArguments({ root, waitSeconds }: NodeCommand): readonly string[] {
  return ['--root', root, '--wait', String(waitSeconds)];
}

/** Takes the guide's receiver over on its Wazuh server; `--rules` and `--remove-guide` are the later steps. */
export function wazuhMigrate(extra: readonly string[]): CommandLine {
  return ['wazuh', 'install', '--migrate', ...extra];
}

/** After an interruption: goes on, or goes back. */
export function wazuhSettle(how: 'resume' | 'rollback'): CommandLine {
  return ['wazuh', 'install', `--${how}`];
}

export function wazuhUninstall(): CommandLine {
  return ['wazuh', 'uninstall', '--yes'];
}

/** Writes the rule files of a pack into a folder. */
export function rulesRender(pack: 'guide' | 'core', folder: string): CommandLine {
  return ['rules', 'render', '--pack', pack, '--out', folder];
}

/** Runs until it is stopped; prints a line `{"event":"ready", …}`. `home` is laid out as /var/ossec. */
export function embeddedRun(home: string): CommandLine {
  return ['embedded', 'run', '--home', home];
}

/** Where a command that follows events looks. */
export interface Witnesses {
  readonly kubeconfigFile: string;
  /** `http://127.0.0.1:PORT` */
  readonly admin: string;
  readonly wazuhHome: string;
  readonly timeoutSeconds: number;
}

/** Sends a canary to these API servers and prints what became of it, as JSON. */
export function canary(witnesses: Witnesses, apiServers: readonly string[]): CommandLine {
  return ['canary', ...witnessArguments(witnesses), '--api-server', ...apiServers];
}

/** Does drills and prints their alerts, as JSON. @param names absent: all */
export function drill(witnesses: Witnesses, names?: readonly string[]): CommandLine {
  return ['drill', ...(names === undefined ? ['all'] : ['run', ...names]), ...witnessArguments(witnesses)];
}

function witnessArguments({ kubeconfigFile, admin, wazuhHome, timeoutSeconds }: Witnesses): CommandLine {
  const where = ['--kubeconfig', kubeconfigFile, '--admin', admin, '--root', '/', '--home', wazuhHome];
  return [...where, '--timeout', String(timeoutSeconds), '-o', 'json'];
}

export interface HopsOf {
  readonly hops: readonly { readonly hop: string; readonly state: string; readonly seen: string; readonly latencyMs?: number }[];
}

export interface CanaryReport {
  readonly results: readonly (HopsOf & { readonly apiServer: string; readonly outcome: string })[];
}

export interface DrillReport {
  readonly results: readonly (HopsOf & {
    readonly drill: string;
    readonly outcome: string;
    readonly reason?: string;
    readonly status?: number;
    readonly alert?: { readonly id: string };
    readonly latencyMs?: number;
  })[];
}

/** Asks a node about its API server, by its manifest and by the counters that the kubeconfig lets it read; prints JSON. */
export function doctorOfNode(root: string, manifest: string, kubeconfig: string): CommandLine {
  return ['doctor', '--root', root, '--manifest', manifest, '--kubeconfig', kubeconfig, '--output', 'json'];
}

/** Runs until it is stopped; prints a line `{"event":"ready","url":…,"admin":…}`. */
export function receiverRun(configurationFile: string): CommandLine {
  return ['receiver', 'run', '--config', configurationFile];
}

/** The receiver's configuration file; a port of 0 is chosen by the system and told in the ready line. */
export function receiverConfiguration(options: {
  readonly certificate: CertificateFiles;
  readonly listenAddress: string;
  readonly port: number;
  readonly spoolFolder: string;
  readonly socketPath: string;
  /** Log files to follow, beside the webhook. */
  readonly logs: readonly { readonly path: string; readonly cluster: string; readonly apiServer: string }[];
}): string {
  return JSON.stringify({
    sources: { logs: options.logs },
    listen: { address: options.listenAddress, port: options.port },
    tls: { certificate: options.certificate.certificate, key: options.certificate.key, clientAuthority: options.certificate.authority },
    spool: { folder: options.spoolFolder },
    wazuh: { socket: options.socketPath },
    admin: { address: '127.0.0.1', port: 0 },
    log: { format: 'json' },
  });
}

/** What the receiver prints when it has stopped, from all that it has printed. */
export function parseLastBooks(log: string): ReceiverBooks {
  const line = log.split('\n').findLast((each) => each.includes('"event":"stopped"'));
  if (line === undefined) throw new Error('the receiver printed no books at its end');
  return (JSON.parse(line) as { readonly books: ReceiverBooks }).books;
}

/** What the receiver's admin listener answers at `/books`, and what it prints at its end. */
export interface ReceiverBooks {
  readonly origins: readonly OriginBooks[];
  readonly total: Omit<OriginBooks, 'cluster' | 'apiServer'> & { readonly spooled: number };
  /** At the admin listener: requests and handshakes that were turned away, by HTTP status (0: before HTTP) and code. */
  readonly refusals?: readonly { readonly status: number; readonly code: string; readonly count: number }[];
}

export interface OriginBooks {
  readonly cluster: string;
  readonly apiServer: string;
  readonly received: number;
  readonly delivered: number;
  readonly duplicate: number;
  readonly filtered: number;
  readonly quarantined: number;
  readonly resent: number;
}
