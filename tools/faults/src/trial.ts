import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuditClient, type ClientCredentials, type PostResult } from './audit-client.ts';
import { CLUSTER, type RunCertificates } from './certificates.ts';
import { eventually } from './eventually.ts';
import { Findings } from './findings.ts';
import { Load, type LoadOptions } from './load.ts';
import { Oracle } from './oracle.ts';
import { randomFrom } from './random.ts';
import { ReceiverProcess } from './receiver-process.ts';
import { Sink } from './sink.ts';

export interface TrialSettings {
  /** Of this row alone; removed by the caller. */
  readonly folder: string;
  /** The source tree, for fixtures and mutants. */
  readonly root: string;
  /** The receiver under test, as it is released. */
  readonly program: string;
  readonly certificates: RunCertificates;
  readonly isFast: boolean;
  readonly random: () => number;
  readonly onProgress: (line: string) => void;
}

/** What the receiver's log and metrics must have said of the fault. */
export interface FaultName {
  /** `event` of a log line. */
  readonly logged: string;
  /** A metric that is above zero, and texts among its labels. */
  readonly metric: readonly [name: string, ...labels: readonly string[]];
}

export interface ConcludeOptions {
  readonly named: readonly FaultName[];
  /** Of resident memory. Default 400 MiB. */
  readonly capBytes?: number;
  /** Acknowledged events that the row itself destroyed on the disk: the receiver must have reported as many as lost. */
  readonly destroyed?: readonly number[];
  /** Readers were killed: copies of an unsettled batch are no `resent` of the books, and some of both died unread. */
  readonly mayResendUnseen?: boolean;
  /** Events of others go on arriving meanwhile: books and arrivals are of slightly different moments. */
  readonly isFlowing?: boolean;
  /** How long the spool may take to run empty. */
  readonly drainMs?: number;
}

const MIB = 1 << 20;
/** A batch of the receiver (apps/receiver/src/pipeline.ts). */
const MOST_UNDER_WAY = 200;
export const DEFAULT_CAP_BYTES: number = 400 * MIB;

/** One row's ground: a folder, an oracle, a sink, a client, and the receivers that it starts. */
export class Trial {
  readonly folder: string;
  /** Rows that need a disk of their own put it elsewhere before the first start. */
  spoolFolder: string;
  readonly settings: TrialSettings;
  readonly findings: Findings = new Findings();
  readonly oracle: Oracle;
  readonly sink: Sink;
  readonly client: AuditClient;
  readonly receivers: ReceiverProcess[] = [];
  readonly random: () => number;
  readonly #closing: (() => unknown)[] = [];
  #peakRssBytes = 0;
  #forgotten = 0;

  private constructor(settings: TrialSettings) {
    this.settings = settings;
    this.folder = settings.folder;
    this.spoolFolder = join(settings.folder, 'spool');
    this.random = settings.random;
    const token = Math.floor(settings.random() * 0xffff_ffff).toString(16);
    this.oracle = new Oracle({ token, startMs: Date.now() });
    this.sink = new Sink(join(settings.folder, 'queue'), (datagram) => this.oracle.receive(datagram));
    this.client = this.newClient();
  }

  static async open(settings: TrialSettings): Promise<Trial> {
    mkdirSync(settings.folder, { recursive: true, mode: 0o700 });
    const trial = new Trial(settings);
    await trial.sink.open();
    return trial;
  }

  get logFile(): string {
    return join(this.folder, 'receiver.log');
  }

  /** A client of its own; closed with the trial. */
  newClient(
    credentials: ClientCredentials = this.settings.certificates.client,
    options: { readonly maxSockets?: number } = {},
  ): AuditClient {
    const client = new AuditClient(this.receivers.at(-1)?.url ?? 'https://127.0.0.1:1', CLUSTER, credentials, options);
    this.onClose(() => client.close());
    return client;
  }

