import { type ByteString, foldCase } from '../byte-string.ts';
import type { EngineEvent } from '../event/engine-event.ts';
import type { CompiledNode } from './compiled-rule.ts';
import type { EventEvaluation } from './event-evaluation.ts';
import { createGramTable, type GramTable } from './gram-table.ts';
import type { Lead, LeadTarget } from './lead.ts';

/**
 * Finds the children of a node that are worth trying on an event: by a value that one of their conditions wants, a text that it
 * must contain, or a field that must be there. The others would fail on that very condition, so leaving them out changes nothing;
 * the order of the rest is kept.
 */
export interface ChildIndex {
  candidates(evaluation: EventEvaluation): readonly CompiledNode[];
}

/** With fewer children trying them all is cheaper. */
const MIN_CHILDREN = 8;
/** A scan of a value pays only if it decides about as many rules. */
const MIN_SCANNED = 4;

export function createChildIndex(children: readonly CompiledNode[]): ChildIndex {
  if (children.length < MIN_CHILDREN) return { candidates: () => children };
  const chosen = chooseLeads(children);
  const always: number[] = [];
  const equals = new Map<LeadTarget, Map<ByteString, number[]>>();
  const contains = new Map<LeadTarget, { readonly text: ByteString; readonly position: number }[]>();
  const exists = new Map<number, number[]>();
  chosen.forEach((lead, position) => {
    if (lead === undefined) always.push(position);
    else if (lead.kind === 'exists') append(exists, lead.target, position);
    else if (lead.kind === 'contains') for (const text of lead.texts) append(contains, lead.target, { text, position });
    else {
      const values = equals.get(lead.target) ?? new Map<ByteString, number[]>();
      equals.set(lead.target, values);
      for (const value of lead.values) append(values, value, position);
    }
  });
  const tables = [...contains].map(([target, texts]) => ({ target, table: createGramTable(texts) }));
  const byValue = [...equals].map(([target, values]) => ({
    target,
    values,
    longest: Math.max(...[...values.keys()].map((key) => key.length)),
  }));
  return new BuiltIndex(children, always, byValue, tables, [...exists]);
}

class BuiltIndex implements ChildIndex {
  private readonly children: readonly CompiledNode[];
  private readonly always: readonly number[];
  private readonly byValue: readonly ByValue[];
  private readonly tables: readonly { readonly target: LeadTarget; readonly table: GramTable }[];
  private readonly exists: readonly (readonly [number, readonly number[]])[];
  private readonly alwaysNodes: readonly CompiledNode[];

  constructor(
    children: readonly CompiledNode[],
    always: readonly number[],
    byValue: readonly ByValue[],
    tables: readonly { readonly target: LeadTarget; readonly table: GramTable }[],
    exists: readonly (readonly [number, readonly number[]])[],
  ) {
    this.children = children;
    this.always = always;
    this.byValue = byValue;
    this.tables = tables;
    this.exists = exists;
    this.alwaysNodes = always.map((position) => children[position] as CompiledNode);
  }

  candidates({ event, budget }: EventEvaluation): readonly CompiledNode[] {
    const found: number[] = [];
    for (const { target, values, longest } of this.byValue) {
      const value = targetValue(event, target);
      if (value === undefined || value.length > longest) continue;
      const positions = values.get(foldCase(value));
      if (positions !== undefined) for (const position of positions) found.push(position);
    }
    for (const [field, positions] of this.exists) {
      if (event.fields.has(field)) for (const position of positions) found.push(position);
    }
    for (const { target, table } of this.tables) {
      const value = targetValue(event, target);
      if (value === undefined) continue;
      budget.steps -= value.length >> 4;
      table.find(value, found);
    }
    if (found.length === 0) return this.alwaysNodes;
    for (const position of this.always) found.push(position);
    found.sort(ascending);
    return found.map((position) => this.children[position] as CompiledNode);
  }
}

interface ByValue {
  readonly target: LeadTarget;
  readonly values: ReadonlyMap<ByteString, readonly number[]>;
  readonly longest: number;
}

function targetValue(event: EngineEvent, target: LeadTarget): ByteString | undefined {
  if (target === 'log') return event.log;
  return target === 'location' ? event.location : event.fields.valueOf(target);
}

/** For each child the lead that the fewest others share; undefined: it is always tried. */
function chooseLeads(children: readonly CompiledNode[]): readonly (Lead | undefined)[] {
  const leads = children.map(({ compiled }) => compiled.checks.flatMap((check) => check.leads));
  const shares = new Map<string, number>();
  for (const lead of leads.flat()) for (const key of keysOf(lead)) shares.set(key, (shares.get(key) ?? 0) + 1);
  const costOf = (lead: Lead): number =>
    Math.max(...keysOf(lead).map((key) => shares.get(key) ?? 1)) + (COST_OF_KIND[lead.kind] ?? 0) + (lead.target === 'log' ? 2 : 0);
  const best = leads.map((own) =>
    own.reduce<Lead | undefined>((chosen, lead) => (chosen === undefined || costOf(lead) < costOf(chosen) ? lead : chosen), undefined),
  );
  const scanned = new Map<LeadTarget, number>();
  for (const lead of best) if (lead?.kind === 'contains') scanned.set(lead.target, (scanned.get(lead.target) ?? 0) + 1);
  return best.map((lead) => {
    if (lead?.kind !== 'contains' || (scanned.get(lead.target) ?? 0) >= MIN_SCANNED) return lead;
    return typeof lead.target === 'number' ? { kind: 'exists', target: lead.target } : undefined;
  });
}

const COST_OF_KIND = { equals: 0, contains: 0.5, exists: 1 } as const;

function keysOf(lead: Lead): readonly string[] {
  if (lead.kind === 'equals') return lead.values.map((value) => `=${lead.target} ${value}`);
  if (lead.kind === 'contains') return lead.texts.map((text) => `~${lead.target} ${text}`);
  return [`?${lead.target}`];
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function ascending(a: number, b: number): number {
  return a - b;
}
