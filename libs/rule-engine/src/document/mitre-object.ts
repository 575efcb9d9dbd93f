import type { Mitre } from '@k8s-audit/wazuh-rules';
import { type ByteString, bytesOf } from '../byte-string.ts';
import { printString } from '../json/strings.ts';

/** A technique of MITRE ATT&CK as Wazuh's database has it. */
export interface Technique {
  readonly name: string;
  readonly tactics: readonly Tactic[];
}

export interface Tactic {
  readonly id: string;
  readonly name: string;
}

/** Undefined: Wazuh's database does not have it, and the alert leaves it out. */
export type TechniqueLookup = (id: string) => Technique | undefined;

/** The alert's `rule.mitre`; undefined when no technique is known. Source: wazuh v4.14.7 src/analysisd/format/to_json.c. */
export function printMitre(mitre: Mitre | undefined, technique: TechniqueLookup): ByteString | undefined {
  if (mitre === undefined) return undefined;
  const { ids, tactics, names } = mitre.pairs.length > 0 ? fromPairs(mitre, technique) : fromIds(mitre, technique);
  return tactics.size === 0 ? undefined : `{"id":${printTexts(ids)},"tactic":${printTexts([...tactics])},"technique":${printTexts(names)}}`;
}

interface MitreTexts {
  readonly ids: readonly string[];
  readonly tactics: ReadonlySet<string>;
  readonly names: readonly string[];
}

/** All ids are told, the unknown ones too, as long as one is known. */
function fromIds({ ids }: Mitre, technique: TechniqueLookup): MitreTexts {
  const known = ids.map(technique).filter((found) => found !== undefined);
  return { ids, tactics: new Set(known.flatMap(({ tactics }) => tactics.map(({ name }) => name))), names: known.map(({ name }) => name) };
}

/** Only pairs that belong together are told. */
function fromPairs({ pairs }: Mitre, technique: TechniqueLookup): MitreTexts {
  const ids: string[] = [];
  const names: string[] = [];
  const tactics = new Set<string>();
  for (const { tacticId, techniqueId } of pairs) {
    const found = technique(techniqueId);
    const tactic = found?.tactics.find(({ id }) => id === tacticId);
    if (found === undefined || tactic === undefined) continue;
    tactics.add(tactic.name);
    if (names.includes(found.name)) continue;
    ids.push(techniqueId);
    names.push(found.name);
  }
  return { ids, tactics, names };
}

function printTexts(texts: readonly string[]): ByteString {
  return `[${texts.map((text) => printString(bytesOf(text))).join(',')}]`;
}
