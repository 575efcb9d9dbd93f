/**
 * A stand-in for wazuh-analysisd: messages in, alerts.json and archives.json out, by the same rules.
 *
 *   messages -> rule engine -> alerts.json, archives.json -> onAlert
 *
 * Different from the real one on purpose: it holds nothing in memory that it has not written when `process` resolves, and it
 * makes its senders wait instead of dropping.
 */
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { createEngine, type DecidedVerdict, type Engine, type UndecidedVerdict } from '@k8s-audit/rule-engine';
import type { ControlServer } from './control-server.ts';
import { openControlSockets } from './control-sockets.ts';
import { homeAt, type WazuhHome } from './home.ts';
import { LineFile } from './line-file.ts';
import { Lines } from './lines.ts';
import type { EmbeddedEvent, EmbeddedWazuhOptions } from './options.ts';
import { explainRefusal, type RulesetOnDisk, readRuleset } from './read-ruleset.ts';
import type { EmbeddedStatistics } from './statistics.ts';

export interface EmbeddedWazuh {
  readonly home: WazuhHome;
  readonly rules: number;
  /** Takes messages as they come from the queue; resolves when all they led to is written. One call after another. */
  process(messages: readonly Uint8Array[]): Promise<void>;
  /** Reads the rules anew. Rules that Wazuh would refuse are not taken: the old ones stay. */
  reloadRules(): Promise<{ readonly kind: 'reloaded' | 'refused'; readonly messages: readonly string[] }>;
  statistics(): EmbeddedStatistics;
  /** What waits for room on a full disk is given up and counted. */
  close(): Promise<void>;
}

const DEFAULT_ALERT_LEVEL = 3;
/** As the packages install them: user and group of Wazuh. */
const FOLDER_MODE = 0o770;

/**
 * @throws {Failure} RULES_UNREADABLE; RULES_REFUSED, where wazuh-analysisd would not start either; CONTROL_SOCKET_FAILED; LOG_FILE_UNUSABLE
 */
export async function openEmbeddedWazuh(options: EmbeddedWazuhOptions): Promise<EmbeddedWazuh> {
  const home = homeAt(options.homeFolder);
  for (const path of [home.queueSocket, home.alertsFile, home.archivesFile])
    await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
  const embedded = new Embedded(home, options);
  await embedded.open();
  return embedded;
}

class Embedded implements EmbeddedWazuh {
  readonly home: WazuhHome;
  private readonly options: EmbeddedWazuhOptions;
  private readonly alertLevel: number;
  private readonly alerts: LineFile;
  private readonly archives: LineFile | undefined;
  private readonly closing = new AbortController();
  private readonly startedAtMs: number;
  private readonly counts = {
    received: 0,
    receivedBytes: 0,
    processed: 0,
    decoded: 0,
    alertsWritten: 0,
    archivesWritten: 0,
    refused: 0,
    undecided: 0,
    unwritten: 0,
    queued: 0,
  };
  private readonly undecidedByRule = new Map<number, number>();
  private engine: Engine | undefined;
  private ruleCount = 0;
  private latestMs = 0;
  private turn: Promise<unknown> = Promise.resolve();
  private servers: readonly ControlServer[] = [];

  constructor(home: WazuhHome, options: EmbeddedWazuhOptions) {
    this.home = home;
    this.options = options;
    this.alertLevel = options.alertLevel ?? DEFAULT_ALERT_LEVEL;
    const fileAt = (path: string): LineFile =>
      new LineFile({ path, rotation: options.rotation ?? 'never', onProblem: (problem) => this.tell(problem) });
    this.alerts = fileAt(options.alertsFile ?? home.alertsFile);
    this.archives = options.archivesFile === false ? undefined : fileAt(options.archivesFile ?? home.archivesFile);
    this.startedAtMs = this.nowMs();
  }

  get rules(): number {
    return this.ruleCount;
  }

  async open(): Promise<void> {
    const { ruleset, lists } = await this.readRules();
    if (ruleset.exitCode !== 0) throw explainRefusal(ruleset);
    this.takeRules({ ruleset, lists });
    // So that whoever follows the files finds them, and a folder that cannot be written to shows now.
    await this.alerts.nextOffset(this.nowMs());
    await this.archives?.nextOffset(this.nowMs());
    if (this.options.controlSockets !== false) this.servers = await this.openSockets();
  }

  process(messages: readonly Uint8Array[]): Promise<void> {
    this.counts.received += messages.length;
    this.counts.queued += messages.length;
    for (const message of messages) this.counts.receivedBytes += message.length;
    const done = this.turn
      .then(() => this.workOff(messages))
      .finally(() => {
        this.counts.queued -= messages.length;
      });
    this.turn = done.catch(() => undefined);
    return done;
  }

  async reloadRules(): Promise<{ kind: 'reloaded' | 'refused'; messages: readonly string[] }> {
    const found = await this.readRules();
    const { problems, log, exitCode } = found.ruleset;
    if (exitCode !== 0) {
      this.tell({ kind: 'rules-refused', problems });
      return { kind: 'refused', messages: log.map(withoutLevel) };
    }
    // Between two batches: an event is judged by the old rules or by the new ones.
    this.turn = this.turn.then(() => this.takeRules(found));
    await this.turn;
    return { kind: 'reloaded', messages: log.map(withoutLevel) };
  }

