import { Failure } from '@k8s-audit/failure';
import type { ListCondition } from '@k8s-audit/wazuh-rules';
import { type ByteString, byteStringOf, bytesOf } from '../byte-string.ts';
import { compileOsMatch } from '../expression/osmatch.ts';

/** Key to value. */
export type CdbList = ReadonlyMap<ByteString, ByteString>;

/**
 * A CDB list's source text: `key:value` or `key:` a line; a key that holds ":" stands in quotes, as in `"a:b":value`. A line without
 * a colon is none, and of lines with the same key the first counts. Source: wazuh v4.14.7 src/analysisd/lists_make.c.
 */
export function parseCdbList(text: string | Uint8Array): CdbList {
  const bytes = typeof text === 'string' ? bytesOf(text) : byteStringOf(text);
  const list = new Map<ByteString, ByteString>();
  for (const line of bytes.split('\n')) {
    const parsed = parseLine(line.replace(/\r.*$/s, ''));
    if (parsed !== undefined && !list.has(parsed[0])) list.set(parsed[0], parsed[1]);
  }
  return list;
}

/** Whether the list says yes to a value; the condition's own kind of lookup decides what that means. */
export function compileLookup(condition: ListCondition, list: CdbList): (value: ByteString) => boolean {
  const matchesValue = valueTest(condition.checkValue);
  switch (condition.lookup) {
    case 'match_key':
      return (value) => list.has(value);
    case 'not_match_key':
      return (value) => !list.has(value);
    case 'match_key_value':
      return (value) => matchesValue(list.get(value));
    case 'address_match_key': {
      const find = addressSearch(list);
      return (value) => find(value) !== undefined;
    }
    case 'not_address_match_key': {
      const find = addressSearch(list);
      return (value) => find(value) === undefined;
    }
    case 'address_match_key_value': {
      const find = addressSearch(list);
      // Wazuh takes the answer the wrong way round: lists_list.c, OS_DBSearch, LR_ADDRESS_MATCH_VALUE.
      return (value) => !matchesValue(find(value));
    }
  }
}

function parseLine(line: ByteString): readonly [ByteString, ByteString] | undefined {
  const colon = line.indexOf(':');
  const quote = line.indexOf('"');
  // A quote behind the first colon belongs to the value.
  const isQuoted = quote >= 0 && quote < colon;
  const keyEnd = isQuoted ? line.indexOf('"', quote + 1) : -1;
  const separator = isQuoted ? line.indexOf(':', keyEnd + 1) : colon;
  if (separator < 0 || (isQuoted && keyEnd < 0)) return undefined;
  const value = unquote(line.slice(separator + 1));
  return value === undefined ? undefined : [isQuoted ? line.slice(quote + 1, keyEnd) : line.slice(0, separator), value];
}

/** What stands between the first two quotes, or all if there is none; undefined when a quote stays open. */
function unquote(value: ByteString): ByteString | undefined {
  const quote = value.indexOf('"');
  if (quote < 0) return value;
  const end = value.indexOf('"', quote + 1);
  return end < 0 ? undefined : value.slice(quote + 1, end);
}

/**
 * The address itself, or a dotted beginning of it, the longest first: `192.168.` No CIDR. Only beginnings as long as a key of the
 * list are looked up: an "address" may be 60,000 dots. Source: lists_list.c, OS_DBSeachKeyAddress.
 */
function addressSearch(list: CdbList): (address: ByteString) => ByteString | undefined {
  const lengths = new Set([...list.keys()].filter((key) => key.endsWith('.')).map((key) => key.length));
  const longestFirst = [...lengths].sort((a, b) => b - a);
  return (address) => {
    const exact = list.get(address);
    if (exact !== undefined) return exact;
    for (const length of longestFirst) {
      const value = length <= address.length && address[length - 1] === '.' ? list.get(address.slice(0, length)) : undefined;
      if (value !== undefined) return value;
    }
    return undefined;
  };
}

function valueTest(checkValue: string | undefined): (value: ByteString | undefined) => boolean {
  const compiled = compileOsMatch(bytesOf(checkValue ?? ''));
  if (compiled.kind !== 'compiled')
    throw new Failure('RULES_UNSUPPORTED', `The list value "${checkValue ?? ''}" is no OSMatch pattern.`, { hint: 'Mend check_value.' });
  return (value) => value !== undefined && compiled.expression.match(value, { steps: Number.MAX_SAFE_INTEGER }) === 'match';
}
