import type { Tactic, Technique } from './mitre-object.ts';
export function techniqueOf(_id: string): Technique | undefined {
  return undefined;
}
export type { Tactic };
