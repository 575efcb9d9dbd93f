import { gunzipSync } from 'node:zlib';
import { Failure } from '@k8s-audit/failure';
import { readHostFile } from '@k8s-audit/host-files';
import { parse as parseYaml } from 'yaml';
import { type RuleEvent, ruleEventsOf, type WireOptions } from './rule-event.ts';
import { parseExpectation, type RuleExpectation } from './rule-expectation.ts';

/** One event of a file, and what is expected of it, if anything is. */
export interface RuleCase {
  /** `events.jsonl:3`, of a list `events.jsonl:3[2]`, or the name that the author gave it. */
  readonly name: string;
  readonly event: RuleEvent;
  readonly expected?: RuleExpectation;
  /** Seconds after the event before it. */
  readonly afterSeconds?: number;
}

/** Files of a gigabyte are recordings, and replayed. */
const MAX_BYTES = 256 * 1024 * 1024;

/**
 * Reads events: one a line (audit events, EventLists, log lines, mixed as they may be), or one document of JSON over several lines,
 * or YAML (`.yaml`). A line may be a case, an object with `event` and what the author says of it: `name`, `expect`, `after`, `location`.
 * A `.gz` file is unpacked.
 *
 * @throws {Failure} RULES_EVENT_UNUSABLE, RULE_CASE_INVALID; what host-files throws
 */
export async function readRuleCases(name: string, path: string, options: WireOptions): Promise<readonly RuleCase[]> {
  const bytes = await readHostFile(path, { maxBytes: MAX_BYTES });
  return parseRuleCases(name, (name.endsWith('.gz') ? unpack(name, bytes) : bytes).toString('utf8'), options);
}

export function parseRuleCases(name: string, text: string, options: WireOptions): readonly RuleCase[] {
  const cases = /\.ya?ml$/.test(name) ? yamlEntries(name, text) : textEntries(name, text, options.wire === 'raw');
  if (cases.length === 0)
    throw new Failure('RULES_EVENT_UNUSABLE', `${name} holds no event.`, {
      hint: 'Give one event a line: audit events as the API server writes them, EventLists, or log lines.',
    });
  return cases.flatMap((entry) => casesOf(entry, options));
}

interface Entry {
  readonly place: string;
  /** A line as it is, or what YAML made of an entry. */
  readonly value: unknown;
}

function textEntries(name: string, text: string, isRaw: boolean): readonly Entry[] {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const [first = ''] = lines.filter((line) => line.trim() !== '');
  // A document over several lines: its first line alone is no JSON, the whole is.
  const whole = !isRaw && /^\s*[[{]/.test(first) && jsonOf(first) === undefined ? jsonOf(text) : undefined;
  if (whole !== undefined) {
    const entries: readonly unknown[] = Array.isArray(whole) ? whole : [whole];
    return entries.map((value, index) => ({ place: entries.length === 1 ? name : `${name}[${index}]`, value }));
  }
  return lines.flatMap((line, index) => (line.trim() === '' ? [] : [{ place: `${name}:${index + 1}`, value: line }]));
}

function yamlEntries(name: string, text: string): readonly Entry[] {
  let document: unknown;
  try {
    document = parseYaml(text);
  } catch (error) {
    // The parser's own error names line and column.
    throw new Failure('RULES_EVENT_UNUSABLE', `${name} is no YAML: ${(error as Error).message}`, {
      hint: 'Write a list of cases.',
      cause: error,
    });
  }
  const listed = Array.isArray(document) ? document : ((document as { cases?: unknown } | null)?.cases ?? []);
  if (!Array.isArray(listed))
    throw new Failure('RULES_EVENT_UNUSABLE', `${name} holds no list of cases.`, { hint: 'Write `- event: …` and `expect: …` for each.' });
  return listed.map((value, index) => ({ place: `${name}[${index}]`, value }));
}

function casesOf({ place, value }: Entry, options: WireOptions): readonly RuleCase[] {
  const asked = options.wire === 'raw' ? undefined : caseOf(value);
  if (asked === undefined) return named(place, ruleEventsOf(lineOf(value), options));
  const { event, expect, after, location, name } = asked;
  if (location !== undefined && typeof location !== 'string') throw invalid(place, '"location" is no text');
  if (name !== undefined && typeof name !== 'string') throw invalid(place, '"name" is no text');
  if (after !== undefined && !(typeof after === 'number' && after >= 0)) throw invalid(place, '"after" is no number of seconds');
  const events = ruleEventsOf(lineOf(event), location === undefined ? options : { ...options, location });
  const expected = expectationsOf(expect, events.length, place);
  return named(name ?? place, events).map((each, index) => ({
    ...each,
    ...(expected[index] === undefined ? {} : { expected: expected[index] }),
    ...(after === undefined || index > 0 ? {} : { afterSeconds: after as number }),
  }));
}

interface WrittenCase {
  readonly event: unknown;
  readonly expect?: unknown;
  readonly after?: unknown;
  readonly location?: unknown;
  readonly name?: unknown;
}

/** An object with `event` and something about it; a log line may have a key `event` too, but not one of these beside it. */
function caseOf(value: unknown): WrittenCase | undefined {
  const object = typeof value === 'string' ? (/^\s*\{/.test(value) ? jsonOf(value) : undefined) : value;
  if (typeof object !== 'object' || object === null || !Object.hasOwn(object, 'event')) return undefined;
  return ['expect', 'after', 'location', 'name'].some((key) => Object.hasOwn(object, key)) ? (object as WrittenCase) : undefined;
}

/** One expectation for a single event; for a list one each. */
function expectationsOf(expect: unknown, count: number, place: string): readonly (RuleExpectation | undefined)[] {
  if (expect === undefined || expect === null) return [];
  if (!Array.isArray(expect)) {
    if (count !== 1) throw invalid(place, `"expect" is one for ${count} events`);
    return [parseExpectation(expect, place)];
  }
  if (expect.length !== count) throw invalid(place, `"expect" has ${expect.length} entries for ${count} events`);
  return expect.map((each) => (each === null ? undefined : parseExpectation(each, place)));
}

function named(name: string, events: readonly RuleEvent[]): readonly RuleCase[] {
  return events.map((event, index) => ({ name: events.length === 1 ? name : `${name}[${index}]`, event }));
}

function lineOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // no JSON: a log line
  }
}

function unpack(name: string, bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    throw new Failure('FILE_UNREADABLE', `${name} cannot be unpacked: ${(error as Error).message}.`, {
      hint: 'gzip -t tells whether it is whole.',
    });
  }
}

function invalid(place: string, what: string): Failure {
  return new Failure('RULE_CASE_INVALID', `${place}: ${what}.`, { hint: 'See `k8s-audit rules test --help`.' });
}