  /** A ground of its own beside this one, for lives that can go on side by side; closed with this one. */
  async lane(name: string): Promise<Trial> {
    const lane = await Trial.open({
      ...this.settings,
      folder: join(this.folder, name),
      random: randomFrom(Math.floor(this.random() * 0x7fff_ffff)),
    });
    this.onClose(() => lane.close());
    return lane;
  }

  onClose(act: () => unknown): void {
    this.#closing.unshift(act);
  }

  /** Writes the configuration: small files, a free port, the sink's socket; parts of `changes` go over it. */
  configure(changes: Readonly<Record<string, object>> = {}): string {
    const { folder } = this.settings.certificates;
    const parts: Record<string, object> = {
      listen: { address: '127.0.0.1', port: 0 },
      tls: { certificate: join(folder, 'server.crt'), key: join(folder, 'server.key'), clientAuthority: join(folder, 'ca.crt') },
      spool: { folder: this.spoolFolder, segmentBytes: '64 KiB', maxBytes: '64 MiB' },
      // The sink tells nothing of its queues; a ceiling would hold the deliveries back.
      wazuh: { socket: this.sink.socketPath, pacing: { ceilingPerSecond: 1_000_000 } },
      admin: { address: '127.0.0.1', port: 0 },
      log: { format: 'json' },
    };
    for (const [part, change] of Object.entries(changes)) parts[part] = { ...parts[part], ...change };
    const file = join(this.folder, 'receiver.json');
    writeFileSync(file, JSON.stringify(parts));
    return file;
  }

  /** Starts a receiver and turns the client to it. */
  async start(
    changes: Readonly<Record<string, object>> = {},
    options: { readonly env?: NodeJS.ProcessEnv; readonly wrapper?: readonly string[] } = {},
  ): Promise<ReceiverProcess> {
    const receiver = await ReceiverProcess.start({
      program: this.settings.program,
      configurationFile: this.configure(changes),
      logFile: this.logFile,
      ...options,
    });
    this.receivers.push(receiver);
    receiver.ended.then(() => {
      this.#peakRssBytes = Math.max(this.#peakRssBytes, receiver.peakRssBytes);
    });
    this.client.url = receiver.url;
    return receiver;
  }

  /** Drops a receiver that has ended; what it needed of memory stays noted. */
  forget(receiver: ReceiverProcess | undefined): void {
    if (receiver === undefined) return;
    this.#peakRssBytes = Math.max(this.#peakRssBytes, receiver.peakRssBytes);
    this.#forgotten++;
    this.receivers.splice(this.receivers.indexOf(receiver), 1);
  }

  load(options: Omit<LoadOptions, 'random'>): Load {
    return new Load(this.oracle, this.client, { ...options, random: this.random });
  }

  /** Posts one list; a 2xx is noted. */
  async post(ids: readonly number[], client: AuditClient = this.client): Promise<PostResult> {
    const result = await client.post(this.oracle.listOf(ids));
    if (result.kind === 'answer' && result.status >= 200 && result.status < 300) this.oracle.acknowledge(ids);
    return result;
  }

  async postNew(count: number, client: AuditClient = this.client): Promise<PostResult> {
    return this.post(this.oracle.issue(count), client);
  }

  /** Waits until everything acknowledged has arrived and the spool is empty. */
  async drained(receiver: ReceiverProcess, withinMs: number): Promise<number | undefined> {
    return eventually(async () => (await receiver.books()).total.spooled === 0, withinMs, 50);
  }

