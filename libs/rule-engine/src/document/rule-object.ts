import type { Rule } from '@k8s-audit/wazuh-rules';
import { type ByteString, bytesOf } from '../byte-string.ts';
import { printString } from '../json/strings.ts';
import { printMitre, type TechniqueLookup } from './mitre-object.ts';

/** What the alert says of its rule besides the rule itself. */
export interface Firing {
  readonly description: ByteString;
  /** How often the rule has matched so far. */
  readonly firedTimes: number;
  /** logtest tells level 0 as well, behind the other members. Source: logtest.c, w_logtest_process_log. */
  readonly tellsLevelZero: boolean;
}

/** Groups with these prefixes become lists of their own. Source: json_extended.c, W_JSON_ParseGroups. */
const COMPLIANCE: readonly (readonly [prefix: string, key: string])[] = [
  ['pci_dss_', 'pci_dss'],
  ['cis_', 'cis'],
  ['gdpr_', 'gdpr'],
  ['gpg13_', 'gpg13'],
  ['hipaa_', 'hipaa'],
  ['nist_800_53_', 'nist_800_53'],
  ['tsc_', 'tsc'],
];

/** The alert's `rule`, in Wazuh's order of keys. Source: wazuh v4.14.7 src/analysisd/format/to_json.c, json_extended.c. */
export function printRule(rule: Rule, firing: Firing, technique: TechniqueLookup): ByteString {
  const members: ByteString[] = [];
  if (rule.level > 0) members.push(`"level":${rule.level}`);
  members.push(`"description":${printString(firing.description)}`, `"id":"${rule.id}"`);
  const mitre = printMitre(rule.mitre, technique);
  if (mitre !== undefined) members.push(`"mitre":${mitre}`);
  if (rule.cveText !== undefined) members.push(`"cve":${printString(bytesOf(rule.cveText))}`);
  if (rule.infoText !== undefined) members.push(`"info":${printString(bytesOf(rule.infoText))}`);
  if (rule.search !== undefined && rule.search.kind !== 'none') members.push(`"frequency":${rule.correlation?.frequency ?? 2}`);
  if (!rule.alert.noCounter) members.push(`"firedtimes":${firing.firedTimes}`);
  members.push(`"mail":${rule.alert.mail}`);
  const level = rule.level === 0 && firing.tellsLevelZero ? ['"level":0'] : [];
  return `{${[...members, ...printGroups(rule.groupText), ...level].join(',')}}`;
}

/** `groups` first, then the lists of compliance in the order in which they are met. */
function printGroups(groupText: string): readonly ByteString[] {
  const plain: ByteString[] = [];
  const lists = new Map<string, ByteString[]>();
  // json_extended.c copies the text into a buffer of 1024 bytes.
  for (const group of bytesOf(groupText).slice(0, 1_023).split(',')) {
    if (group === '') continue;
    const found = COMPLIANCE.find(([prefix]) => group.startsWith(prefix));
    if (found === undefined) {
      plain.push(group);
      continue;
    }
    const [prefix, key] = found;
    lists.set(key, [...(lists.get(key) ?? []), group.slice(prefix.length)]);
  }
  return [`"groups":${printList(plain)}`, ...[...lists].map(([key, values]) => `"${key}":${printList(values)}`)];
}

export function printList(values: readonly ByteString[]): ByteString {
  return `[${values.map(printString).join(',')}]`;
}
