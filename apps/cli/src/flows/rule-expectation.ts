import { Failure } from '@k8s-audit/failure';
import type { EventVerdict } from './event-verdict.ts';

/** What an author expects of one event; what is not named may be anything. */
export interface RuleExpectation {
  /** `null`: no rule at all. */
  readonly rule?: number | null;
  /** The rule is none of these. */
  readonly not?: readonly number[];
  readonly level?: number;
  readonly alerted?: boolean;
  /** Filled in, letter by letter. */
  readonly description?: string;
  /** `null`: no decoder takes it. */
  readonly decoder?: string | null;
  /** All of these are among the rule's groups. */
  readonly groups?: readonly string[];
}

/**
 * `118101`, `none` (no rule), `no-alert` (whatever rule, it does not alert), or an object of what shall be.
 *
 * @throws {Failure} RULE_CASE_INVALID
 */
export function parseExpectation(value: unknown, place: string): RuleExpectation {
  if (value === 'none') return { rule: null };
  if (value === 'no-alert') return { alerted: false };
  if (typeof value === 'number') return { rule: ruleId(value, place) };
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(
      place,
      `"expect" is ${JSON.stringify(value)}`,
      'Give a rule id, "none", "no-alert", or an object with rule, level, alerted …',
    );
  const given = value as Readonly<Record<string, unknown>>;
  for (const [key, member] of Object.entries(given)) {
    const holds = SHAPES[key];
    if (holds === undefined) throw invalid(place, `"expect" has the unknown key "${key}"`, `It takes ${Object.keys(SHAPES).join(', ')}.`);
    if (!holds(member)) throw invalid(place, `"expect" has ${key}: ${JSON.stringify(member)}`, 'See `k8s-audit rules test --help`.');
  }
  if (Object.keys(given).length === 0) throw invalid(place, '"expect" names nothing', `It takes ${Object.keys(SHAPES).join(', ')}.`);
  return given;
}

/** What differs, as sentences; none: it is as expected. */
export function differencesFrom(expected: RuleExpectation, verdict: EventVerdict): readonly string[] {
  if (verdict.kind !== 'decided') return [`the event is ${verdict.kind}: ${verdict.reason}`];
  const { rule, alerted, decoder } = verdict;
  const found = { rule: rule?.id ?? null, level: rule?.level ?? null, alerted, description: rule?.description ?? null, decoder };
  const differences = (['rule', 'level', 'alerted', 'description', 'decoder'] as const)
    .filter((key) => expected[key] !== undefined && expected[key] !== found[key])
    .map((key) => `${key}: expected ${shown(expected[key])}, got ${shown(found[key])}`);
  if (rule !== null && expected.not?.includes(rule.id))
    differences.push(`rule: expected none of ${expected.not.join(', ')}, got ${rule.id}`);
  const missing = (expected.groups ?? []).filter((group) => !(rule?.groups ?? []).includes(group));
  return missing.length === 0
    ? differences
    : [...differences, `groups: ${missing.join(', ')} not among ${(rule?.groups ?? []).join(', ') || 'none'}`];
}

function shown(value: string | number | boolean | null | undefined): string {
  return value === null ? 'none' : typeof value === 'string' ? JSON.stringify(value) : String(value);
}

const isInteger = (value: unknown): boolean => Number.isInteger(value);
const isText = (value: unknown): boolean => typeof value === 'string';

const SHAPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  rule: (value) => value === null || isInteger(value),
  not: (value) => Array.isArray(value) && value.every(isInteger),
  level: isInteger,
  alerted: (value) => typeof value === 'boolean',
  description: isText,
  decoder: (value) => value === null || isText(value),
  groups: (value) => Array.isArray(value) && value.every(isText),
};

function ruleId(value: number, place: string): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw invalid(place, `"expect" is ${value}`, 'A rule id is a whole number.');
}

function invalid(place: string, what: string, hint: string): Failure {
  return new Failure('RULE_CASE_INVALID', `${place}: ${what}.`, { hint });
}
