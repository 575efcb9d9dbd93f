import type { PatternReader } from './pattern-reader.ts';
import type { Node } from './syntax-tree.ts';

/** A reference to what a group captured. The group may be defined later; whether it is, is checked when all is read. */
export function readBackreference(reader: PatternReader, group: number | string): Node {
  reader.references.push({ group, offset: reader.at });
  const groups = typeof group === 'number' ? [group] : groupsNamed(reader, group);
  return { kind: 'backreference', groups, caseless: reader.options.caseless };
}

/** The list of a name grows as groups of that name are read. */
function groupsNamed(reader: PatternReader, name: string): readonly number[] {
  const known = reader.names.get(name) ?? [];
  reader.names.set(name, known);
  return known;
}