  /** Asserts I1 to I6 against this receiver, which must be running. */
  async conclude(
    receiver: ReceiverProcess,
    { named, capBytes = DEFAULT_CAP_BYTES, destroyed = [], mayResendUnseen = false, isFlowing = false, drainMs = 60_000 }: ConcludeOptions,
  ): Promise<void> {
    const { findings, oracle } = this;
    const [fresh] = oracle.issue(1) as [number];
    const freshFrom = performance.now();
    // A client's idle connection may have died with the fault: once more, as an API server would.
    const answer = await this.post([fresh]);
    if (answer.kind === 'none') await this.post([fresh]);
    const passedMs = await eventually(() => oracle.hasArrived(fresh), 5_000 - (performance.now() - freshFrom));
    await this.drained(receiver, drainMs);
    if (passedMs === undefined) await eventually(() => oracle.hasArrived(fresh), 1_000);

    const found = oracle.findings();
    const lost = found.lost.filter((id) => !destroyed.includes(id));
    findings.check('I1', 'no acknowledged event is lost', lost.length === 0, `${found.acknowledged} acknowledged, ${lost.length} lost`);
    await this.#checkBooks(receiver, destroyed, mayResendUnseen, isFlowing);
    findings.check(
      'I3',
      'every event arrives as it was issued, and no other',
      found.altered.length === 0 && found.spurious === 0,
      `${found.datagrams} datagrams, ${found.altered.length} altered, ${found.spurious} not issued`,
    );
    findings.check(
      'I4',
      'a fresh event arrives within 5 s',
      passedMs !== undefined,
      passedMs === undefined ? 'not within 5 s' : `${Math.round(performance.now() - freshFrom > 0 ? passedMs : 0)} ms after its answer`,
    );
    this.#peakRssBytes = Math.max(this.#peakRssBytes, ...this.receivers.map((each) => each.peakRssBytes));
    findings.check(
      'I5',
      `resident memory stays below ${Math.round(capBytes / MIB)} MiB`,
      this.#peakRssBytes <= capBytes,
      `${Math.round(this.#peakRssBytes / MIB)} MiB`,
    );
    for (const { logged, metric } of named) {
      const [name, ...labels] = metric;
      const lines = this.receivers.reduce((sum, each) => sum + each.logged(logged).length, 0);
      const value = await receiver.metric(name, ...labels);
      const shown = labels.length === 0 ? name : `${name}{${labels.join(',')}}`;
      findings.check('I6', `log line ${logged} and ${shown} name it`, lines > 0 && value > 0, `${lines} lines, ${value}`);
    }
  }

  async #checkBooks(receiver: ReceiverProcess, destroyed: readonly number[], mayResendUnseen: boolean, isFlowing: boolean): Promise<void> {
    const { total, spool } = await receiver.books();
    const parts = total.delivered + total.duplicate + total.filtered + total.quarantined + total.spooled;
    const isLossTold = spool.lostRecords >= destroyed.length;
    const { arrived, copies, foreign } = this.oracle.findings();
    // Books begin with the process: only those of the first one can be held against all that arrived.
    const isOnly = this.receivers.length + this.#forgotten === 1;
    const apart = Math.abs(total.delivered - arrived - foreign);
    const doArrivalsAgree = !isOnly || (apart <= (isFlowing ? MOST_UNDER_WAY : 0) && (mayResendUnseen || total.resent === copies));
    const isBalanced = isFlowing
      ? Math.max(total.spooled, spool.undeliveredRecords) <= MOST_UNDER_WAY
      : total.spooled === 0 && spool.undeliveredRecords === 0;
    this.findings.check(
      'I2',
      'the books balance, the spool counts the same, and so does the sink',
      total.received === parts && isBalanced && isLossTold && doArrivalsAgree,
      `received ${total.received} = ${total.delivered} delivered + ${total.duplicate} duplicate + ${total.filtered} filtered + ${total.quarantined} quarantined + ${total.spooled} spooled; ${spool.undeliveredRecords} in the spool, ${spool.lostRecords} reported lost${isOnly ? `; ${arrived + foreign} arrived, ${copies} copies` : ''}`,
    );
  }

  async close(): Promise<void> {
    for (const act of this.#closing) await act();
    for (const receiver of this.receivers) if (!receiver.hasEnded) await receiver.kill();
    await this.sink.close();
  }
}
