/**
 * What an event costs in the rule engine: CPU of this process, for generated rules of three sizes and for the shipped packs, with
 * the index and without it. The plain engine tries rules in turn and every pattern anew, as wazuh-analysisd does it; each event
 * goes through both, and a verdict that is not the same ends the run.
 */

import { PACKS, renderPack } from '@k8s-audit/detections';
import { createEngine, type Engine, refusePattern } from '@k8s-audit/rule-engine';
import { type LoadedRuleset, loadRules, type RuleFile } from '@k8s-audit/wazuh-rules';
import { type Bench, median } from './bench.ts';
import { generateRules } from './rule-engine/generated-rules.ts';
import { recordedMessages } from './rule-engine/recorded-messages.ts';

const SIZES = [100, 1_000, 5_000];
const MAX_EVENTS = 1_500;
/** Measured after so many events, so that what is compiled at run time is. */
const WARM_UP_ROUNDS = 2;

interface Case {
  readonly name: string;
  readonly rules: number;
  readonly files: readonly RuleFile[];
}

interface Row {
  readonly name: string;
  readonly rules: number;
  readonly indexedUs: number;
  readonly plainUs: number;
}

export const benchRuleEngine: Bench = async ({ rounds }) => {
  const messages = recordedMessages('guide-policy.eventlists.jsonl', MAX_EVENTS);
  const bytes = messages.reduce((sum, { length }) => sum + length, 0) / messages.length;
  const rows = cases().map((each) => measure(each, messages, rounds));
  const byName = new Map(rows.map((row) => [row.name, row]));
  const ratio = (over: number | undefined, under: number | undefined): number => (over ?? Number.NaN) / (under ?? Number.NaN);
  const thousand = byName.get('generated 1000');
  const figures = {
    events: messages.length,
    meanBytes: bytes,
    rows,
    speedUpAt1000: ratio(thousand?.plainUs, thousand?.indexedUs),
    growth100To5000: ratio(byName.get('generated 5000')?.indexedUs, byName.get('generated 100')?.indexedUs),
    packsUs: Math.max(...rows.filter(({ name }) => name.startsWith('pack')).map(({ indexedUs }) => indexedUs)),
  };
  return { text: render(figures), figures };
};

function cases(): readonly Case[] {
  const generated = SIZES.map((size) => ({ name: `generated ${size}`, files: [{ name: 'generated.xml', text: generateRules(size) }] }));
  const packs = PACKS.map(({ name }) => ({
    name: `pack ${name}`,
    files: [...renderPack(name)].map(([file, text]) => ({ name: file, text })),
  }));
  const together = { name: 'packs together', files: packs.flatMap(({ files }) => files) };
  return [...generated, ...packs, together].map((each) => ({ ...each, rules: load(each.files).rules.size - TEMPLATES }));
}

/** Rules 1 to 7, which every ruleset has. */
const TEMPLATES = 7;

function load(files: readonly RuleFile[]): LoadedRuleset {
  const ruleset = loadRules(files, { compilePattern: refusePattern });
  if (ruleset.exitCode !== 0) throw new Error(ruleset.log.join('\n'));
  return ruleset;
}

function measure({ name, rules, files }: Case, messages: readonly Buffer[], rounds: number): Row {
  const ruleset = load(files);
  const indexed = createEngine(ruleset, { budgetSteps: UNLIMITED });
  const plain = createEngine(ruleset, { indexed: false, budgetSteps: UNLIMITED });
  compareVerdicts(indexed, plain, messages);
  for (let round = 0; round < WARM_UP_ROUNDS; round++) run(indexed, messages);
  const times = { indexed: [] as number[], plain: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    times.indexed.push(run(indexed, messages));
    times.plain.push(run(plain, messages));
  }
  return { name, rules, indexedUs: median(times.indexed), plainUs: median(times.plain) };
}

/** CPU microseconds an event, all threads of the process. */
function run(engine: Engine, messages: readonly Buffer[]): number {
  const before = process.cpuUsage();
  for (const message of messages) engine.process(message, NOW_MS);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / messages.length;
}

const NOW_MS = 1_800_000_000_000;
/** The index spends fewer steps; with a limit it would decide more. */
const UNLIMITED = Number.MAX_SAFE_INTEGER;

function compareVerdicts(indexed: Engine, plain: Engine, messages: readonly Buffer[]): void {
  for (const message of messages) {
    const [ours, theirs] = [indexed, plain].map((engine) => {
      const verdict = engine.process(message, NOW_MS);
      return verdict.kind === 'decided' ? verdict.archiveJson().toString('latin1') + (verdict.rule?.id ?? '') : verdict.kind;
    });
    if (ours !== theirs)
      throw new Error(
        `The index changes a verdict: ${ours?.slice(-200)} instead of ${theirs?.slice(-200)}, for ${message.toString('utf8').slice(0, 400)}`,
      );
  }
}

function render(figures: {
  readonly events: number;
  readonly meanBytes: number;
  readonly rows: readonly Row[];
  readonly speedUpAt1000: number;
  readonly growth100To5000: number;
  readonly packsUs: number;
}): string {
  const lines = figures.rows.map(
    ({ name, rules, indexedUs, plainUs }) =>
      `${name.padEnd(18)} ${String(rules).padStart(5)} rules  ${indexedUs.toFixed(1).padStart(8)} µs indexed  ${plainUs.toFixed(1).padStart(9)} µs in turn  ${(plainUs / indexedUs).toFixed(1).padStart(6)} x`,
  );
  return [
    `CPU microseconds an event, ${figures.events} recorded events of ${Math.round(figures.meanBytes)} bytes on average; decoding and matching, no document written.`,
    ...lines,
    `1,000 rules: ${figures.speedUpAt1000.toFixed(1)} times less than in turn (aim: 3)`,
    `from 100 to 5,000 rules: ${figures.growth100To5000.toFixed(2)} times more (aim: 1.5)`,
    `shipped packs: at most ${figures.packsUs.toFixed(1)} µs (aim: 12)`,
    'Every verdict of the index equals that of the plain engine.',
    'For context: the C daemon (wazuh-analysisd 4.14.7, whole stock ruleset and a few rules, 0.76 KB events without an alert, default threads, 2 busy cores) took 25 µs of CPU an event, its queues included.',
  ].join('\n');
}
