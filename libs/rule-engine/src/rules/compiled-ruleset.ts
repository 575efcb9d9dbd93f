import type { LoadedRuleset, Pattern, Rule, RuleNode } from '@k8s-audit/wazuh-rules';
import { type ByteString, bytesOf } from '../byte-string.ts';
import { createFieldNames, type FieldNames, MAX_NAME_PARTS } from '../event/field-names.ts';
import { compileExpression } from '../expression/compile-expression.ts';
import type { Expression } from '../expression/outcome.ts';
import type { CdbList } from './cdb-list.ts';
import { compileCheck } from './compile-check.ts';
import type { CompiledNode, CompiledRule } from './compiled-rule.ts';
import { type CorrelationCheck, compileCorrelation } from './correlation.ts';
import { compileDescription, describedFields } from './description.ts';
import type { MemoryLayout } from './event-memory.ts';

/** Loaded rules, ready to be tried on events. */
export interface CompiledRuleset {
  /** The places at the top whose category an event of the JSON decoders has. */
  readonly roots: readonly CompiledNode[];
  readonly rules: readonly CompiledRule[];
  readonly names: FieldNames;
  readonly memory: MemoryLayout;
  /** How many different pairs of pattern and target there are. */
  readonly expressions: number;
  readonly unsupported: readonly UnsupportedConstruct[];
}

/** What a rule asks that this engine cannot answer. */
export interface UnsupportedConstruct {
  readonly rule: Rule;
  readonly construct: string;
}

export interface CompileOptions {
  readonly lists: ReadonlyMap<string, CdbList>;
  readonly utcOffsetMinutes: number;
}

export function compileRuleset(ruleset: LoadedRuleset, { lists, utcOffsetMinutes }: CompileOptions): CompiledRuleset {
  const names = createFieldNames([...ruleset.rules.values()].flatMap(namesOf).filter((name) => !isTooLong(name)));
  const unsupported: UnsupportedConstruct[] = [];
  const expressions = new Map<string, { readonly expression: Expression; readonly number: number }>();
  const compiledByRule = new Map<Rule, CompiledRule>();

  const compileRule = (rule: Rule): CompiledRule => {
    const known = compiledByRule.get(rule);
    if (known !== undefined) return known;
    const refuse = (construct: string): void => {
      unsupported.push({ rule, construct });
    };
    const expression = (target: string, pattern: Pattern): { readonly expression: Expression; readonly number: number } => {
      const key = `${target} ${pattern.type} ${pattern.text}`;
      const shared = expressions.get(key);
      if (shared !== undefined) return shared;
      const result = compileExpression(pattern.type, pattern.text);
      if (result.kind !== 'compiled') {
        refuse(
          result.kind === 'invalid'
            ? `the ${pattern.type} pattern "${pattern.text}" (${result.message})`
            : `${result.construct} in the pattern "${pattern.text}"`,
        );
        return { expression: UNDECIDED, number: -1 };
      }
      const made = { expression: result.expression, number: expressions.size };
      expressions.set(key, made);
      return made;
    };
    const { correlation } = rule;
    const beyond = [
      // <ignore> alone only writes the list that <check_if_ignored> reads.
      ...((rule.checkIfIgnoredFields ?? []).length > 0 ? ['<check_if_ignored>'] : []),
      ...(namesOf(rule).some(isTooLong) ? [`a field name of more than ${MAX_NAME_PARTS} parts`] : []),
    ];
    beyond.forEach(refuse);
    const check: CorrelationCheck | undefined = correlation === undefined ? undefined : compileCorrelation(rule, correlation, names);
    const compiled: CompiledRule = {
      rule,
      number: compiledByRule.size,
      isUndecidable: beyond.length > 0,
      checks: rule.conditions.map((condition) => compileCheck(condition, { names, lists, utcOffsetMinutes, expression, refuse })),
      describe: compileDescription(rule.description, names),
      ...(check === undefined ? {} : { correlation: check }),
    };
    compiledByRule.set(rule, compiled);
    return compiled;
  };
  const compileNode = ({ rule, children }: RuleNode): CompiledNode => ({
    compiled: compileRule(rule),
    children: children.map(compileNode),
  });
  // Only these are tried on what the JSON decoders give: analysisd.c, "Categories must match".
  const roots = ruleset.roots.filter(({ rule }) => rule.parents.kind !== 'template' || rule.parents.category === 'syslog').map(compileNode);
  return { roots, rules: [...compiledByRule.values()], names, memory: layoutMemory(ruleset), expressions: expressions.size, unsupported };
}

const UNDECIDED: Expression = { match: () => 'undecided' };

/** Every field that the rule's conditions, lists, correlation and description ask for. */
function namesOf(rule: Rule): readonly ByteString[] {
  return [
    ...rule.conditions.flatMap((condition) => {
      if (condition.kind === 'field') return [bytesOf(condition.name)];
      return condition.kind === 'list' && condition.field.kind === 'dynamic' ? [bytesOf(condition.field.name)] : [];
    }),
    ...[...(rule.correlation?.sameFields ?? []), ...(rule.correlation?.differentFields ?? [])].map(bytesOf),
    ...describedFields(rule.description),
  ];
}

function isTooLong(name: ByteString): boolean {
  return name.split('.').length > MAX_NAME_PARTS;
}

function layoutMemory(ruleset: LoadedRuleset): MemoryLayout {
  const places = countPlaces(ruleset.roots);
  const sidSources = new Set<number>();
  const groupListeners = new Map<number, number[]>();
  let keepsAll = false;
  let longestSeconds = 0;
  for (const { id, search, correlation } of ruleset.rules.values()) {
    longestSeconds = Math.max(longestSeconds, correlation?.timeframeSeconds ?? 0);
    if (search?.kind === 'events') keepsAll = true;
    if (search?.kind === 'sid') for (const source of search.sourceIds) sidSources.add(source);
    if (search?.kind !== 'group') continue;
    for (const source of search.sourceIds) {
      // A rule below two parents is marked at both places and then counts twice: rules_list.c, OS_MarkGroup.
      const times = new Array<number>(Math.max(places.get(source) ?? 1, 1)).fill(id);
      groupListeners.set(source, [...(groupListeners.get(source) ?? []), ...times]);
    }
  }
  return { sidSources, groupListeners, keepsAll, longestSeconds };
}

function countPlaces(nodes: readonly RuleNode[], counts: Map<number, number> = new Map()): ReadonlyMap<number, number> {
  for (const { rule, children } of nodes) {
    counts.set(rule.id, (counts.get(rule.id) ?? 0) + 1);
    countPlaces(children, counts);
  }
  return counts;
}