  statistics(): EmbeddedStatistics {
    return { startedAtMs: this.startedAtMs, ...this.counts, undecidedByRule: Object.fromEntries(this.undecidedByRule) };
  }

  async close(): Promise<void> {
    this.closing.abort();
    await Promise.all(this.servers.map((server) => server.close()));
    await this.turn;
    await this.alerts.close();
    await this.archives?.close();
  }

  private async workOff(messages: readonly Uint8Array[]): Promise<void> {
    const engine = this.engine;
    if (engine === undefined) throw new Error('no rules are loaded');
    const nowMs = this.nowMs();
    const alerts = new Lines(await this.alerts.nextOffset(nowMs));
    const archives = this.archives && new Lines(await this.archives.nextOffset(nowMs));
    const alerted: (readonly [line: Buffer, verdict: DecidedVerdict])[] = [];
    for (const message of messages) {
      const verdict = engine.process(message, nowMs);
      this.counts.processed++;
      if (verdict.kind === 'refused') this.counts.refused++;
      if (verdict.kind === 'refused' || verdict.kind === 'other-queue') continue;
      if (verdict.decoder !== undefined) this.counts.decoded++;
      if (verdict.kind === 'undecided') this.countUndecided(verdict);
      // The same id in both files, so that an alert leads to its archived event.
      const offset = (archives ?? alerts).offset;
      archives?.add(verdict.archiveJson(offset));
      const alert = verdict.kind === 'decided' ? verdict.alertJson(offset) : undefined;
      if (alert === undefined || verdict.kind !== 'decided') continue;
      alerts.add(alert);
      alerted.push([alert, verdict]);
    }
    if (archives && this.archives) await this.write(this.archives, archives, 'archivesWritten', nowMs);
    if (await this.write(this.alerts, alerts, 'alertsWritten', nowMs))
      for (const [line, verdict] of alerted) this.options.onAlert?.(line, verdict);
  }

  private async write(file: LineFile, lines: Lines, counter: 'alertsWritten' | 'archivesWritten', nowMs: number): Promise<boolean> {
    if (lines.count === 0) return true;
    const written = await file.append(lines.text(), nowMs, this.closing.signal);
    this.counts[written ? counter : 'unwritten'] += lines.count;
    return written;
  }

  private countUndecided({ rule, reason }: UndecidedVerdict): void {
    this.counts.undecided++;
    this.undecidedByRule.set(rule.id, (this.undecidedByRule.get(rule.id) ?? 0) + 1);
    this.tell({ kind: 'undecided', ruleId: rule.id, reason });
  }

  private readRules(): Promise<RulesetOnDisk> {
    const { homeFolder, ruleFiles } = this.options;
    return readRuleset({ homeFolder, alertLevel: this.alertLevel, ...(ruleFiles === undefined ? {} : { ruleFiles }) });
  }

  private takeRules(found: RulesetOnDisk): void {
    this.engine = this.engineFor(found);
    this.ruleCount = found.ruleset.rules.size;
    const unsupported = this.engine.unsupported.map(({ rule, construct }) => `rule ${rule.id}: ${construct}`);
    this.tell({ kind: 'rules-loaded', rules: this.ruleCount, problems: found.ruleset.problems, unsupported });
  }

  private engineFor({ ruleset, lists }: RulesetOnDisk, asLogtest = false): Engine {
    return createEngine(ruleset, {
      lists,
      asLogtest,
      managerName: this.options.managerName ?? hostname(),
      utcOffsetMinutes: -new Date(this.nowMs()).getTimezoneOffset(),
      // A rule beyond the engine does not stop the others; its events are counted as undecided.
      unsupported: 'undecided',
    });
  }

  private openSockets(): Promise<readonly ControlServer[]> {
    return openControlSockets(this.home, {
      statistics: () => this.statistics(),
      reloadRules: () => this.reloadRules(),
      openEngine: async () => {
        const found = await this.readRules();
        const messages = found.ruleset.log.filter((line) => /^(WARNING|ERROR|CRITICAL): /.test(line));
        return { engine: found.ruleset.exitCode === 0 ? this.engineFor(found, true) : undefined, messages };
      },
      alertLevel: this.alertLevel,
      writesArchives: this.archives !== undefined,
      nowMs: () => this.nowMs(),
    });
  }

  private tell(event: EmbeddedEvent): void {
    this.options.onEvent?.(event);
  }

  /** Never goes back, whatever the clock does: windows of frequency rules would be wrong. */
  private nowMs(): number {
    this.latestMs = Math.max(this.latestMs, (this.options.now ?? Date.now)());
    return this.latestMs;
  }
}

/** reload-ruleset answers the message without its level: `(5107): …`. */
function withoutLevel(line: string): string {
  return line.replace(/^[A-Z]+: /, '');
}
