import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type PackName, packExamples } from '@k8s-audit/detections';
import { readHostFile } from '@k8s-audit/host-files';
import { createEngine, type Engine, refusePattern } from '@k8s-audit/rule-engine';
import { loadRules, type RuleFile } from '@k8s-audit/wazuh-rules';
import { PLACES } from '@k8s-audit/wazuh-server';
import { datagramOf, ruleEventsOf } from '../../rule-event.ts';
import { rulesBelow } from '../plan-rules.ts';
import { archivedEvents } from './archived-events.ts';
import { guideDatagramOf } from './example-as-guide.ts';

/** What an event raises: one event has one alert. */
export type Raised =
  | { readonly kind: 'alert'; readonly rule: number; readonly level: number; readonly description: string }
  | { readonly kind: 'no-alert' }
  /** A rule asks something that the engine cannot tell. */
  | { readonly kind: 'undecided'; readonly rule: number };

/** Events that carry another rule afterwards. */
export interface AlertChange {
  readonly before: Raised;
  readonly after: Raised;
  readonly events: number;
}

export interface AlertForecast {
  /** Where the events are from; undefined: there were none. */
  readonly file: string | undefined;
  readonly events: number;
  /** Those that keep their rule, or raise none as before. */
  readonly unchanged: number;
  /** Alerts that end first, then by the number of events. */
  readonly changes: readonly AlertChange[];
  /** By the pack's own examples: rules that no recorded event has raised. */
  readonly examples: readonly AlertChange[];
}

/**
 * What changes for an analyst when the pack's rules are loaded and events take the wire event's shape: each recorded event, and then each
 * example of the pack, goes through the rules as they are, shaped as the guide's, and through the rules as they will be.
 *
 * @param packFiles the pack's rule files, as they will be written
 */
export async function forecastAlerts(
  home: string,
  {
    cluster,
    packs,
    idBase,
    packFiles,
  }: { readonly cluster: string; readonly packs: readonly PackName[]; readonly idBase?: number; readonly packFiles: readonly RuleFile[] },
): Promise<AlertForecast> {
  const rules = await rulesOf(home);
  const [asIs, asWillBe] = [engineOf(rules, []), engineOf(rules, packFiles)];
  const { file, logs } = await archivedEvents(home);
  const recorded = new Changes();
  for (const log of logs) {
    const willBeSent = ruleEventsOf(log, { wire: 'v1', cluster });
    for (const [index, sent] of ruleEventsOf(log, { wire: 'guide', cluster }).entries()) {
      const later = willBeSent[index];
      // What is no audit event goes neither way.
      if (sent.kind !== 'message' || later?.kind !== 'message' || later.item === undefined) continue;
      recorded.add(raisedBy(asIs, datagramOf(sent)), raisedBy(asWillBe, datagramOf(later)));
    }
  }
  const examples = new Changes();
  for (const { message } of packs.flatMap((pack) => packExamples(pack, idBase === undefined ? {} : { idBase }))) {
    const after = raisedBy(asWillBe, Buffer.from(message));
    if (after.kind === 'alert' && !recorded.raises(after.rule)) examples.add(raisedBy(asIs, guideDatagramOf(message)), after);
  }
  return { file, events: recorded.events, unchanged: recorded.unchanged, changes: recorded.list(), examples: examples.list() };
}

/** Pairs of outcomes, counted. */
class Changes {
  events = 0;
  unchanged = 0;
  readonly #byPair = new Map<string, AlertChange>();
  readonly #raised = new Set<number>();

  add(before: Raised, after: Raised): void {
    this.events++;
    if (after.kind === 'alert') this.#raised.add(after.rule);
    if (keyOf(before) === keyOf(after)) {
      this.unchanged++;
      return;
    }
    const key = `${keyOf(before)} ${keyOf(after)}`;
    const known = this.#byPair.get(key);
    this.#byPair.set(key, { before, after, ...known, events: (known?.events ?? 0) + 1 });
  }

  raises(rule: number): boolean {
    return this.#raised.has(rule);
  }

  list(): readonly AlertChange[] {
    const ends = ({ before, after }: AlertChange): boolean => before.kind === 'alert' && after.kind !== 'alert';
    return [...this.#byPair.values()].toSorted((one, other) => Number(ends(other)) - Number(ends(one)) || other.events - one.events);
  }
}

function keyOf(raised: Raised): string {
  return raised.kind === 'no-alert' ? 'none' : `${raised.kind} ${raised.rule}`;
}

function raisedBy(engine: Engine, datagram: Uint8Array): Raised {
  // One moment for all: rules that count within a time see them as one crowd, which is said.
  const verdict = engine.process(datagram, 0);
  if (verdict.kind === 'undecided') return { kind: 'undecided', rule: verdict.rule.id };
  if (verdict.kind !== 'decided' || !verdict.alerted || verdict.rule === undefined) return { kind: 'no-alert' };
  return { kind: 'alert', rule: verdict.rule.id, level: verdict.rule.level, description: verdict.description ?? '' };
}

interface ManagerRules {
  readonly stock: readonly RuleFile[];
  readonly own: readonly RuleFile[];
  readonly lists: ReadonlyMap<string, Uint8Array>;
}

async function rulesOf(home: string): Promise<ManagerRules> {
  const folder = join(home, PLACES.lists);
  const entries = existsSync(folder) ? await readdir(folder, { recursive: true, withFileTypes: true }) : [];
  const lists = new Map<string, Uint8Array>();
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !entry.name.endsWith('.cdb')) lists.set(`${PLACES.lists}${path.slice(folder.length)}`, await readHostFile(path));
  }
  return { stock: await rulesBelow(join(home, 'ruleset/rules')), own: await rulesBelow(join(home, PLACES.rules)), lists };
}

function engineOf({ stock, own, lists }: ManagerRules, pack: readonly RuleFile[]): Engine {
  const names = new Set(pack.map(({ name }) => name));
  const loaded = loadRules([...stock, ...own.filter(({ name }) => !names.has(name)), ...pack], {
    compilePattern: refusePattern,
    lists: new Set(lists.keys()),
    ...(stock.length === 0 ? { outsideRules: 'stock' as const } : {}),
  });
  return createEngine(loaded, { lists, unsupported: 'undecided' });
}
