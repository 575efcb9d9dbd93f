import { loadRules } from '@k8s-audit/wazuh-rules';
import { createEngine, type Engine, type EngineOptions } from '../engine.ts';
import type { DecidedVerdict } from '../verdict.ts';

/** An engine for the rules inside of one group, below the templates; a rule that does not load is a mistake of the test. */
export function engineFor(rules: string, options: EngineOptions = {}): Engine {
  const loaded = loadRules([{ name: 'test.xml', text: `<group name="test,">${rules}</group>` }]);
  const broken = loaded.problems.filter(({ severity }) => severity === 'refuses-to-start' || severity === 'drops-rule');
  if (broken.length > 0) throw new Error(broken.map(({ message }) => message).join('; '));
  return createEngine(loaded, options);
}

export function rule(id: number, level: number, inside: string, attributes = ''): string {
  return `<rule id="${id}" level="${level}"${attributes === '' ? '' : ` ${attributes}`}>${inside}<description>rule ${id}</description></rule>`;
}

export function messageOf(log: unknown, location = 'k8s'): Buffer {
  return Buffer.from(`1:${location}:${typeof log === 'string' ? log : JSON.stringify(log)}`);
}

export interface EventPlace {
  readonly nowMs?: number;
  readonly location?: string;
}

/** The verdict on an event; anything but a decision is a mistake of the test. */
export function decide(engine: Engine, log: unknown, place: EventPlace = {}): DecidedVerdict {
  const verdict = engine.process(messageOf(log, place.location), place.nowMs ?? 0);
  if (verdict.kind !== 'decided') throw new Error(`the event is ${verdict.kind}`);
  return verdict;
}

/** The rule's id, `undefined` for none. */
export function ruleOf(engine: Engine, log: unknown, place: EventPlace = {}): number | undefined {
  return decide(engine, log, place).rule?.id;
}
