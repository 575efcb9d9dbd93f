import { type JsonMember, readJsonTree } from '../redaction/json-tree.ts';
import { cutToBytes } from './json-text.ts';
import { pythonJson } from './python-json.ts';
import { MIN_BUDGET_BYTES, type WireEvent } from './wire-event.ts';

/**
 * The event as the first guide's script sends it: an EventList of this one item, in Python's spelling of JSON, for people whose
 * own rules look into `items[]`. Nothing is computed and nothing is added. Too long, it loses its bodies, its annotations, its
 * longest members; the script's own answer was to let Wazuh cut the text, which loses all of it.
 *
 * @param item the redacted item as JSON text in UTF-8
 * @throws {RangeError} when the budget is below `MIN_BUDGET_BYTES`; {SyntaxError} when the item is no JSON object
 */
export function shapeGuideEvent(item: Uint8Array, { budgetBytes }: { readonly budgetBytes: number }): Omit<WireEvent, 'late'> {
  if (budgetBytes < MIN_BUDGET_BYTES) throw new RangeError(`a budget of ${budgetBytes} bytes is below ${MIN_BUDGET_BYTES}`);
  const text = Buffer.from(item.buffer, item.byteOffset, item.byteLength).toString();
  const event = readJsonTree(text);
  if (event?.kind !== 'object') throw new SyntaxError('the item is no JSON object');
  const members = event.members.map((member) => written(text, member));
  const trimmed: string[] = [];
  const room = budgetBytes - HEAD.length - TAIL.length;
  const length = (): number => members.reduce((sum, member) => sum + member.json.length + SEPARATOR.length, -SEPARATOR.length);

  for (const name of LEAVES_FIRST) {
    if (length() <= room) break;
    remove(members, name, trimmed);
  }
  // Python's text is ASCII: characters are bytes.
  while (length() > room) shorten(members, trimmed);
  return { json: `${HEAD}${members.map(({ json }) => json).join(SEPARATOR)}${TAIL}`, trimmed };
}

/** The members that API servers write, in the order of their worth to an investigation, the least first. */
const LEAVES_FIRST: readonly string[] = ['responseObject', 'requestObject', 'annotations'];

/** As kube-apiserver writes it around the items. */
const HEAD = '{"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": [{';
const TAIL = '}]}';
const SEPARATOR = ', ';

interface WrittenMember {
  readonly key: string;
  /** `"key": value`. */
  readonly json: string;
  readonly value: string;
}

function written(text: string, { key, value }: JsonMember): WrittenMember {
  const valueText = pythonJson(text.slice(value.start, value.end));
  return { key, json: `${pythonJson(JSON.stringify(key))}: ${valueText}`, value: valueText };
}

function remove(members: WrittenMember[], key: string, trimmed: string[]): void {
  const index = members.findIndex((member) => member.key === key);
  if (index < 0) return;
  members.splice(index, 1);
  trimmed.push(key);
}

/** Cuts the longest member to what analysts still recognise, or takes it out when it is no text. */
function shorten(members: WrittenMember[], trimmed: string[]): void {
  const longest = members.reduce((one, other) => (other.json.length > one.json.length ? other : one));
  const index = members.indexOf(longest);
  const isText = longest.value.startsWith('"') && !trimmed.includes(longest.key);
  if (isText) {
    const value = pythonJson(JSON.stringify(cutToBytes(JSON.parse(longest.value) as string, SHORT_TEXT_BYTES)));
    members[index] = { key: longest.key, json: `${pythonJson(JSON.stringify(longest.key))}: ${value}`, value };
  } else members.splice(index, 1);
  if (!trimmed.includes(longest.key)) trimmed.push(longest.key);
}

/** In Python's escapes up to 6,000 characters. */
const SHORT_TEXT_BYTES = 1_000;
