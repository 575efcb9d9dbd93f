import { createEngine, type Engine, type Technique, type Verdict } from '@k8s-audit/rule-engine';
import { type Difference, differing } from './difference.ts';
import { type Row, textOfRow, unreadable, type Vectors } from './vectors.ts';

/** The recording's name for the manager, so that documents can be compared as they are. */
const MANAGER = '<manager-hostname>';
/** Any moment will do: timestamps are not compared. */
const START_MS = Date.UTC(2026, 10, 23, 12, 0, 0);

/** Each row on a fresh engine: the isolated verdict, the decoded fields, the alert. */
export function checkEvents(rows: readonly Row[], vectors: Vectors): readonly Difference[] {
  return rows.flatMap((row) => {
    const engine = engineFor(row, vectors);
    if ('refused' in engine) return toDifference(row, [engine.refused]);
    return toDifference(row, saysSomething(row) ? differencesOf(row, process(engine, row, START_MS)) : [NOTHING_EXPECTED]);
  });
}

/** Each row is a story of its own: fresh state, and `delay_s` passes before a step. */
export function checkSequences(rows: readonly Row[], vectors: Vectors): readonly Difference[] {
  return rows.flatMap((row) => {
    const steps = row['steps'];
    if (!Array.isArray(steps)) throw unreadable(`Sequence ${JSON.stringify(row['name'] ?? '?')} has no steps.`);
    const engine = engineFor(row, vectors);
    if ('refused' in engine) return toDifference(row, [engine.refused]);
    if (!(steps as readonly Row[]).some(saysSomething)) return toDifference(row, [NOTHING_EXPECTED]);
    let nowMs = START_MS;
    const sentences = (steps as readonly Row[]).flatMap((step, index) => {
      nowMs += Number(step['delay_s'] ?? 0) * 1000;
      return differencesOf(step, process(engine, step, nowMs)).map((sentence) => `step ${index + 1}: ${sentence}`);
    });
    return toDifference(row, sentences);
  });
}

/** A row that names no verdict would agree with anything. */
const NOTHING_EXPECTED = 'nothing to compare: neither expected (rule, decoder, location, alerted) nor decoded nor alert';

function saysSomething(row: Row): boolean {
  const expected = (row['expected'] ?? {}) as Row;
  return 'decoded' in row || 'alert' in row || ['rule', 'decoder', 'location', 'alerted'].some((part) => part in expected);
}

/** Rules that Wazuh recorded events with and that do not load here are a difference of that row; the others still run. */
function engineFor(row: Row, vectors: Vectors): Engine | { readonly refused: string } {
  const ruleset = vectors.rulesOf(row);
  if (ruleset.exitCode !== 0) return { refused: `its rule files do not load: ${ruleset.log.join('; ')}` };
  return createEngine(ruleset, { managerName: MANAGER, lists: vectors.lists, technique: everyTechnique, unsupported: 'undecided' });
}

/**
 * The recording had a stand-in for Wazuh's ATT&CK database: ids are exact, names are not compared. It knew every id but those of
 * the kind that rows call unknown.
 */
function everyTechnique(id: string): Technique | undefined {
  if (!/^T1\d{3}(\.\d{3})?$/.test(id)) return undefined;
  return { name: id, tactics: ALL_TACTICS };
}

/** TA0001 to TA0011, TA0040, TA0042, TA0043: whatever tactic a rule names beside a technique. */
const ALL_TACTICS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 40, 42, 43].map((number) => {
  const id = `TA${String(number).padStart(4, '0')}`;
  return { id, name: id };
});

function process(engine: Engine, row: Row, nowMs: number): Verdict {
  return engine.process(Buffer.from(textOfRow(row, 'message'), 'utf8'), nowMs);
}

function toDifference(row: Row, sentences: readonly string[]): readonly Difference[] {
  return sentences.length === 0 ? [] : [{ id: textOfRow(row, 'name'), sentences }];
}

/** Compares what the row has: verdict, decoded fields, alert. */
function differencesOf(row: Row, verdict: Verdict): readonly string[] {
  if (verdict.kind === 'undecided') return [`undecided at rule ${verdict.rule.id}: ${verdict.reason}`];
  if (verdict.kind !== 'decided') return [`${verdict.kind}, expected an event`];
  const expected = (row['expected'] ?? {}) as Row;
  const { rule } = verdict;
  const document = parseDocument(verdict.logtestJson());
  const sentences: string[] = [];
  if ('rule' in expected)
    sentences.push(
      ...differing('rule', withoutNames(expected['rule']), rule === undefined ? null : withoutNames(document['rule'], expected['rule'])),
    );
  if ('decoder' in expected) sentences.push(...differing('decoder', expected['decoder'], verdict.decoder ?? null));
  if ('location' in expected) sentences.push(...differing('location', expected['location'], document['location'] ?? null));
  if ('alerted' in expected) sentences.push(...differing('alerted', expected['alerted'], verdict.alerted));
  if ('decoded' in row) sentences.push(...differing('decoded', row['decoded'], document['data'] ?? null));
  if (row['alert'] !== undefined && row['alert'] !== null) {
    const alert = verdict.alertJson();
    sentences.push(
      ...differing('alert', comparable(row['alert']), alert === undefined ? null : comparable(parseDocument(alert), row['alert'])),
    );
  }
  return sentences;
}

function parseDocument(bytes: Buffer): Row {
  return JSON.parse(bytes.toString('utf8')) as Row;
}

/** The alert without what differs between two runs, and without what the recording left out. */
function comparable(document: unknown, recorded?: unknown): Row {
  const { timestamp: _timestamp, id: _id, manager: _manager, ...rest } = document as Row;
  return { ...rest, rule: withoutNames(rest['rule'], (recorded as Row | undefined)?.['rule']) };
}

/** A rule with only the ids of its techniques; of ours only the keys that are always there or that the recording has. */
function withoutNames(rule: unknown, recorded?: unknown): unknown {
  if (typeof rule !== 'object' || rule === null) return rule;
  const { mitre, firedtimes, ...rest } = rule as Row;
  const isRecorded = recorded === undefined || (typeof recorded === 'object' && recorded !== null && 'firedtimes' in recorded);
  return {
    ...rest,
    ...fillHostname(rest['description'], recorded),
    ...(mitre === undefined ? {} : { mitre: (mitre as Row)['id'] }),
    ...(isRecorded && firedtimes !== undefined ? { firedtimes } : {}),
  };
}

/** A description may name the recording machine, which nobody else knows. */
function fillHostname(description: unknown, recorded: unknown): { readonly description?: unknown } {
  const theirs = (recorded as Row | undefined)?.['description'];
  if (typeof description !== 'string' || typeof theirs !== 'string' || !description.includes(MANAGER)) return {};
  const before = description.indexOf(MANAGER);
  const after = description.length - before - MANAGER.length;
  const host = description.split(MANAGER).length === 2 ? theirs.slice(before, theirs.length - after) : '';
  return /^[A-Za-z0-9-]+$/.test(host) ? { description: description.replace(MANAGER, host) } : {};
}
